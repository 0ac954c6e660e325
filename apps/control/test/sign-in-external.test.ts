import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/config';
import { checkControlConfig, controlConfigTable } from '../src/configuration.js';
import { BrowserSession, type ShownPage } from './browser-session.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { startExternalProvider, type ExternalProvider } from './external-provider.js';

const control = controlUnderTest();
/** What the redirects name; the test itself asks the port of this machine. */
const publicUrl = 'http://relay.test';
const origin = { origin: publicUrl };
let provider: ExternalProvider;
let env: Record<string, string>;
let api: Api;

beforeAll(async () => {
  provider = await startExternalProvider(`${publicUrl}/sign-in/external/callback`);
  env = await control.environment({
    PUBLIC_URL: publicUrl,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
    OIDC_ALLOWED_EMAILS: 'Ada@example.com,@trusted.example',
  });
  api = new Api(`http://127.0.0.1:${(await control.start(env)).port}`);
});

afterAll(() => provider.close());

async function begin(browser: BrowserSession, next = ''): Promise<URL> {
  const page = await browser.get(`/sign-in${next === '' ? '' : `?next=${encodeURIComponent(next)}`}`);
  const begun = await browser.post('/sign-in/external', page.hiddenOf('/sign-in/external'), origin);
  expect(begun.status).toBe(303);
  return new URL(begun.location ?? '');
}

async function finish(browser: BrowserSession, returned: URL): Promise<ShownPage> {
  return browser.get(returned.pathname + returned.search);
}

async function signIn(subject: string, next = ''): Promise<{ browser: BrowserSession; page: ShownPage }> {
  const browser = new BrowserSession(api.url);
  const returned = await provider.authorize((await begin(browser, next)).href, subject);
  expect(returned.origin).toBe(publicUrl);
  return { browser, page: await finish(browser, returned) };
}

async function accountOf(email: string): Promise<Record<string, unknown> | undefined> {
  const { body } = await api.get('/v1/accounts?limit=200');
  return (body['data'] as Record<string, unknown>[]).find((account) => account['email'] === email);
}

describe('signing in by the external provider', () => {
  it('sends the browser there with PKCE, state and nonce, and knows it when it is back', async () => {
    provider.people.set('ada', { email: 'ADA@example.com', email_verified: true });
    const url = await begin(new BrowserSession(api.url));
    expect(url.origin).toBe(provider.issuer);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const { browser, page } = await signIn('ada', '/wanted?a=1');
    expect([page.status, page.location]).toEqual([303, '/wanted?a=1']);
    const account = await browser.get('/account');
    expect(account.text).toContain('ada@example.com');
    expect(account.text).toContain('You sign in by');
    expect(await accountOf('ada@example.com')).toMatchObject({ state: 'active', external: true });
  });

  it('knows a person by issuer and subject, whatever the address has become', async () => {
    provider.people.set('mary', { email: 'mary@trusted.example', email_verified: true });
    await signIn('mary');
    provider.people.set('mary', { email: 'other@elsewhere.example', email_verified: false });
    const { browser } = await signIn('mary');
    expect((await browser.get('/account')).text).toContain('mary@trusted.example');
  });

  it.each([
    ['is not verified', 'eve1', { email: 'eve1@trusted.example', email_verified: false }],
    ['is nothing', 'eve2', {}],
    ['is not allowed', 'eve3', { email: 'eve3@elsewhere.example', email_verified: true }],
    ['ends like an allowed domain', 'eve4', { email: 'eve4@evil-trusted.example', email_verified: true }],
    [
      'has an allowed domain inside',
      'eve5',
      { email: 'a@trusted.example@evil.example', email_verified: true },
    ],
  ])('makes no account where the address %s', async (_, subject, person) => {
    provider.people.set(subject, person);
    const { browser, page } = await signIn(subject);
    expect([page.status, page.heading]).toEqual([403, 'You are not signed in']);
    expect(browser.cookies.has('relay-session')).toBe(false);
  });

  it('lets in who is invited, and voids the link', async () => {
    const invited = await api.call('POST', '/v1/accounts', { body: { email: 'guest@elsewhere.example' } });
    provider.people.set('guest', { email: 'guest@elsewhere.example', email_verified: true });
    expect((await signIn('guest')).page.status).toBe(303);
    const { pathname } = new URL(String(invited.body['invitationUrl']));
    expect((await new BrowserSession(api.url).get(pathname)).status).toBe(404);
  });

  it('never takes over an account that has a password, nor one that is disabled', async () => {
    const body = { email: 'boss@trusted.example', password: 'correct horse battery' };
    await api.call('POST', '/v1/accounts', { body });
    provider.people.set('thief', { email: 'boss@trusted.example', email_verified: true });
    expect((await signIn('thief')).page.status).toBe(403);
    provider.people.set('gone', { email: 'gone@trusted.example', email_verified: true });
    await signIn('gone');
    const account = await accountOf('gone@trusted.example');
    await api.call('PATCH', `/v1/accounts/${String(account?.['id'])}`, { body: { enabled: false } });
    expect((await signIn('gone')).page.status).toBe(403);
  });

  it('says so where the person changed his mind', async () => {
    const { page } = await signIn('denies');
    expect([page.status, page.heading]).toEqual([400, 'You are not signed in']);
    expect(page.text).toContain('href="/sign-in"');
  });

  it('never leads to another site', async () => {
    expect((await signIn('ada', '//evil.example')).page.location).toBe('/account');
  });
});

