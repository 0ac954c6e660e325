import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import { AllowList, guardedDispatcher } from '#libs/outbound';
import {
  defaultDeliverySettings,
  encryptSecret,
  newSigningSecret,
  SecretsKey,
  basicSubscription,
  type EndpointAuth,
  type Subscription,
} from '#libs/subscription';
import { eventually } from '../../../test/harness/eventually.js';
import { startReceiver, type Receiver as Endpoint } from '../../../test/harness/receiver.js';
import { Sender, type AttemptResult } from './attempt.js';
import { Breakers } from './breakers.js';
import { AccessTokens } from './credentials/access-tokens.js';
import { ClientSenders } from './credentials/client-senders.js';
import { Receivers } from './receivers.js';
import { Requests } from './requests.js';

const key = SecretsKey.fromBase64(randomBytes(32).toString('base64'));
const allowList = AllowList.parse(['127.0.0.1']);
const sealed = (value: unknown): string => encryptSecret(key, JSON.stringify(value));

let endpoint: Endpoint;
let tokenEndpoint: Endpoint;
let requests: Requests;
let breakers: Breakers;
let close: () => Promise<void>;
/** What the token endpoint answers; `t-<number of the request>` for an hour by default. */
let tokenAnswer: (index: number) => unknown;

beforeEach(async () => {
  endpoint = await startReceiver();
  tokenAnswer = (index) => ({ access_token: `t-${index}`, token_type: 'Bearer', expires_in: 3600 });
  tokenEndpoint = await startReceiver(({ index }) => ({
    status: 200,
    body: JSON.stringify(tokenAnswer(index)),
  }));
  const dispatcher = guardedDispatcher({ allowList, connectTimeoutMs: 2_000, keepAliveMs: 1_000 });
  const sender = new Sender(dispatcher);
  const tokens = new AccessTokens(sender, 'Test/1');
  const senders = new ClientSenders(() => ({ sender, close: () => Promise.resolve() }));
  breakers = new Breakers({ volume: 5, resetMs: 60_000 });
  requests = new Requests(sender, { tokens, senders }, breakers);
  close = async () => {
    breakers.close();
    tokens.close();
    senders.close();
    await dispatcher.destroy();
    await Promise.all([endpoint.close(), tokenEndpoint.close()]);
  };
});
afterEach(() => close());

const client = (): EndpointAuth => ({
  type: 'oauth2ClientCredentials',
  tokenUrl: `${tokenEndpoint.url}token?tenant=1`,
  clientId: 'id with ü',
  clientSecret: 'the client secret',
  clientAuthentication: 'basic',
});

const oauth1 = (): EndpointAuth => ({
  type: 'oauth1',
  consumerKey: 'k',
  consumerSecret: 's',
  signatureMethod: 'HMAC-SHA1',
});

function subscriptionWith(auth: unknown, given: Partial<Subscription> = {}): Subscription {
  return {
    id: 's',
    applicationId: 'a',
    database: 'acme',
    eventTypes: [],
    format: 'json',
    url: `${endpoint.url}hook?a=1`,
    secrets: [encryptSecret(key, newSigningSecret())],
    enabled: true,
    enabledEpoch: 0,
    sinceMs: 0n,
    settings: { ...defaultDeliverySettings, timeoutMs: 2_000 },
    ...basicSubscription,
    auth: sealed(auth),
    ...given,
  };
}

const task: DeliveryTask = {
  webhookId: 'msg_1',
  subscriptionId: 's',
  changeId: 'e1-1',
  sequence: 1n,
  eventType: 'product.created',
  contentType: 'application/json',
  database: 'acme',
  record: 'product.product,1',
  committedAtMs: 0,
  expiresAtMs: 0,
  attempts: 0,
  dueAtMs: 0,
  lastOutcome: null,
  deferred: false,
  redrive: null,
  cloudEvent: false,
  traceparent: null,
  body: Buffer.from('{"a":"ä"}'),
};

/** Sends so many deliveries at once, as one version of the subscription. */
function send(subscription: Subscription, times = 1): Promise<AttemptResult[]> {
  const receivers = new Receivers(
    { subscription: () => subscription, state: () => undefined },
    key,
    allowList,
  );
  const attempts = Array.from({ length: times }, () => {
    const receiver = receivers.find('s');
    if (receiver.kind !== 'receiver') throw new Error(JSON.stringify(receiver));
    return requests.send(task, receiver);
  });
  return Promise.all(attempts);
}

