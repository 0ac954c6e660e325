import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { delay } from '#libs/process';
import { decryptSecret, encryptSecret, SecretsKey } from '#libs/subscription';
import { plainLogger, silentLogger } from '#libs/telemetry';
import { eventually } from '../../../test/harness/eventually.js';
import { testStack } from '../../../test/harness/stack.js';
import { Outbox } from '../src/feed/outbox.js';
import { openDataSource } from '../src/persistence/data-source.js';
import { Reencryption } from '../src/secrets/reencryption.js';
import { requireReadableSecrets } from '../src/secrets/sealed-tables.js';
import { SecretsRotation } from '../src/secrets/secrets-rotation.js';

const stack = testStack();
const [oldText, newText] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const [oldKey, newKey] = [SecretsKey.fromBase64(oldText), SecretsKey.fromBase64(newText)];
const newFirst = SecretsKey.fromBase64(`${newText},${oldText}`);
const oldFirst = SecretsKey.fromBase64(`${oldText},${newText}`);

let databaseUrl: string;
let dataSource: DataSource;
let said: string[];
const running: SecretsRotation[] = [];

beforeEach(async () => {
  databaseUrl = await stack.freshDatabase();
  dataSource = await openDataSource(databaseUrl, silentLogger);
  said = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((rotation) => rotation.stop()));
  await dataSource.destroy();
});

const logger = plainLogger((sentence) => said.push(sentence));
const partsWith = (key: SecretsKey): ConstructorParameters<typeof Reencryption>[0] => ({
  dataSource,
  outbox: new Outbox(dataSource),
  key,
  logger,
});

function rotate(key: SecretsKey): SecretsRotation {
  const rotation = new SecretsRotation({ ...partsWith(key), databaseUrl });
  running.push(rotation);
  rotation.start();
  return rotation;
}

/** Rows of the table whose key has two columns. */
async function addItems(count: number, text: () => string): Promise<void> {
  for (let index = 0; index < count; index++) {
    await dataSource.query(
      'INSERT INTO relay_control.oauth2_items (kind, id_hash, payload) VALUES ($1, $2, $3)',
      [index % 3 === 0 ? 'Grant' : 'Session', `item-${String(index)}`, text()],
    );
  }
}

async function keyIds(): Promise<Record<string, number>> {
  const rows = await dataSource.query<{ id: string; count: number }[]>(
    `SELECT split_part(payload, '.', 2) AS id, count(*)::integer AS count
     FROM relay_control.oauth2_items GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ id, count }) => [id, count]));
}

const isSaidThatDone = (): boolean => said.some((sentence) => sentence.startsWith('all secrets'));

describe('encrypting with the first key', () => {
  it('takes every row once, over many batches', async () => {
    await addItems(173, () => encryptSecret(oldKey, 'a secret'));
    const reencryption = new Reencryption(partsWith(newFirst));
    expect(await reencryption.left()).toBe(173);
    await reencryption.run(() => true);
    expect([await reencryption.left(), await keyIds()]).toEqual([0, { [newKey.id]: 173 }]);
    const rows = await dataSource.query<{ payload: string }[]>(
      'SELECT payload FROM relay_control.oauth2_items',
    );
    expect(new Set(rows.map(({ payload }) => decryptSecret(newKey, payload)))).toEqual(new Set(['a secret']));
  });

  it('leaves what somebody works on for later, and does not wait', async () => {
    await addItems(60, () => encryptSecret(oldKey, 'a secret'));
    const reencryption = new Reencryption(partsWith(newFirst));
    await dataSource.transaction(async (manager) => {
      await manager.query(`SELECT FROM relay_control.oauth2_items WHERE id_hash = 'item-7' FOR UPDATE`);
      await reencryption.run(() => true);
    });
    expect(await reencryption.left()).toBe(1);
    await reencryption.run(() => true);
    expect(await reencryption.left()).toBe(0);
  });

  it('is not kept from the rest by a row that was changed, and never says that it is done', async () => {
    await addItems(3, () => encryptSecret(oldKey, 'a secret'));
    const changed = `v1.${oldKey.id}.${randomBytes(12).toString('base64url')}.${randomBytes(40).toString('base64url')}`;
    await dataSource.query('INSERT INTO relay_control.oauth2_keys (id, jwk) VALUES ($1, $2)', ['k', changed]);
    rotate(newFirst);
    await eventually(async () => (await keyIds())[newKey.id] === 3);
    await eventually(() => said.includes('a secret stays as it is'));
    await delay(1_000);
    expect(isSaidThatDone()).toBe(false);
    await expect(requireReadableSecrets(dataSource, newKey)).rejects.toThrow(
      `secrets in oauth2_keys were encrypted with another SECRETS_KEY (key id ${oldKey.id}, here ${newKey.id})`,
    );
  });
});

describe('the log says that an older key may be removed', () => {
  it('not before the topic has what Postgres has', async () => {
    await addItems(3, () => encryptSecret(oldKey, 'a secret'));
    await new Outbox(dataSource).append(dataSource.manager, { subscriptionId: 'sub_1' });
    rotate(newFirst);
    await eventually(async () => (await keyIds())[newKey.id] === 3);
    await delay(1_000);
    expect(isSaidThatDone()).toBe(false);
    await dataSource.query('DELETE FROM relay_control.topic_outbox');
    await eventually(isSaidThatDone);
  });

  it('not with one key, which has nothing to do', async () => {
    rotate(newKey);
    await delay(1_000);
    expect(said).toEqual([]);
  });
});

it('of instances with different first keys one has its way as long as it runs, then the next', async () => {
  await addItems(10, () => encryptSecret(oldKey, 'a secret'));
  const first = rotate(oldFirst);
  await eventually(isSaidThatDone);
  rotate(newFirst);
  await delay(1_000);
  expect(await keyIds()).toEqual({ [oldKey.id]: 10 });
  await first.stop();
  await eventually(async () => (await keyIds())[newKey.id] === 10);
});