describe('the way back', () => {
  async function returned(): Promise<{ browser: BrowserSession; back: URL }> {
    const browser = new BrowserSession(api.url);
    return { browser, back: await provider.authorize((await begin(browser)).href, 'ada') };
  }

  it('is refused in another browser', async () => {
    const { back } = await returned();
    expect((await finish(new BrowserSession(api.url), back)).status).toBe(400);
    const victim = new BrowserSession(api.url);
    await begin(victim);
    expect((await finish(victim, back)).status).toBe(400);
    expect(victim.cookies.has('relay-session')).toBe(false);
  });

  it.each([
    [
      'another state',
      (url: URL) => {
        url.searchParams.set('state', 'A'.repeat(43));
      },
    ],
    [
      'no state',
      (url: URL) => {
        url.searchParams.delete('state');
      },
    ],
    [
      'another code',
      (url: URL) => {
        url.searchParams.set('code', 'A'.repeat(43));
      },
    ],
    [
      'another issuer',
      (url: URL) => {
        url.searchParams.set('iss', 'https://evil.example');
      },
    ],
  ])('is refused with %s', async (_, change) => {
    const { browser, back } = await returned();
    change(back);
    expect((await finish(browser, back)).status).toBe(400);
  });

  it('is refused a second time', async () => {
    const { browser, back } = await returned();
    const copy = browser.copy();
    expect((await finish(browser, back)).status).toBe(303);
    expect((await finish(copy, back)).status).toBe(400);
  });

  it('is refused where the cookie is not ours', async () => {
    const { browser, back } = await returned();
    const name = 'relay-external';
    browser.cookies.set(name, `${browser.cookies.get(name)?.slice(0, -4) ?? ''}AAAA`);
    expect((await finish(browser, back)).status).toBe(400);
  });
});

describe('a provider', () => {
  it('that does not answer keeps nobody from signing in with a password', async () => {
    const down = { ...env, OIDC_ISSUER: 'http://127.0.0.1:9' };
    const browser = new BrowserSession(`http://127.0.0.1:${(await control.start(down)).port}`);
    const page = await browser.get('/sign-in');
    const begun = await browser.post('/sign-in/external', page.hiddenOf('/sign-in/external'), origin);
    expect([begun.status, begun.heading]).toEqual([502, 'You are not signed in']);
    const fields = { email: 'boss@trusted.example', password: 'correct horse battery' };
    const signedIn = await browser.post('/sign-in', { ...page.hiddenOf('/sign-in'), ...fields }, origin);
    expect(signedIn.location).toBe('/account');
  });

  it('that calls itself otherwise is not used', async () => {
    const other = { ...env, OIDC_ISSUER: provider.issuer.replace('127.0.0.1', 'localhost') };
    const browser = new BrowserSession(`http://127.0.0.1:${(await control.start(other)).port}`);
    const hidden = (await browser.get('/sign-in')).hiddenOf('/sign-in/external');
    expect((await browser.post('/sign-in/external', hidden, origin)).status).toBe(502);
  });

  it('that is not set up has no button and no way', async () => {
    const none = { ...env, OIDC_ISSUER: '', OIDC_CLIENT_ID: '', OIDC_CLIENT_SECRET: '' };
    const browser = new BrowserSession(`http://127.0.0.1:${(await control.start(none)).port}`);
    expect((await browser.get('/sign-in')).text).not.toContain('external');
    expect((await browser.post('/sign-in/external', {})).status).toBe(404);
    expect((await browser.get('/sign-in/external/callback?code=a&state=b')).status).toBe(404);
  });

  it.each([
    ['without its secret', { OIDC_CLIENT_SECRET: '' }, 'together'],
    ['over http elsewhere', { OIDC_ISSUER: 'http://login.example.com' }, 'https://'],
    ['with a query', { OIDC_ISSUER: 'https://login.example.com/?a=1' }, 'https://'],
    ['with an address that is none', { OIDC_ALLOWED_EMAILS: 'example.com' }, 'OIDC_ALLOWED_EMAILS'],
  ])('is refused at the start %s', (_, wrong, text) => {
    const config = loadConfig(controlConfigTable, { ...env, ...wrong });
    expect(() => {
      checkControlConfig(config);
    }).toThrow(text);
  });
});