const authorizations = (): unknown[] => endpoint.requests.map(({ headers }) => headers.authorization);

describe('a token of OAuth 2 client credentials', () => {
  it('is asked for with id and secret in the header, encoded as in a form', async () => {
    const auth = { ...client(), scope: 'a b', audience: 'https://x' };
    const [result] = await send(subscriptionWith(auth));
    expect(result).toMatchObject({ outcome: 'delivered', status: 200 });
    const [asked] = tokenEndpoint.requests;
    expect(asked).toMatchObject({ method: 'POST', path: '/token?tenant=1' });
    expect(asked?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('id+with+%C3%BC:the+client+secret').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    });
    expect(Object.fromEntries(new URLSearchParams(asked?.body.toString()))).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
      audience: 'https://x',
    });
    expect(authorizations()).toEqual(['Bearer t-0']);
  });

  it('is asked for with id and secret in the body', async () => {
    await send(subscriptionWith({ ...client(), clientAuthentication: 'body' }));
    const [asked] = tokenEndpoint.requests;
    expect(asked?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(asked?.body.toString()))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'id with ü',
      client_secret: 'the client secret',
    });
  });

  it('is asked for once, however many wait for it, and used until shortly before it expires', async () => {
    await send(subscriptionWith(client()), 20);
    await send(subscriptionWith(client(), { id: 'another' }), 20);
    expect(tokenEndpoint.requests).toHaveLength(1);
    expect(new Set(authorizations())).toEqual(new Set(['Bearer t-0']));
    // A client of its own has a token of its own.
    await send(subscriptionWith({ ...client(), scope: 'other' }));
    expect(authorizations().at(-1)).toBe('Bearer t-1');
  });

  it.each([0, '0', -5])('that says it expires in %j s is used once', async (expires_in) => {
    tokenAnswer = (index) => ({ access_token: `t-${index}`, expires_in });
    await send(subscriptionWith(client()));
    await send(subscriptionWith(client()));
    expect(authorizations()).toEqual(['Bearer t-0', 'Bearer t-1']);
  });

  it('that is not fresh any more is used as long as it is valid where no new one comes', async () => {
    // Fresh for 0.8 of its life.
    tokenAnswer = (index) => ({ access_token: `t-${index}`, expires_in: 1 });
    await send(subscriptionWith(client()));
    tokenEndpoint.answer(500);
    await eventually(async () => {
      await send(subscriptionWith(client()));
      return tokenEndpoint.requests.length > 1;
    });
    expect(new Set(authorizations())).toEqual(new Set(['Bearer t-0']));
    await eventually(async () => (await send(subscriptionWith(client())))[0]?.outcome === 'failed');
  });

  it('that is refused with 401 is replaced once, however many were refused', async () => {
    endpoint.answer(({ headers }) => (headers.authorization === 'Bearer t-0' ? 401 : 200));
    const results = await send(subscriptionWith(client()), 10);
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['delivered']));
    expect(tokenEndpoint.requests).toHaveLength(2);
    expect(endpoint.requests).toHaveLength(20);
  });

  it('that is refused twice makes the attempt fail, as any 401', async () => {
    endpoint.answer(401);
    expect(await send(subscriptionWith(client()))).toMatchObject([{ outcome: 'failed', status: 401 }]);
    expect(authorizations()).toEqual(['Bearer t-0', 'Bearer t-1']);
  });
});

