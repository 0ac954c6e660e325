import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { Client } from 'pg';
import { decryptSecret, encryptSecret, SecretsKey } from '#libs/subscription';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { eventually } from '../../../test/harness/eventually.js';
import { certificatePem, privateKeyPem } from '../../../test/harness/certificates.js';
import { BrowserSession, type ShownPage } from './browser-session.js';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
const [oldText, newText] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const [oldKey, newKey] = [SecretsKey.fromBase64(oldText), SecretsKey.fromBase64(newText)];
const password = 'correct horse battery';
const callback = 'https://shipper.example/odoo/connected';
/** What is encrypted, as it was entered. */
const entered = {
  header: 'header-value-77c9b2',
  password: 'pass-word-31aa90',
  totp: 'totp-secret-4e1b77',
  token: 'token-secret-90ad31',
};
const doneLog = 'are encrypted with the first key of SECRETS_KEY';

const keyFile = join(tmpdir(), `relay-secrets-${randomBytes(4).toString('hex')}`);

let env: Record<string, string>;
let app: StartedApp;
let api: Api;
/** Everything that instances have printed. */
const logs: string[] = [];

async function startWith(keys: Record<string, string>): Promise<void> {
  app = await startApp('control', { ...env, ...keys });
  env['HTTP_PORT'] = String(app.port);
  api = new Api(`http://localhost:${app.port}`);
}

async function restartWith(keys: Record<string, string>): Promise<void> {
  expect(await app.stop()).toBe(0);
  logs.push(app.output());
  await startWith(keys);
}

async function query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const database = new Client({ connectionString: env['DATABASE_URL'] });
  await database.connect();
  const { rows } = await database.query<Row>(sql, values);
  await database.end();
  return rows;
}

