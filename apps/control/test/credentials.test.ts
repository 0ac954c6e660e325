import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { decryptSecret, publicKeyOf, SecretsKey, type Subscription } from '#libs/subscription';
import { certificatePem, privateKeyPem } from '../../../test/harness/certificates.js';
import { Api, aSubscription, controlUnderTest } from './control-under-test.js';
import { wrongCredentials, wrongHeaders, wrongSignatures } from './wrong-credentials.js';
import type { WrongField } from './wrong-fields.js';

const control = controlUnderTest();
let api: Api;
let key: SecretsKey;
let id: string;

beforeAll(async () => {
  const env = await control.environment();
  key = SecretsKey.fromBase64(env['SECRETS_KEY'] ?? '');
  const { port } = await control.start(env);
  api = new Api(`http://127.0.0.1:${port}`);
  id = (await api.create()).id;
});

async function published(subscriptionId: string): Promise<Subscription> {
  const subscription = (await control.publishedStates()).get(subscriptionId);
  if (subscription === undefined) throw new Error(`${subscriptionId} is not published`);
  return subscription;
}

const opened = (text: string | null): unknown =>
  text === null ? null : (JSON.parse(decryptSecret(key, text)) as unknown);
const secretsOf = ({ secrets }: Subscription): string[] => secrets.map((text) => decryptSecret(key, text));
const change = (fields: Record<string, unknown>, of = id): ReturnType<Api['call']> =>
  api.call('PATCH', `/v1/subscriptions/${of}`, { body: fields });

function saying(says: string | RegExp): unknown {
  return typeof says === 'string' ? says : expect.stringMatching(says);
}

async function expectRefused(wrong: WrongField): Promise<void> {
  for (const path of ['/v1/subscriptions', `/v1/subscriptions/${id}`]) {
    const isNew = path === '/v1/subscriptions';
    const body = isNew ? { ...aSubscription, ...wrong.fields } : wrong.fields;
    const answer = await api.call(isNew ? 'POST' : 'PATCH', path, { body });
    expect(answer.status).toBe(422);
    const errors = answer.body['errors'] as { field: string; message: string }[];
    const error = errors.find(({ field }) => field === wrong.field);
    expect(error?.message).toEqual(saying(wrong.says));
  }
}

describe('fault 69: headers that break or forge a request are refused when they are entered', () => {
  it.each(wrongHeaders)('$what', expectRefused);

  it('takes what is right: 20 headers, names of any token, values up to 1,000 bytes, none', async () => {
    const names = Array.from({ length: 17 }, (_, index) => `X-${index}`);
    const headers = {
      ...Object.fromEntries(names.map((name) => [name, 'x'.repeat(1_000)])),
      "!#$%&'*+.^_`|~-": 'a b,c;d="e"',
      'X-Empty': '',
      Authorization: 'Token x',
    };
    const created = await api.create({ headers });
    expect(created['headerNames']).toEqual(Object.keys(headers));
    expect(opened((await published(created.id)).headers)).toEqual(Object.entries(headers));
  });

  it('sees that Authorization and auth come together in two steps', async () => {
    const { id: other } = await api.create({ headers: { Authorization: 'Token x' } });
    const auth = { type: 'bearer', token: 'abcdefg' };
    expect((await change({ auth }, other)).status).toBe(422);
    expect((await change({ auth, headers: null }, other)).status).toBe(200);
    expect((await change({ headers: { authorization: 'Token x' } }, other)).status).toBe(422);
  });
});

describe('credentials that cannot work are refused when they are entered', () => {
  it.each(wrongCredentials)('$what', expectRefused);

  it.each(wrongSignatures)('$what', async ({ fields, field, says }) => {
    const answer = await api.call('POST', '/v1/subscriptions', { body: { ...aSubscription, ...fields } });
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual([expect.objectContaining({ field, message: saying(says) })]);
  });

  it('leave the subscription as it was', async () => {
    const before = (await api.get(`/v1/subscriptions/${id}`)).body;
    expect(before).toMatchObject({ headerNames: [], auth: null, clientCertificate: null });
  });
});