describe('an attempt without a token', () => {
  it.each([
    [400, 'HTTP 400'],
    [410, 'HTTP 410'],
    [302, 'HTTP 302'],
    ['reset', 'connection reset'],
    [{ status: 200, body: 'no JSON' }, 'the answer holds none'],
    [{ status: 200, body: '{"access_token":""}' }, 'the answer holds none'],
    [{ status: 200, body: '{"access_token":"a\\r\\nX: 1"}' }, 'the answer holds none'],
    [{ status: 200, body: '{"access_token":"a","token_type":"mac"}' }, 'it is not of the type bearer'],
  ] as const)('fails in words that name the reason: %j', async (answer, reason) => {
    tokenEndpoint.answer(answer);
    const [result] = await send(subscriptionWith(client()));
    expect(result).toMatchObject({ outcome: 'failed', status: null, response: null });
    expect(result?.error).toMatch(new RegExp(`^no access token: (${reason}|connection closed)$`));
    expect(endpoint.requests).toEqual([]);
  });

  it('waits as long as the token endpoint asks for', async () => {
    tokenEndpoint.answer({ status: 429, headers: { 'retry-after': '7' } });
    expect(await send(subscriptionWith(client()))).toMatchObject([{ retryAfterMs: 7_000 }]);
  });

  it('has timed out when its whole time went into the wait, and the token serves the next', async () => {
    tokenEndpoint.answer({
      status: 200,
      body: JSON.stringify({ access_token: 'late', expires_in: 60 }),
      delayMs: 500,
    });
    const settings = { ...defaultDeliverySettings, timeoutMs: 100 };
    const impatient = subscriptionWith(client(), { settings });
    expect(await send(impatient)).toMatchObject([
      { outcome: 'timedOut', error: 'no access token in time', status: null },
    ]);
    await send(subscriptionWith(client()));
    expect([authorizations(), tokenEndpoint.requests.length]).toEqual([['Bearer late'], 1]);
  });

  it('is none where the token endpoint has an address that is not allowed', () => {
    expect(() => send(subscriptionWith({ ...client(), tokenUrl: 'http://10.0.0.1/' }))).toThrow(
      'tokenUrl: the address is not allowed',
    );
  });

  it('ends with all others at a stop, and sends nothing afterwards', async () => {
    tokenEndpoint.answer('hang');
    const sent = send(subscriptionWith(client()), 3);
    await eventually(() => tokenEndpoint.requests.length === 1);
    requests.abortAll();
    const results = await sent;
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
    expect(endpoint.requests).toEqual([]);
  });
});

describe("the endpoint's breaker", () => {
  it('has nothing to do with tokens: others use the endpoint with other credentials', async () => {
    tokenEndpoint.answer(500);
    await send(subscriptionWith(client()), 20);
    expect(breakers.count).toBe(0);
    expect(await send(subscriptionWith({ type: 'bearer', token: 'x' }))).toMatchObject([
      { outcome: 'delivered' },
    ]);
  });

  it.each([
    ['with a token', client],
    ['with the same header each time', () => ({ type: 'bearer', token: 'x' })],
    ['signed with OAuth 1.0a', oauth1],
  ])('judges what became of requests %s', async (_, auth) => {
    endpoint.answer(500);
    await send(subscriptionWith(auth()), 20);
    expect(breakers.waitMs(`${endpoint.url}hook?a=1`)).toBeGreaterThan(0);
  });

  it('may open while an attempt waits for its token, which is sent all the same', async () => {
    tokenEndpoint.answer({ status: 200, body: JSON.stringify({ access_token: 't' }), delayMs: 300 });
    const waiting = send(subscriptionWith(client()));
    endpoint.answer(500);
    await send(subscriptionWith({ type: 'bearer', token: 'x' }), 20);
    expect(breakers.waitMs(`${endpoint.url}hook?a=1`)).toBeGreaterThan(0);
    endpoint.answer(200);
    expect(await waiting).toMatchObject([{ outcome: 'delivered' }]);
  });
});

describe('what an endpoint sends back of credentials', () => {
  it.each([
    ['bearer', { type: 'bearer', token: 'the-bearer-token' }, 'the-bearer-token'],
    ['basic', { type: 'basic', username: 'u', password: 'the password' }, 'the password'],
    ['a token', client, 't-0'],
  ])('is not kept: %s', async (_, auth, secret) => {
    tokenAnswer = () => ({ access_token: 'the-access-token' });
    endpoint.answer(({ headers }) => ({
      status: 500,
      body: `you sent ${String(headers.authorization)}, ${String(headers['x-key'])} and ${secret}`,
    }));
    const headers = sealed([['X-Key', 'the api key']]);
    const given = typeof auth === 'function' ? auth() : auth;
    const [result] = await send(subscriptionWith(given, { headers }));
    expect(result?.response).toMatch(/^you sent (Basic|Bearer) \*\*\*, \*\*\* and/);
    expect(result?.response).not.toMatch(/the-bearer-token|the password|the-access-token|the api key/);
  });
});