/** The text of each encrypted column of each table, by table. */
async function sealedTexts(): Promise<Record<string, string[]>> {
  const columns: [string, string][] = [
    ['subscriptions', 'array_remove(secrets || ARRAY[headers, auth, client_certificate], NULL)'],
    ['application_credentials', 'array_remove(ARRAY[secret, previous_secret], NULL)'],
    ['accounts', 'array_remove(ARRAY[totp_secret, totp_offered], NULL)'],
    ['oauth1_tokens', 'ARRAY[secret]'],
    ['oauth1_temporary_credentials', 'ARRAY[secret]'],
    ['oauth2_keys', 'ARRAY[jwk]'],
    ['oauth2_items', 'ARRAY[payload]'],
    ['idempotency_keys', 'array_remove(ARRAY[answer], NULL)'],
  ];
  const found = columns.map(async ([table, texts]) => {
    const rows = await query<{ texts: string[] }>(`SELECT ${texts} AS texts FROM relay_control.${table}`);
    return [table, rows.flatMap((row) => row.texts)] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

const keyIdsOf = (texts: readonly string[]): string[] => [
  ...new Set(texts.map((text) => text.split('.')[1] ?? '')),
];

let plain: { id: string; secret: string };
/** As shown when it was replaced, and before. */
const secrets: string[] = [];
let full: string;
let oauth2: { config: client.Configuration; token: string };
let consent: { browser: BrowserSession; shown: ShownPage; verifier: string };

const creation = {
  headers: { 'idempotency-key': '"rotation-1"' },
  body: {
    database: 'acme',
    eventTypes: ['product.created'],
    url: 'https://shop.example/hooks/odoo',
  },
};

async function createThings(): Promise<void> {
  plain = (await api.call('POST', '/v1/subscriptions', creation)).body as typeof plain;
  const created = await api.create({
    headers: { 'X-Key': entered.header },
    auth: { type: 'basic', username: 'u', password: entered.password },
    clientCertificate: {
      certificatePem: certificatePem('relay'),
      privateKeyPem: privateKeyPem('relay'),
    },
  });
  full = created.id;
  const rotated = await api.call('POST', `/v1/subscriptions/${full}/rotate-secret`, { body: {} });
  secrets.push(String(rotated.body['secret']), created.secret);
  const { body: application } = await api.call('POST', '/v1/applications', {
    body: { name: 'Shipper', redirectUrls: [callback] },
  });
  const applicationId = String(application['id']);
  const credentialOf = async (kind: string): Promise<Record<string, unknown>> =>
    (await api.call('POST', `/v1/applications/${applicationId}/credentials`, { body: { kind } })).body;
  const { id: consumer } = await credentialOf('oauth1-consumer');
  const path = `/v1/applications/${applicationId}/credentials/${String(consumer)}/rotate-secret`;
  await api.call('POST', path, { body: {} });
  const { id, secret } = await credentialOf('oauth2-client');
  await api.call('POST', '/v1/accounts', { body: { email: 'ada@example.com', password } });
  await beginOAuth2(String(id), String(secret));
  const [totp, token] = [encryptSecret(oldKey, entered.totp), encryptSecret(oldKey, entered.token)];
  await query('UPDATE relay_control.accounts SET totp_secret = NULL, totp_offered = $1', [totp]);
  await query(
    `INSERT INTO relay_control.oauth1_tokens (id, secret, consumer_key, application_id, account_id, created_at)
     SELECT 'token-' || n, $1, 'key', $2, 'account', now() FROM generate_series(1, 120) AS n`,
    [token, applicationId],
  );
  await query(
    `INSERT INTO relay_control.oauth1_temporary_credentials
       (token, secret, consumer_key, application_id, callback, ends_at)
     VALUES ('temporary', $1, 'key', $2, 'oob', now() + interval '10 minutes')`,
    [token, applicationId],
  );
}

/** A token, and somebody who has been asked and has not answered yet. */
async function beginOAuth2(id: string, secret: string): Promise<void> {
  const config = await client.discovery(
    new URL(`${api.url}/oauth2`),
    id,
    undefined,
    client.ClientSecretBasic(secret),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out: it is for tests
    { execute: [client.allowInsecureRequests] },
  );
  const { access_token: token } = await client.clientCredentialsGrant(config, {
    scope: 'subscriptions:read',
  });
  oauth2 = { config, token };
  const browser = new BrowserSession(api.url);
  await browser.submit(await browser.get('/sign-in'), '/sign-in', { email: 'ada@example.com', password });
  const verifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'subscriptions:read',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const shown = await follow(browser, await browser.get(url.pathname + url.search));
  consent = { browser, shown, verifier };
}

async function follow(browser: BrowserSession, page: ShownPage): Promise<ShownPage> {
  let shown = page;
  while (shown.location?.startsWith('/') === true || shown.location?.startsWith(api.url) === true) {
    shown = await browser.get(shown.location);
  }
  return shown;
}

const tokenStatus = async (): Promise<number> => {
  const headers = { authorization: `Bearer ${oauth2.token}` };
  return (await api.call('GET', '/v1/subscriptions', { headers })).status;
};

/** What delivery reads of the topic with this key. */
async function readTopic(key: SecretsKey): Promise<unknown> {
  const states = await control.publishedStates();
  const { secrets: sealed = [], headers, auth } = states.get(full) ?? {};
  return {
    plain: states.get(plain.id)?.secrets.map((text) => decryptSecret(key, text)),
    full: sealed.map((text) => decryptSecret(key, text)),
    headers: JSON.parse(decryptSecret(key, headers ?? '')) as unknown,
    auth: JSON.parse(decryptSecret(key, auth ?? '')) as unknown,
  };
}

const expectedInTopic = (): unknown => ({
  plain: [plain.secret],
  full: secrets,
  headers: [['X-Key', entered.header]],
  auth: { type: 'basic', username: 'u', password: entered.password },
});

beforeAll(async () => {
  env = await control.environment({ LOG_LEVEL: 'trace' });
  await startWith({ SECRETS_KEY: oldText });
  await createThings();
}, 120_000);
afterAll(async () => {
  await app.stop();
  rmSync(keyFile, { force: true });
});

describe('SECRETS_KEY is replaced while everything goes on', () => {
  it('what is used is encrypted with the old one, in every table', async () => {
    const used = Object.entries(await sealedTexts()).map(([table, texts]) => [table, keyIdsOf(texts)]);
    expect(used.every(([, ids]) => String(ids) === oldKey.id)).toBe(true);
    expect(used).toHaveLength(8);
  });

  it('with the new one alone control does not start, and names the key that is missing', async () => {
    const said = await startApp('control', { ...env, HTTP_PORT: '0', SECRETS_KEY: newText }).then(
      () => 'it started',
      (error: unknown) => String(error),
    );
    expect(said).toContain('ended (78)');
    expect(said).toContain(`another SECRETS_KEY (key id ${oldKey.id}, here ${newKey.id})`);
    expect(said).toContain('subscriptions, application_credentials, accounts, oauth1_tokens');
    logs.push(said);
  });

  it('the new one as the second changes nothing', async () => {
    await restartWith({ SECRETS_KEY: `${oldText},${newText}` });
    await eventually(() => app.output().includes(doneLog));
    expect(new Set(Object.values(await sealedTexts()).flatMap(keyIdsOf))).toEqual(new Set([oldKey.id]));
    expect(await tokenStatus()).toBe(200);
  });

  it('as the first, every row gets it and the log says how many are left and when it is done', async () => {
    const { headers } = await api.get(`/v1/subscriptions/${full}`);
    await restartWith({ SECRETS_KEY: `${newText},${oldText}` });
    await eventually(() => app.output().includes(doneLog));
    expect(new Set(Object.values(await sealedTexts()).flatMap(keyIdsOf))).toEqual(new Set([newKey.id]));
    const lines = app.logLines();
    const left = lines.flatMap((line) => (typeof line['left'] === 'number' ? [line['left']] : []));
    expect(left[0]).toBeGreaterThan(120);
    expect(left.at(-1)).toBe(0);
    const done = lines.find(({ msg }) => String(msg).includes(doneLog));
    expect(done).toMatchObject({ firstKey: newKey.id, otherKeys: [oldKey.id] });
    // For who changes it nothing has changed.
    expect((await api.get(`/v1/subscriptions/${full}`)).headers.get('etag')).toBe(headers.get('etag'));
  });

  it('then the topic can be read with the new one alone', async () => {
    expect(await readTopic(newKey)).toEqual(expectedInTopic());
  });

  it('what was begun before goes on: tokens, a repeated request, and who was being asked', async () => {
    expect(await tokenStatus()).toBe(200);
    const again = await api.call('POST', '/v1/subscriptions', creation);
    expect([again.status, again.body['secret']]).toEqual([201, plain.secret]);
    const { browser, shown, verifier } = consent;
    const action = /action="(\/consent\/[^"]+)"/.exec(shown.text)?.[1] ?? '';
    const led = await follow(browser, await browser.submit(shown, action, { decision: 'allow' }));
    const back = new URL(led.location ?? '');
    const tokens = await client.authorizationCodeGrant(oauth2.config, back, { pkceCodeVerifier: verifier });
    expect(tokens.scope).toBe('subscriptions:read');
  });

  it('what an instance with the old one first writes meanwhile is found at the next start', async () => {
    const late = encryptSecret(oldKey, entered.token);
    await query(`UPDATE relay_control.oauth1_tokens SET secret = $1 WHERE id = 'token-7'`, [late]);
    writeFileSync(keyFile, `${newText}\n${oldText}\n`, { mode: 0o600 });
    await restartWith({ SECRETS_KEY: '', SECRETS_KEY_FILE: keyFile });
    await eventually(() => app.output().includes(doneLog));
    const { oauth1_tokens: texts = [] } = await sealedTexts();
    expect(keyIdsOf(texts)).toEqual([newKey.id]);
    expect(texts.filter((text) => decryptSecret(newKey, text) !== entered.token)).toEqual([]);
  });

  it('the old one is needed no more', async () => {
    await restartWith({ SECRETS_KEY: newText });
    expect(await tokenStatus()).toBe(200);
    const { accounts = [] } = await sealedTexts();
    expect(accounts.map((text) => decryptSecret(newKey, text))).toEqual([entered.totp]);
    const { status } = await api.call('PATCH', `/v1/subscriptions/${full}`, { body: { format: 'xml' } });
    expect(status).toBe(200);
    expect(await readTopic(newKey)).toEqual(expectedInTopic());
    expect(await client.clientCredentialsGrant(oauth2.config)).toMatchObject({ token_type: 'bearer' });
  });

  it('fault 98: neither keys nor secrets stand in logs or errors, whatever went right or wrong', () => {
    logs.push(app.output());
    const log = logs.join('\n');
    expect(log).toContain(newKey.id);
    const hidden = [oldText, newText, ...secrets, plain.secret, ...Object.values(entered), oauth2.token];
    expect(hidden.filter((text) => log.includes(text.replace(/^whsec_/, '')))).toEqual([]);
    expect(log).not.toMatch(/v1\.[0-9a-f]{8}\./);
  });
});
