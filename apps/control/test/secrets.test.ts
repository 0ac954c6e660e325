import { Client } from 'pg';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { decryptSecret, SecretsKey } from '#libs/subscription';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { adminKey, Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
const own = `whsec_${Buffer.from('a secret of my own, 32 bytes lon').toString('base64')}`;

let env: Record<string, string>;
let app: StartedApp;
let api: Api;
/** As shown on creation. */
const secrets: string[] = [];
const ids: string[] = [];
/** Everything the API answered after creation. */
const answers: string[] = [];

beforeAll(async () => {
  env = await control.environment({ LOG_LEVEL: 'trace' });
  app = await startApp('control', env);
  api = new Api(app.url);
  for (const fields of [{}, { secret: own }]) {
    const created = await api.create(fields);
    secrets.push(created.secret);
    ids.push(created.id);
  }
  await goThroughTheirLife();
});

async function goThroughTheirLife(): Promise<void> {
  const requests: [string, string, Record<string, unknown>?][] = ids.flatMap((id) => {
    const path = `/v1/subscriptions/${id}`;
    return [
      ['GET', path],
      ['PATCH', path, { format: 'xml' }],
      ['PATCH', path, { secret: own }],
      ['POST', `${path}/disable`],
      ['POST', `${path}/enable`],
    ] as [string, string, Record<string, unknown>?][];
  });
  requests.push(
    ['GET', '/v1/subscriptions'],
    ['POST', '/v1/subscriptions', { secret: own, url: 'x' }],
    ['POST', '/v1/subscriptions', { database: 'acme', secret: `${own}!` }],
    ['GET', `/v1/subscriptions/${own}`],
    ['GET', `/v1/subscriptions?cursor=${encodeURIComponent(own)}`],
  );
  for (const [method, path, body] of requests) {
    const answer = await api.call(method, path, body === undefined ? {} : { body });
    // What the caller put into the path comes back in the answer: that is no leak.
    answers.push(answer.text.replace(`"${own.slice(0, 64)}\\"`, ''));
  }
  const half = `{"secret": "${own}"`;
  answers.push((await api.call('POST', '/v1/subscriptions', { body: half })).text);
}

/** A secret in any of the forms in which it could show. */
function formsOf(secret: string): string[] {
  const encoded = secret.slice('whsec_'.length);
  const bytes = Buffer.from(encoded, 'base64');
  return [encoded, bytes.toString('hex'), bytes.toString('base64url'), bytes.toString('latin1')];
}

function expectNoSecretIn(text: string): void {
  const found = secrets.flatMap(formsOf).filter((form) => text.includes(form));
  expect(found).toEqual([]);
}

/** Every row of every table of the database, as text. */
async function dump(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'relay_control'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    texts.push(...rows.map(({ row }) => row));
  }
  await client.end();
  return texts.join('\n');
}

describe('a signing secret is shown once, on creation, and stands nowhere else', () => {
  it('not in any other answer of the API', () => {
    expect(secrets).toEqual([expect.stringMatching(/^whsec_/), own]);
    expect(answers.filter((text) => text.includes('sub_')).length).toBeGreaterThan(8);
    expectNoSecretIn(answers.join('\n'));
  });

  it('not in Postgres, where it is encrypted', async () => {
    const text = await dump(env['DATABASE_URL'] ?? '');
    expect(text).toContain(ids[0]);
    expect(text).toContain('v1.');
    expectNoSecretIn(text);
  });

  it('not in the topic, where those who have the key can read it', async () => {
    const records = await control.published();
    const bytes = Buffer.concat(records.map(({ value }) => value ?? Buffer.alloc(0)));
    expectNoSecretIn(bytes.toString('latin1'));
    const states = await control.publishedStates();
    const key = SecretsKey.fromBase64(env['SECRETS_KEY'] ?? '');
    const read = ids.map((id) => states.get(id)?.secrets.map((text) => decryptSecret(key, text)));
    expect(read).toEqual(secrets.map((secret) => [secret]));
  });

  it('not in the log, nor do the keys and the password of Postgres', async () => {
    expect(await app.stop()).toBe(0);
    const log = app.output();
    expect(log).toContain('starting');
    expectNoSecretIn(log);
    expect(log).not.toContain(adminKey);
    expect(log).not.toContain(env['SECRETS_KEY']);
    expect(log).not.toMatch(/:\/\/[^:/\s]+:(?!\*\*\*@)[^@\s]+@/);
  });
});
