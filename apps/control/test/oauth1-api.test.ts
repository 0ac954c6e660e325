import { beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserSession } from './browser-session.js';
import { Api, aSubscription, controlUnderTest } from './control-under-test.js';
import { credentialsOf, signedCall, type Credentials, type SignedCall } from './oauth1-under-test.js';

const control = controlUnderTest();
let api: Api;
let applicationId: string;
let consumer: Credentials;

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  // What PUBLIC_URL stands for where it is not set.
  api = new Api(`http://localhost:${String(port)}`);
  const fields = { name: 'Shop', scopes: ['subscriptions:read', 'subscriptions:write'], databases: ['acme'] };
  const application = await api.call('POST', '/v1/applications', { body: fields });
  applicationId = String(application.body['id']);
  consumer = await newConsumer(['subscriptions:read', 'subscriptions:write']);
});

async function newConsumer(scopes: string[]): Promise<Credentials> {
  const body = { kind: 'oauth1-consumer', scopes };
  const created = await api.call('POST', `/v1/applications/${applicationId}/credentials`, { body });
  expect(created.status).toBe(201);
  return { key: String(created.body['id']), secret: String(created.body['secret']) };
}

const call = async (path: string, given: SignedCall = {}): Promise<[number, Record<string, unknown>]> => {
  const answer = await signedCall(api.url + path, { consumer, ...given });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
};

describe('the three legs', () => {
  it('lead through the pages where a person signs in and consents, to a token that goes with the account', async () => {
    const callback = 'https://shop.example/back';
    const account = { email: 'ada@example.com', password: 'correct horse battery' };
    const { body: ada } = await api.call('POST', '/v1/accounts', { body: account });
    const fields = { redirectUrls: [callback] };
    await api.call('PATCH', `/v1/applications/${applicationId}`, { body: fields });
    const begun = await signedCall(`${api.url}/oauth/1.0a/request-token`, {
      method: 'POST',
      consumer,
      oauth: { oauth_callback: callback },
    });
    const temporary = await credentialsOf(begun);
    const path = `/oauth/1.0a/authorize?oauth_token=${temporary.key}`;
    const browser = new BrowserSession(api.url);
    const asked = await browser.get(path);
    const signIn = await browser.get(asked.location ?? '');
    const signedIn = await browser.submit(signIn, '/sign-in', account);
    expect(signedIn.location).toBe(path);
    const consent = await browser.get(path);
    expect(consent.heading).toBe('Allow Shop access?');
    const led = await browser.submit(consent, '/oauth/1.0a/authorize', { decision: 'allow' });
    const back = new URL(led.location ?? '');
    expect(back.origin + back.pathname).toBe(callback);
    const exchanged = await signedCall(`${api.url}/oauth/1.0a/access-token`, {
      method: 'POST',
      consumer,
      token: temporary,
      oauth: { oauth_verifier: back.searchParams.get('oauth_verifier') ?? '' },
    });
    const token = await credentialsOf(exchanged);
    expect((await call('/v1/subscriptions', { token }))[0]).toBe(200);
    await api.call('PATCH', `/v1/accounts/${String(ada['id'])}`, { body: { enabled: false } });
    expect((await call('/v1/subscriptions', { token }))[0]).toBe(401);
    await api.call('PATCH', `/v1/accounts/${String(ada['id'])}`, { body: { enabled: true } });
    expect((await call('/v1/subscriptions', { token }))[0]).toBe(200);
    const [, listed] = await call(`/v1/consents?accountId=${String(ada['id'])}`);
    const isTime = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(listed['data']).toEqual([
      {
        id: token.key,
        kind: 'oauth1-token',
        applicationId,
        credentialId: consumer.key,
        accountId: ada['id'],
        scopes: ['subscriptions:read', 'subscriptions:write'],
        createdAt: isTime,
        lastUsedAt: isTime,
        endsAt: null,
      },
    ]);
    const taken = await signedCall(`${api.url}/v1/consents/${token.key}`, { method: 'DELETE', consumer });
    expect(taken.status).toBe(204);
    expect((await call('/v1/subscriptions', { token }))[0]).toBe(401);
    expect((await api.get('/v1/consents')).body['data']).toEqual([]);
    const log = (await api.get('/v1/audit-log')).text;
    expect(log).toContain(`consents/${token.key}`);
    expect(log).not.toContain(token.secret);
  });
});

describe('an application that signs its requests to /v1', () => {
  it('fault 86: signs with either of two secrets while one takes the place of the other', async () => {
    const own = await newConsumer(['subscriptions:read']);
    const path = `/v1/applications/${applicationId}/credentials/${own.key}/rotate-secret`;
    const rotate = async (graceMs: number): Promise<string> =>
      String((await api.call('POST', path, { body: { graceMs } })).body['secret']);
    const statuses = async (secrets: string[]): Promise<number[]> => {
      const answers = secrets.map((secret) =>
        call('/v1/subscriptions', { consumer: { key: own.key, secret } }),
      );
      return (await Promise.all(answers)).map(([status]) => status);
    };
    const second = await rotate(60_000);
    expect(await statuses([own.secret, second])).toEqual([200, 200]);
    const third = await rotate(0);
    expect(await statuses([own.secret, second, third])).toEqual([401, 401, 200]);
  });

  it('makes subscriptions of its own and sees no others', async () => {
    const others = await api.create();
    const [status, created] = await call('/v1/subscriptions', { method: 'POST', json: aSubscription });
    expect([status, created['applicationId']]).toEqual([201, applicationId]);
    const [, page] = await call('/v1/subscriptions?limit=10');
    expect(JSON.stringify(page)).toContain(String(created['id']));
    expect(JSON.stringify(page)).not.toContain(others.id);
    expect((await call(`/v1/subscriptions/${others.id}`))[0]).toBe(404);
  });

  it('has the scopes of its credentials', async () => {
    const reader = await newConsumer(['subscriptions:read']);
    expect((await call('/v1/subscriptions', { consumer: reader }))[0]).toBe(200);
    const wish = { method: 'POST', json: aSubscription, consumer: reader };
    expect(await call('/v1/subscriptions', wish)).toMatchObject([403, { code: 'insufficient_scope' }]);
  });

  it('is told what is wrong with its request, and who signs nothing what to send', async () => {
    expect(
      await call('/v1/subscriptions', {
        method: 'POST',
        text: '{"a":',
        headers: { 'content-type': 'application/json' },
      }),
    ).toMatchObject([401, { code: 'oauth1_body_unsigned' }]);
    const unknown = { key: 'con_00000000000000000000000000', secret: consumer.secret };
    expect(await call('/v1/subscriptions', { consumer: unknown })).toMatchObject([
      401,
      { code: 'oauth1_signature_wrong' },
    ]);
    const bare = await fetch(`${api.url}/v1/subscriptions`);
    expect(await bare.json()).toMatchObject({
      code: 'unauthorized',
      detail: expect.stringContaining('OAuth 1.0a'),
    });
  });

  it('is refused once its credentials are revoked, and while it is suspended', async () => {
    const path = `/v1/applications/${applicationId}`;
    await api.call('PATCH', path, { body: { state: 'suspended' } });
    expect((await call('/v1/subscriptions'))[0]).toBe(401);
    await api.call('PATCH', path, { body: { state: 'approved' } });
    expect((await call('/v1/subscriptions'))[0]).toBe(200);
    await api.call('DELETE', `${path}/credentials/${consumer.key}`);
    expect((await call('/v1/subscriptions'))[0]).toBe(401);
  });
});
