import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { BrowserSession } from './browser-session.js';
import { controlUnderTest, type Api } from './control-under-test.js';
import {
  answer,
  as,
  begin,
  callback,
  discover,
  errorOf,
  exchange,
  follow,
  newClient,
  password,
  signedIn,
  startOAuth2,
} from './oauth2-client.js';

const control = controlUnderTest();
let api: Api;
let other: Api;
let issuer: URL;

beforeAll(async () => {
  ({ api, other, issuer } = await startOAuth2(control));
});

describe('client credentials', () => {
  it('give an application a token for itself, on every instance', async () => {
    const shipper = await newClient();
    const token = await client.clientCredentialsGrant(shipper.config, { scope: 'subscriptions:read' });
    expect([token.token_type, token.scope, token.expires_in]).toEqual(['bearer', 'subscriptions:read', 3600]);
    expect((await as(token.access_token, '/v1/subscriptions')).status).toBe(200);
    expect((await as(token.access_token, '/v1/subscriptions', other)).status).toBe(200);
    const seen = await as(token.access_token, '/v1/applications');
    expect((seen.body['data'] as { id: string }[]).map(({ id }) => id)).toEqual([shipper.applicationId]);
  });

  it('fault 95: cannot widen the scope', async () => {
    const shipper = await newClient({}, { scopes: ['subscriptions:read'] });
    for (const scope of ['admin', 'subscriptions:write', 'subscriptions:read admin']) {
      expect(await errorOf(client.clientCredentialsGrant(shipper.config, { scope }))).toBe('invalid_scope');
    }
    const plain = await client.clientCredentialsGrant(shipper.config);
    expect((await as(plain.access_token, '/v1/subscriptions')).status).toBe(403);
  });

  it.each(['client_secret_post', 'client_secret_basic'] as const)(
    'may be shown by %s',
    async (authMethod) => {
      const { id, secret } = await newClient({}, { authMethod });
      const shown = authMethod === 'client_secret_post' ? client.ClientSecretPost : client.ClientSecretBasic;
      const config = await discover(id, shown(secret));
      expect(await errorOf(client.clientCredentialsGrant(config))).toBe('none');
      const wrong = await discover(id, shown(`${secret.slice(0, -1)}_`));
      expect(await errorOf(client.clientCredentialsGrant(wrong))).toBe('invalid_client');
    },
  );

  it('are given for either of two secrets while one takes the place of the other', async () => {
    const { applicationId, id, secret } = await newClient();
    const path = `/v1/applications/${applicationId}/credentials/${id}/rotate-secret`;
    const outcome = async (shown: unknown): Promise<unknown> =>
      errorOf(client.clientCredentialsGrant(await discover(id, client.ClientSecretBasic(String(shown)))));
    const { body: second } = await api.call('POST', path, { body: { graceMs: 60_000 } });
    expect([await outcome(secret), await outcome(second['secret'])]).toEqual(['none', 'none']);
    const { body: third } = await api.call('POST', path, { body: { graceMs: 0 } });
    expect([await outcome(second['secret']), await outcome(third['secret'])]).toEqual([
      'invalid_client',
      'none',
    ]);
    // Neither is a text that holds both.
    expect(await outcome(`${String(second['secret'])} ${String(third['secret'])}`)).toBe('invalid_client');
  });

  it('are over when the credential is revoked or the application suspended, and so is each token', async () => {
    const shipper = await newClient();
    const { access_token: token } = await client.clientCredentialsGrant(shipper.config, {
      scope: 'subscriptions:read',
    });
    const path = `/v1/applications/${shipper.applicationId}`;
    await api.call('PATCH', path, { body: { state: 'suspended' } });
    expect((await as(token, '/v1/subscriptions')).status).toBe(403);
    expect(await errorOf(client.clientCredentialsGrant(shipper.config))).toBe('invalid_client');
    await api.call('PATCH', path, { body: { state: 'approved' } });
    expect((await as(token, '/v1/subscriptions')).status).toBe(200);
    await api.call('DELETE', `${path}/credentials/${shipper.id}`);
    expect((await as(token, '/v1/subscriptions')).status).toBe(401);
  });
});

