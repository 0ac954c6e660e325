import { expect } from '@jest/globals';
import * as client from 'openid-client';
import { BrowserSession, type ShownPage } from './browser-session.js';
import { Api, type Answer, type ControlUnderTest } from './control-under-test.js';

export const password = 'correct horse battery';
export const callback = 'https://shipper.example/odoo/connected';
/** Two instances, of which the second says that it is reached where the first is; and an administrator. */
export interface OAuth2UnderTest {
  api: Api;
  other: Api;
  databaseUrl: string;
  issuer: URL;
}

let api: Api;
let issuer: URL;

/** To be called once in a test file, before all tests. */
export async function startOAuth2(control: ControlUnderTest): Promise<OAuth2UnderTest> {
  const env = await control.environment();
  const { port } = await control.start(env);
  api = new Api(`http://localhost:${port}`);
  issuer = new URL(`${api.url}/oauth2`);
  const second = await control.start({ ...env, PUBLIC_URL: api.url });
  await api.call('POST', '/v1/accounts', { body: { email: 'ada@example.com', password } });
  return {
    api,
    other: new Api(`http://localhost:${second.port}`),
    databaseUrl: env['DATABASE_URL'] ?? '',
    issuer,
  };
}

export type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>;

export interface Client {
  applicationId: string;
  id: string;
  secret: string;
  config: client.Configuration;
}

export async function newClient(
  application: Record<string, unknown> = {},
  credential: Record<string, unknown> = {},
): Promise<Client> {
  const fields = { name: 'Shipper', redirectUrls: [callback], ...application };
  const { body } = await api.call('POST', '/v1/applications', { body: fields });
  const applicationId = String(body['id']);
  const created = await api.call('POST', `/v1/applications/${applicationId}/credentials`, {
    body: { kind: 'oauth2-client', ...credential },
  });
  expect([created.status, created.text]).toEqual([201, created.text]);
  const [id, secret] = [String(created.body['id']), String(created.body['secret'])];
  return { applicationId, id, secret, config: await discover(id, client.ClientSecretBasic(secret)) };
}

export function discover(id: string, auth: client.ClientAuth): Promise<client.Configuration> {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out: it is for tests
  const options = { execute: [client.allowInsecureRequests] };
  return client.discovery(issuer, id, undefined, auth, options);
}

export const as = (token: string, path: string, at = api): Promise<Answer> =>
  at.call('GET', path, { headers: { authorization: `Bearer ${token}` } });

export async function signedIn(): Promise<BrowserSession> {
  const browser = new BrowserSession(api.url);
  const page = await browser.submit(await browser.get('/sign-in'), '/sign-in', {
    email: 'ada@example.com',
    password,
  });
  expect(page.status).toBe(303);
  return browser;
}

/** Follows redirects on our own site; the page that is shown, or the redirect that leads away. */
export async function follow(browser: BrowserSession, page: ShownPage): Promise<ShownPage> {
  let shown = page;
  for (let steps = 0; steps < 10; steps++) {
    const to = shown.location;
    if (to === null || (!to.startsWith('/') && !to.startsWith(api.url))) {
      return shown;
    }
    shown = await browser.get(to);
  }
  throw new Error('it goes in circles');
}

export interface Flow {
  verifier: string;
  state: string;
  browser: BrowserSession;
  shown: ShownPage;
}

/** As the application begins it, up to the page that asks the person. */
export async function begin(
  of: Client,
  given: Record<string, string> = {},
  browser?: BrowserSession,
): Promise<Flow> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(of.config, {
    redirect_uri: callback,
    scope: 'subscriptions:read',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...given,
  });
  const person = browser ?? (await signedIn());
  const shown = await follow(person, await person.get(url.pathname + url.search));
  return { verifier, state, browser: person, shown };
}

export async function answer({ browser, shown }: Flow, decision: 'allow' | 'deny'): Promise<URL> {
  const action = /action="(\/consent\/[^"]+)"/.exec(shown.text)?.[1] ?? '';
  const led = await follow(browser, await browser.submit(shown, action, { decision }));
  return new URL(led.location ?? '');
}

export async function tokens(of: Client, given: Record<string, string> = {}): Promise<Tokens> {
  const flow = await begin(of, given);
  return exchange(of, flow, await answer(flow, 'allow'));
}

export function exchange(of: Client, { verifier, state }: Flow, back: URL): Promise<Tokens> {
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  return client.authorizationCodeGrant(of.config, back, checks);
}

/** The code of an error of the library, which is the server's. */
export async function errorOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    // Of a 401 the library tells only that there is a challenge.
    return error instanceof client.WWWAuthenticateChallengeError
      ? 'invalid_client'
      : String((error as { error?: unknown }).error ?? error);
  }
}
