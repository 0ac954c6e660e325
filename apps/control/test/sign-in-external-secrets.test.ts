import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { BrowserSession } from './browser-session.js';
import { adminKey, Api, controlUnderTest } from './control-under-test.js';
import { startExternalProvider, type ExternalProvider } from './external-provider.js';
import { authorizationOf, credentialsOf, type Credentials, type SignedCall } from './oauth1-under-test.js';

const control = controlUnderTest();
/** What the redirects name and requests are signed for; the test itself asks the port of this machine. */
const publicUrl = 'http://relay.test';
const origin = { origin: publicUrl };
let provider: ExternalProvider;
let env: Record<string, string>;
let app: StartedApp;
let api: Api;
let consumer: Credentials;
/** Whatever only one side may know, and where it must not stand. */
const secrets: string[] = [adminKey];
const answers: string[] = [];

beforeAll(async () => {
  provider = await startExternalProvider(`${publicUrl}/sign-in/external/callback`);
  env = await control.environment({
    LOG_LEVEL: 'trace',
    PUBLIC_URL: publicUrl,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
    OIDC_ALLOWED_EMAILS: '@trusted.example',
  });
  secrets.push(provider.clientSecret, env['SECRETS_KEY'] ?? '');
  provider.people.set('ada', { email: 'ada@trusted.example', email_verified: true });
  app = await startApp('control', env);
  api = new Api(app.url);
  const { body: application } = await api.call('POST', '/v1/applications', { body: { name: 'Shop' } });
  const path = `/v1/applications/${String(application['id'])}/credentials`;
  const { body } = await api.call('POST', path, { body: { kind: 'oauth1-consumer' } });
  consumer = { key: String(body['id']), secret: String(body['secret']) };
  secrets.push(consumer.secret);
});

afterAll(async () => {
  await app.stop();
  await provider.close();
});

async function signed(path: string, call: SignedCall): Promise<Response> {
  const authorization = authorizationOf(publicUrl + path, { consumer, ...call });
  secrets.push(/oauth_signature="([^"]+)"/.exec(authorization)?.[1] ?? authorization);
  return fetch(api.url + path, { method: call.method ?? 'GET', headers: { authorization } });
}

/** The way to the provider and back, up to the address that the browser is sent to with the code. */
async function authorized(browser: BrowserSession, next: string): Promise<URL> {
  const page = await browser.get(`/sign-in?next=${encodeURIComponent(next)}`);
  const begun = await browser.post('/sign-in/external', page.hiddenOf('/sign-in/external'), origin);
  const to = new URL(begun.location ?? '');
  const returned = await provider.authorize(to.href, 'ada');
  const values = [
    to.searchParams.get('state'),
    to.searchParams.get('nonce'),
    returned.searchParams.get('code'),
  ];
  secrets.push(...values.map(String), ...browser.cookies.values());
  return returned;
}

it('fault 98: from the external provider over consent to a signed request, no secret is in a log line or an answer', async () => {
  const begun = await signed('/oauth/1.0a/request-token', {
    method: 'POST',
    oauth: { oauth_callback: 'oob' },
  });
  const temporary = await credentialsOf(begun);
  const consentPath = `/oauth/1.0a/authorize?oauth_token=${temporary.key}`;
  const browser = new BrowserSession(api.url);

  // What goes wrong on the way is where a secret would be told most easily.
  const wrong = await authorized(browser, consentPath);
  const code = wrong.searchParams.get('code') ?? '';
  for (const [name, value] of [
    ['code', `${code}x`],
    ['state', 'another'],
    ['iss', 'http://evil.example'],
  ] as const) {
    const { pathname, searchParams } = wrong;
    const changed = new URLSearchParams(searchParams);
    changed.set(name, value);
    const refused = await browser.copy().get(`${pathname}?${changed.toString()}`);
    expect([name, refused.status >= 400]).toEqual([name, true]);
    answers.push(refused.text);
  }

  const returned = await authorized(browser, consentPath);
  const back = await browser.get(returned.pathname + returned.search);
  expect(back.location).toBe(consentPath);
  const consent = await browser.get(consentPath);
  const answer = { ...consent.hiddenOf('/oauth/1.0a/authorize'), decision: 'allow' };
  const allowed = await browser.post('/oauth/1.0a/authorize', answer, origin);
  const verifier = /<code>([^<]+)<\/code>/.exec(allowed.text)?.[1] ?? '';
  const oauth = { oauth_verifier: verifier };
  const token = await credentialsOf(
    await signed('/oauth/1.0a/access-token', { method: 'POST', token: temporary, oauth }),
  );
  expect((await signed('/v1/subscriptions', { token })).status).toBe(200);
  const forged = await signed('/v1/subscriptions', { token: { ...token, secret: 'guessed' } });
  expect(forged.status).toBe(401);
  secrets.push(temporary.secret, verifier, token.secret, ...browser.cookies.values(), ...provider.exchanged);

  for (const path of ['/v1/audit-log', '/v1/accounts', '/v1/consents', '/v1/events']) {
    answers.push((await api.get(path)).text);
  }
  answers.push(await forged.text());
  await app.stop();
  const output = app.output();
  expect(output).toContain('/sign-in/external/callback');
  const told = [...new Set(secrets)].filter((secret) => secret.length > 8);
  expect([told.length > 20, provider.exchanged.length]).toEqual([true, 4]);
  for (const text of [output, ...answers]) {
    expect(told.filter((secret) => text.includes(secret))).toEqual([]);
  }
});
