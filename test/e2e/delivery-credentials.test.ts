import { createHash, createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newSigningSecret, publicKeyOf, type Subscription } from '#libs/subscription';
import type { StartedApp } from '../harness/apps.js';
import { certificatePem, privateKeyPem } from '../harness/certificates.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../harness/receiver.js';
import { refusalOf } from '../harness/signatures.js';
import { testStack } from '../harness/stack.js';
import { DeliveryFixture } from './delivery-fixture.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
let tls: Receiver;
let tokens: Receiver;
let last = 0;
let app: StartedApp;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  tls = await startReceiver(200, {
    cert: certificatePem('receiver'),
    key: privateKeyPem('receiver'),
    ca: certificatePem('authority'),
    requestCert: true,
  });
  tokens = await startReceiver(({ index }) => ({
    status: 200,
    body: JSON.stringify({ access_token: `token-${index}`, token_type: 'bearer', expires_in: 3600 }),
  }));
  app = await fixture.startApp({ LOG_LEVEL: 'trace' });
});
beforeEach(() => {
  receiver.answer(200);
  for (const each of [receiver, tls, tokens]) each.forget();
});
afterAll(async () => {
  await fixture.close();
  await Promise.all([receiver, tls, tokens].map((each) => each.close()));
});

/** Subscribes, sends one delivery and gives the requests that came of it, which must be signed rightly. */
async function deliver(
  fields: Parameters<DeliveryFixture['subscription']>[2],
  given: { to?: Receiver; url?: string; requests?: number; key?: string } = {},
): Promise<readonly ReceivedRequest[]> {
  const { to = receiver, requests = 1, key = fixture.secret } = given;
  const id = `sub-${++last}`;
  const subscription: Subscription = fixture.subscription(id, given.url ?? to.url, fields);
  await fixture.subscribe(subscription);
  await fixture.send([fixture.task(id)]);
  await eventually(() => to.requests.length >= requests);
  await eventually(() => fixture.isQuiet());
  expect(to.requests.map((request) => refusalOf(request, key))).toEqual(to.requests.map(() => undefined));
  return to.requests;
}

const sealed = (value: unknown): string => fixture.sealed(value);