describe('credentials', () => {
  const secret = 'a very secret text';
  const oauth2 = {
    type: 'oauth2ClientCredentials',
    tokenUrl: 'https://shop.example/token',
    clientId: 'relay',
    clientSecret: secret,
  };

  it.each([
    [{ type: 'basic', username: 'odoo', password: secret }, { type: 'basic', username: 'odoo' }, {}],
    [{ type: 'bearer', token: 'a-very-secret-text' }, { type: 'bearer' }, {}],
    [
      oauth2,
      { type: oauth2.type, tokenUrl: oauth2.tokenUrl, clientId: 'relay', clientAuthentication: 'basic' },
      { clientAuthentication: 'basic' },
    ],
    [
      { type: 'oauth1', consumerKey: 'k', consumerSecret: secret, token: secret, tokenSecret: secret },
      { type: 'oauth1', consumerKey: 'k', signatureMethod: 'HMAC-SHA256' },
      { signatureMethod: 'HMAC-SHA256' },
    ],
  ])(
    'are published encrypted with their defaults, and shown without secrets: %j',
    async (auth, shown, added) => {
      const created = await api.create({ auth, headers: { 'X-Key': secret } });
      const answers = [created, (await api.get(`/v1/subscriptions/${created.id}`)).body];
      for (const answer of answers) expect(answer).toMatchObject({ auth: shown, headerNames: ['X-Key'] });
      expect(answers[0]?.['auth']).toEqual(shown);
      expect(JSON.stringify(answers)).not.toMatch(/a.very.secret.text/);
      const subscription = await published(created.id);
      expect(opened(subscription.auth)).toEqual({ ...auth, ...added });
      expect(
        JSON.stringify(subscription, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)),
      ).not.toMatch(/a.very.secret.text/);
    },
  );

  it('of mutual TLS are shown by what the certificate says', async () => {
    const clientCertificate = {
      certificatePem: certificatePem('relay'),
      privateKeyPem: privateKeyPem('relay'),
      caPem: certificatePem('authority'),
    };
    const created = await api.create({ clientCertificate });
    expect(created['clientCertificate']).toEqual({
      subject: 'CN=relay of acme',
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      expiresAt: expect.stringMatching(/^21\d\d-/),
    });
    expect(opened((await published(created.id)).clientCertificate)).toEqual(clientCertificate);
    expect((await change({ url: 'http://shop.example/' }, created.id)).status).toBe(422);
  });

  it('stay when a change does not name them, and go with null', async () => {
    const { id: own } = await api.create({ auth: oauth2, headers: { 'X-Key': 'x' } });
    const kept = await change({ format: 'xml' }, own);
    expect(kept.body).toMatchObject({ auth: { clientId: 'relay' }, headerNames: ['X-Key'] });
    const { auth } = await published(own);
    expect(opened(auth)).toMatchObject({ clientSecret: secret });
    const gone = await change({ auth: null, headers: {} }, own);
    expect(gone.body).toMatchObject({ auth: null, headerNames: [] });
    expect(await published(own)).toMatchObject({ auth: null, headers: null, format: 'xml' });
  });
});

describe('the signing secret', () => {
  const rotate = (of: string, body: unknown = {}): ReturnType<Api['call']> =>
    api.call('POST', `/v1/subscriptions/${of}/rotate-secret`, { body });

  it('may be an ed25519 key, whose public part is shown', async () => {
    const created = await api.create({ signature: 'ed25519' });
    expect(created.secret).toMatch(/^whsk_/);
    expect(created).toMatchObject({ signature: 'ed25519', publicKey: publicKeyOf(created.secret) });
    const own = `whsk_${randomBytes(32).toString('base64')}`;
    const brought = await api.create({ signature: 'ed25519', secret: own });
    expect(brought['publicKey']).toBe(publicKeyOf(own));
    expect(secretsOf(await published(brought.id))).toEqual([own]);
  });

  it('is replaced: the new one is shown once, the old one signs for a day more', async () => {
    const created = await api.create();
    const beforeMs = Date.now();
    const answer = await rotate(created.id);
    expect(answer.status).toBe(200);
    const secret = String(answer.body['secret']);
    expect(secret).toMatch(/^whsec_/);
    const subscription = await published(created.id);
    expect(secretsOf(subscription)).toEqual([secret, created.secret]);
    const graceMs = Number(subscription.previousSecretUntilMs) - beforeMs;
    expect([graceMs >= 86_400_000, graceMs < 86_500_000]).toEqual([true, true]);
    const shown = (await api.get(`/v1/subscriptions/${created.id}`)).body;
    const until = new Date(Number(subscription.previousSecretUntilMs)).toISOString();
    expect([shown['previousSecretUntil'], shown['secret']]).toEqual([until, undefined]);
  });

  it('that was replaced twice is gone, as it is at once with no grace', async () => {
    const created = await api.create();
    const [second, third] = [await rotate(created.id), await rotate(created.id, { graceMs: 60_000 })];
    const both = [third.body['secret'], second.body['secret']];
    expect(secretsOf(await published(created.id))).toEqual(both);
    const last = await rotate(created.id, { graceMs: 0 });
    expect(last.body['previousSecretUntil']).toBeNull();
    const subscription = await published(created.id);
    expect(secretsOf(subscription)).toEqual([last.body['secret']]);
    expect(subscription.previousSecretUntilMs).toBeNull();
  });

  it('may become one of the other kind, and stays of its kind where none is named', async () => {
    const created = await api.create();
    const first = await rotate(created.id, { signature: 'ed25519' });
    expect(first.body).toMatchObject({ signature: 'ed25519', publicKey: expect.stringMatching(/^whpk_/) });
    expect((await rotate(created.id)).body['secret']).toMatch(/^whsk_/);
    const back = await rotate(created.id, { signature: 'hmac' });
    expect(back.body).toMatchObject({ signature: 'hmac', publicKey: null });
  });

  it.each([
    [{ graceMs: -1 }, 'graceMs'],
    [{ graceMs: 604_800_001 }, 'graceMs'],
    [{ graceMs: 1.5 }, 'graceMs'],
    [{ graceMs: '1' }, 'graceMs'],
    [{ graceMs: null }, 'graceMs'],
    [{ signature: 'rsa' }, 'signature'],
    [{ secret: 'whsec_x' }, 'secret'],
  ])('is not replaced where that is asked for wrongly: %j', async (body, field) => {
    const answer = await rotate(id, body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toMatchObject([{ field }]);
    expect((await published(id)).secrets).toHaveLength(1);
  });

  it('of a subscription that is not there', async () => {
    expect((await rotate('sub_00000000000000000000000000')).status).toBe(404);
  });
});
