import { Client } from 'pg';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { decryptSecret, SecretsKey } from '#libs/subscription';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { certificatePem, privateKeyPem } from '../../../test/harness/certificates.js';
import { adminKey, Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
const own = `whsec_${Buffer.from('a secret of my own, 32 bytes lon').toString('base64')}`;

let env: Record<string, string>;
let app: StartedApp;
let api: Api;
/** What a subscription's requests carry, as it was entered, in the forms in which it could show. */
const entered = {
  client: 'client-secret-5e1d0a',
  header: 'header-value-77c9b2',
  password: 'pass-word-31aa90',
  key: privateKeyPem('relay').split('\n')[1] ?? '',
};
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
  await goThroughCredentials();
});

const oauth2 = {
  type: 'oauth2ClientCredentials',
  tokenUrl: 'https://shop.example/token',
  clientId: 'relay',
  clientSecret: entered.client,
};

/** Enters credentials rightly and wrongly, and replaces a secret, whose new one is shown once. */
async function goThroughCredentials(): Promise<void> {
  const clientCertificate = {
    certificatePem: certificatePem('relay'),
    privateKeyPem: privateKeyPem('relay'),
  };
  const headers = { 'X-Key': entered.header };
  const wrong: unknown[] = [
    { auth: { ...oauth2, tokenUrl: 'http://10.0.0.1' } },
    { auth: { ...oauth2, type: 'other' } },
    { auth: { type: 'basic', username: 'a:b', password: entered.password } },
    { auth: entered.password },
    { headers: { 'X-Key': `${entered.header}\n` } },
    { headers: { 'X Key': entered.header } },
    { clientCertificate: { ...clientCertificate, certificatePem: certificatePem('other') } },
    { clientCertificate: privateKeyPem('relay') },
  ];
  const right = { auth: oauth2, headers, clientCertificate };
  const { id, secret } = await api.create(right);
  const path = `/v1/subscriptions/${id}`;
  for (const body of [
    right,
    { auth: { type: 'basic', username: 'u', password: entered.password } },
    ...wrong,
  ]) {
    answers.push((await api.call('PATCH', path, { body })).text);
  }
  const rotated = await api.call('POST', `${path}/rotate-secret`, { body: {} });
  secrets.push(secret, String(rotated.body['secret']));
  answers.push((await api.get(path)).text);
}

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
  const forms = [...secrets.flatMap(formsOf), ...Object.values(entered)];
  const found = forms.filter((form) => text.includes(form));
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

describe('fault 98: a secret is shown once at most, when it is made, and stands nowhere else', () => {
  it('not in any other answer of the API', () => {
    const shown = expect.stringMatching(/^whsec_/);
    expect(secrets).toEqual([shown, own, shown, shown]);
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
    expect(read).toEqual(secrets.slice(0, ids.length).map((secret) => [secret]));
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