describe('the authorization code', () => {
  it('leads a person through sign-in and consent, and the application to tokens', async () => {
    const shipper = await newClient({ databases: ['acme'], models: ['sale.order'] });
    const person = new BrowserSession(api.url);
    const flow = await begin(shipper, { scope: 'openid subscriptions:read deliveries:read' }, person);
    expect(flow.shown.text).toContain('name="password"');
    const signed = await person.submit(flow.shown, '/sign-in', { email: 'ada@example.com', password });
    const consent = await follow(person, signed);
    expect(consent.heading).toBe('Allow Shipper access?');
    expect(consent.text).toContain('acme');
    expect(consent.text).toContain('sale.order');
    expect(consent.text).toContain('ada@example.com');
    const back = await answer({ ...flow, shown: consent }, 'allow');
    expect(back.origin + back.pathname).toBe(callback);
    const token = await exchange(shipper, flow, back);
    expect(token.scope).toBe('openid subscriptions:read deliveries:read');
    expect(token.claims()?.sub).toMatch(/^usr_/);
    expect((await as(token.access_token, '/v1/subscriptions')).status).toBe(200);
    expect((await as(token.access_token, '/v1/redrives')).status).toBe(403);
  });

  it('is not given where the person denies', async () => {
    const shipper = await newClient();
    const back = await answer(await begin(shipper), 'deny');
    expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual(['access_denied', null]);
  });

  it('is not given for a form of another site, nor in the browser of another person', async () => {
    const shipper = await newClient();
    const flow = await begin(shipper);
    const action = /action="(\/consent\/[^"]+)"/.exec(flow.shown.text)?.[1] ?? '';
    const fields = { ...flow.shown.hiddenOf(action), decision: 'allow' };
    const foreign = await flow.browser.post(action, fields, { origin: 'https://evil.example' });
    expect([foreign.status, foreign.location]).toEqual([400, null]);
    const forged = await flow.browser.post(action, { ...fields, csrf: 'x' });
    expect([forged.status, forged.location]).toEqual([400, null]);
    const stranger = await (await signedIn()).post(action, fields);
    expect([stranger.status, stranger.location]).toEqual([400, null]);
  });

  it.each([
    ['another path', 'https://shipper.example/odoo/connected/'],
    ['dots', 'https://shipper.example/odoo/x/../connected'],
    ['another case', 'https://shipper.example/odoo/Connected'],
    ['another host’s case', 'https://Shipper.example/odoo/connected'],
    ['a port', 'https://shipper.example:443/odoo/connected'],
    ['a query', 'https://shipper.example/odoo/connected?a=1'],
    ['a user', 'https://a@shipper.example/odoo/connected'],
    ['a fragment', 'https://shipper.example/odoo/connected#a'],
    ['another scheme', 'http://shipper.example/odoo/connected'],
    ['another host', 'https://shipper.example.evil.example/odoo/connected'],
  ])('fault 93: does not lead to an address that differs by %s', async (_, redirectUri) => {
    const shipper = await newClient();
    const { shown } = await begin(shipper, { redirect_uri: redirectUri });
    expect([shown.status, shown.location]).toEqual([400, null]);
    expect(shown.heading).toBe('This cannot go on');
  });

  it('fault 94: is not given without PKCE, nor with a plain challenge', async () => {
    const shipper = await newClient();
    const url = new URL(`${issuer.href}/authorize`);
    const parameters = {
      client_id: shipper.id,
      response_type: 'code',
      redirect_uri: callback,
      scope: 'openid',
    };
    const browser = await signedIn();
    const plain = { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' };
    for (const given of [{}, plain, { code_challenge: 'x'.repeat(43) }]) {
      url.search = new URLSearchParams({ ...parameters, ...given }).toString();
      const led = new URL((await browser.get(url.pathname + url.search)).location ?? '');
      expect([given, led.searchParams.get('error')]).toEqual([given, 'invalid_request']);
    }
  });

  it('fault 94: is worth nothing without its verifier, and used twice it ends what it gave', async () => {
    const shipper = await newClient();
    const flow = await begin(shipper);
    const back = await answer(flow, 'allow');
    const wrong = { ...flow, verifier: client.randomPKCECodeVerifier() };
    expect(await errorOf(exchange(shipper, wrong, back))).toBe('invalid_grant');
    const again = await begin(shipper);
    const second = await answer(again, 'allow');
    const token = await exchange(shipper, again, second);
    expect((await as(token.access_token, '/v1/subscriptions')).status).toBe(200);
    expect(await errorOf(exchange(shipper, again, second))).toBe('invalid_grant');
    expect((await as(token.access_token, '/v1/subscriptions')).status).toBe(401);
  });

  it('leads to what the person sees, and an administrator and the person can take back, at once', async () => {
    const shipper = await newClient({ name: 'Shipper & Co' });
    const allowed = async (): Promise<Record<string, unknown>[]> =>
      (await api.get(`/v1/consents?applicationId=${shipper.applicationId}`)).body['data'] as never;
    const connect = async (): Promise<Awaited<ReturnType<typeof exchange>>> => {
      const flow = await begin(shipper, {
        scope: 'openid offline_access subscriptions:read',
        prompt: 'consent',
      });
      return exchange(shipper, flow, await answer(flow, 'allow'));
    };
    const [first, second] = [await connect(), await connect()];
    expect((await as(first.access_token, '/v1/subscriptions')).status).toBe(200);
    const [one, two] = await allowed();
    expect([one, two]).toMatchObject([
      {
        kind: 'oauth2-grant',
        credentialId: shipper.id,
        scopes: ['subscriptions:read'],
        accountId: first.claims()?.sub,
      },
      { lastUsedAt: null, endsAt: expect.stringMatching(/Z$/) },
    ]);
    expect(Date.now() - Date.parse(String(one?.['lastUsedAt']))).toBeLessThan(60_000);
    // The other instance knows at once.
    expect((await other.call('DELETE', `/v1/consents/${String(one?.['id'])}`)).status).toBe(204);
    expect((await as(first.access_token, '/v1/subscriptions')).status).toBe(401);
    const refreshed = client.refreshTokenGrant(shipper.config, first.refresh_token ?? '');
    expect(await errorOf(refreshed)).toBe('invalid_grant');
    expect((await as(second.access_token, '/v1/subscriptions')).status).toBe(200);
    const browser = await signedIn();
    const page = await browser.get('/account/applications');
    expect(page.text).toContain('Shipper &amp; Co');
    const back = await browser.submit(page, '/account/applications', { id: String(two?.['id']) });
    expect(back.location).toBe('/account/applications?notice=taken-back');
    expect((await as(second.access_token, '/v1/subscriptions')).status).toBe(401);
    expect(await allowed()).toEqual([]);
    expect((await api.call('DELETE', `/v1/consents/${String(two?.['id'])}`)).status).toBe(404);
  });

  it('sent several times at once is used once', async () => {
    const shipper = await newClient();
    const flow = await begin(shipper);
    const back = await answer(flow, 'allow');
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => errorOf(exchange(shipper, flow, back))));
    expect(outcomes.filter((outcome) => outcome === 'none').length).toBeLessThanOrEqual(1);
    expect(outcomes.filter((outcome) => outcome === 'invalid_grant').length).toBeGreaterThanOrEqual(3);
  });

  it('of a person who is disabled is worth nothing any more', async () => {
    const { body } = await api.call('POST', '/v1/accounts', { body: { email: 'eve@example.com', password } });
    const shipper = await newClient();
    const browser = new BrowserSession(api.url);
    await browser.submit(await browser.get('/sign-in'), '/sign-in', { email: 'eve@example.com', password });
    const flow = await begin(shipper, {}, browser);
    const token = await exchange(shipper, flow, await answer(flow, 'allow'));
    expect((await as(token.access_token, '/v1/subscriptions')).status).toBe(200);
    await api.call('PATCH', `/v1/accounts/${String(body['id'])}`, { body: { enabled: false } });
    expect((await as(token.access_token, '/v1/subscriptions')).status).toBe(401);
  });
});