describe('a request carries what its subscription asks for', () => {
  it('custom headers, as they were given', async () => {
    const headers = sealed([
      ['X-Shop', '7'],
      ['X-Key', 'a b;c="d"'],
    ]);
    const [request] = await deliver({ headers });
    expect(request?.headers).toMatchObject({ 'x-shop': '7', 'x-key': 'a b;c="d"' });
    expect(request?.headers).not.toHaveProperty('authorization');
  });

  it('the attributes of a CloudEvent in binary mode, at a retry, too', async () => {
    receiver.answer(({ index }) => ({ status: index === 0 ? 500 : 200 }));
    const id = `sub-${++last}`;
    await fixture.subscribe(fixture.subscription(id, receiver.url, { format: 'cloudevents-binary' }));
    const task = fixture.task(id, { cloudEvent: true });
    await fixture.send([task]);
    await eventually(() => receiver.requests.length >= 2);
    for (const request of receiver.requests) {
      expect(refusalOf(request, fixture.secret)).toBeUndefined();
      expect(request.headers).toMatchObject({
        'ce-specversion': '1.0',
        'ce-id': task.changeId,
        'ce-source': '/odoo/acme/product.product',
        'ce-type': 'product.created',
        'ce-sequence': String(task.sequence).padStart(19, '0'),
      });
    }
  });

  it('user name and password', async () => {
    const auth = sealed({ type: 'basic', username: 'größe', password: 'pass:word' });
    const [request] = await deliver({ auth });
    const [scheme, encoded = ''] = String(request?.headers.authorization).split(' ');
    expect([scheme, Buffer.from(encoded, 'base64').toString()]).toEqual(['Basic', 'größe:pass:word']);
  });

  it('a bearer token', async () => {
    const [request] = await deliver({ auth: sealed({ type: 'bearer', token: 'abc.def' }) });
    expect(request?.headers.authorization).toBe('Bearer abc.def');
  });

  it('an ed25519 signature', async () => {
    const secret = newSigningSecret('ed25519');
    const [request] = await deliver({ secrets: [sealed(secret)] }, { key: publicKeyOf(secret) ?? '' });
    expect(request?.headers['webhook-signature']).toMatch(/^v1a,/);
  });

  it('a client certificate', async () => {
    const clientCertificate = sealed({
      certificatePem: certificatePem('relay'),
      privateKeyPem: privateKeyPem('relay'),
      caPem: certificatePem('authority'),
    });
    const [request] = await deliver({ clientCertificate }, { to: tls });
    expect(request?.clientName).toBe('relay of acme');
  });

  it('an access token, and a new one where the first is refused', async () => {
    const auth = sealed({
      type: 'oauth2ClientCredentials',
      tokenUrl: tokens.url,
      clientId: 'c',
      clientSecret: randomBytes(9).toString('hex'),
      clientAuthentication: 'basic',
    });
    receiver.answer(({ headers }) => (headers.authorization === 'Bearer token-0' ? 401 : 200));
    const requests = await deliver({ auth }, { requests: 2 });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-0',
      'Bearer token-1',
    ]);
    expect(tokens.requests).toHaveLength(2);
    const [first, second] = requests;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(await fixture.outcomes(String(first?.headers['webhook-id']))).toEqual(['delivered']);
  });

  it('a signature of OAuth 1.0a over URL and body', async () => {
    const auth = {
      type: 'oauth1',
      consumerKey: 'consumer',
      consumerSecret: 'cs&',
      token: 'token',
      tokenSecret: 'ts',
      signatureMethod: 'HMAC-SHA256',
      realm: 'shop',
    };
    const url = `${receiver.url}hook?b=2&a=%2B+`;
    const [request] = await deliver({ auth: sealed(auth) }, { url });
    const header = String(request?.headers.authorization);
    const given = new Map(
      [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        decodeURIComponent(value),
      ]),
    );
    expect(header).toMatch(/^OAuth realm="shop", /);
    const body = request?.body ?? Buffer.alloc(0);
    expect(given.get('oauth_body_hash')).toBe(createHash('sha256').update(body).digest('base64'));
    expect(Math.abs(Number(given.get('oauth_timestamp')) - Date.now() / 1000)).toBeLessThan(60);
    const signature = given.get('oauth_signature');
    given.delete('oauth_signature');
    given.delete('realm');
    const parameters = [...given, ['a', '+ '], ['b', '2']]
      .map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`)
      .sort();
    const base = ['POST', `${receiver.url}hook`, parameters.join('&')].map(encodeURIComponent).join('&');
    expect(signature).toBe(createHmac('sha256', 'cs%26&ts').update(base).digest('base64'));
  });
});

describe('without an access token', () => {
  it('nothing is sent, and the attempt says why', async () => {
    const refusing = await startReceiver(400);
    const auth = sealed({
      type: 'oauth2ClientCredentials',
      tokenUrl: refusing.url,
      clientId: 'c',
      clientSecret: 's',
      clientAuthentication: 'body',
    });
    await fixture.subscribe(
      fixture.subscription('no-token', receiver.url, { auth, settings: { retryDelaysMs: [] } }),
    );
    await fixture.send([fixture.task('no-token')]);
    const rows = await eventually(async () => {
      const found = (await fixture.rows()).filter((row) => row.subscription_id === 'no-token');
      return found.length > 1 && found;
    });
    expect(rows).toMatchObject([
      { outcome: 'failed', status: null, error: 'no access token: HTTP 400' },
      { outcome: 'dead' },
    ]);
    expect(receiver.requests).toEqual([]);
    await refusing.close();
  });
});

it('no line of the log holds any of that, at whatever level', () => {
  const output = app.output();
  expect(output).toContain('an outcome');
  expect(output).not.toMatch(/whsec_|whsk_|token-\d|a b;c=|PRIVATE KEY|authorization/i);
  for (const hidden of [fixture.secret, receiver.url, tls.url, tokens.url]) {
    expect(output).not.toContain(hidden);
  }
});
