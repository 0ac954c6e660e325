import { beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserSession, type ShownPage } from './browser-session.js';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
const password = 'correct horse battery';
let api: Api;
let secureUrl: string;

beforeAll(async () => {
  const env = await control.environment();
  api = new Api(`http://127.0.0.1:${(await control.start(env)).port}`);
  const secure = { ...env, PUBLIC_URL: 'https://relay.example.com' };
  secureUrl = `http://127.0.0.1:${(await control.start(secure)).port}`;
  for (const email of ['ada@example.com', 'bob@example.com']) {
    await api.call('POST', '/v1/accounts', { body: { email, password } });
  }
});

async function trySignIn(
  browser: BrowserSession,
  fields: Record<string, string>,
  path = '/sign-in',
): Promise<ShownPage> {
  return browser.submit(await browser.get(path), '/sign-in', fields);
}

async function signedIn(email = 'ada@example.com'): Promise<BrowserSession> {
  const browser = new BrowserSession(api.url);
  expect((await trySignIn(browser, { email, password })).status).toBe(303);
  return browser;
}

describe('signing in', () => {
  it('leads to the account, or to where the person wanted to go', async () => {
    const browser = new BrowserSession(api.url);
    expect((await trySignIn(browser, { email: ' Ada@Example.com ', password })).location).toBe('/account');
    expect((await browser.get('/sign-in?next=%2Fwanted%3Fa%3D1')).location).toBe('/wanted?a=1');
    const other = new BrowserSession(api.url);
    const page = await trySignIn(
      other,
      { email: 'ada@example.com', password },
      '/sign-in?next=%2Fwanted%3Fa%3D1%26b%3D2',
    );
    expect([page.status, page.location]).toEqual([303, '/wanted?a=1&b=2']);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/%09/evil.example', 'javascript:1'])(
    'never leads to another site: %s',
    async (next) => {
      const target = next.replaceAll('%09', '\t');
      const browser = new BrowserSession(api.url);
      const page = await browser.get(`/sign-in?next=${encodeURIComponent(target)}`);
      expect(page.text).not.toContain('evil');
      const fields = { email: 'ada@example.com', password, next: target };
      expect((await browser.submit(page, '/sign-in', fields)).location).toBe('/account');
      const again = await browser.get(`/sign-in?next=${encodeURIComponent(target)}`);
      expect(again.location).toBe('/account');
    },
  );

  it('says the same for a wrong password as for an address that is nobody’s', async () => {
    const texts = [];
    for (const email of ['bob@example.com', 'nobody@example.com']) {
      const page = await trySignIn(new BrowserSession(api.url), { email, password: 'not the password' });
      expect(page.status).toBe(422);
      expect(page.text).toContain('E-mail address or password is wrong.');
      texts.push(page.text.replaceAll(email, '').replaceAll(/name="csrf" value="[^"]*"/g, ''));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('gives a new token to a browser that had one, and voids the old one', async () => {
    const browser = await signedIn();
    const old = browser.copy();
    const cookie = browser.cookies.get('relay-session');
    const page = await browser.get('/sign-in');
    expect(page.status).toBe(303);
    const token = { csrf: (await browser.get('/account')).hiddenOf('/sign-out')['csrf'] ?? '' };
    await browser.post('/sign-in', { ...token, email: 'bob@example.com', password });
    expect(browser.cookies.get('relay-session')).not.toBe(cookie);
    expect((await old.get('/account')).location).toBe('/sign-in?next=%2Faccount');
  });

  it('ends by signing out, in all copies of the browser', async () => {
    const browser = await signedIn();
    const copy = browser.copy();
    const page = await browser.get('/account');
    expect(page.status).toBe(200);
    expect((await browser.submit(page, '/sign-out')).location).toBe('/sign-in?notice=signed-out');
    expect((await browser.get('/sign-in?notice=signed-out')).text).toContain('You are signed out.');
    expect((await copy.get('/account')).status).toBe(303);
  });

  it('is over at once for who is disabled', async () => {
    const created = await api.call('POST', '/v1/accounts', { body: { email: 'eve@example.com', password } });
    const browser = await signedIn('eve@example.com');
    const path = `/v1/accounts/${String(created.body['id'])}`;
    await api.call('PATCH', path, { body: { enabled: false } });
    expect((await browser.get('/account')).status).toBe(303);
    const page = await trySignIn(new BrowserSession(api.url), { email: 'eve@example.com', password });
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('password is wrong')]);
    await api.call('PATCH', path, { body: { enabled: true } });
    await signedIn('eve@example.com');
  });
});

describe('a form', () => {
  const fields = { email: 'ada@example.com', password };

  it.each([
    ['without its token', { csrf: '' }, {}],
    ['with another token', { csrf: 'A'.repeat(43) }, {}],
    ['from another site', {}, { origin: 'https://evil.example' }],
    ['from a page without an origin', {}, { origin: 'null' }],
    ['from another port', {}, { origin: 'http://127.0.0.1:1' }],
  ])('is refused %s', async (_, wrong, headers) => {
    const browser = new BrowserSession(api.url);
    const hidden = (await browser.get('/sign-in')).hiddenOf('/sign-in');
    const page = await browser.post('/sign-in', { ...hidden, ...fields, ...wrong }, headers);
    expect([page.status, page.heading]).toEqual([403, 'The form has expired']);
    expect(browser.cookies.has('relay-session')).toBe(false);
  });

  it('is refused with the token of another browser, or without a cookie', async () => {
    const hidden = (await new BrowserSession(api.url).get('/sign-in')).hiddenOf('/sign-in');
    const other = new BrowserSession(api.url);
    expect((await other.post('/sign-in', { ...hidden, ...fields })).status).toBe(403);
    await other.get('/sign-in');
    expect((await other.post('/sign-in', { ...hidden, ...fields })).status).toBe(403);
  });

  it('is refused as JSON, and where it is too large', async () => {
    const json = await fetch(`${api.url}/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(415);
    const page = await new BrowserSession(api.url).post('/sign-in', { email: 'a'.repeat(40_000) });
    expect(page.status).toBe(413);
  });
});

describe('every page', () => {
  it('is held to itself by its headers, and has nothing inline', async () => {
    const { headers, text } = await new BrowserSession(api.url).get('/sign-in');
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(text).not.toMatch(/<script|<style| style=| on[a-z]+=/i);
  });

  it('comes with its stylesheet from here, which may be kept for ever', async () => {
    const browser = new BrowserSession(api.url);
    const path = /rel="stylesheet" href="([^"]+)"/.exec((await browser.get('/sign-in')).text)?.[1] ?? '';
    const { status, headers } = await browser.get(path);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect(headers.get('cache-control')).toContain('immutable');
  });
});

describe('the cookie', () => {
  it('is out of reach of scripts and other sites', async () => {
    const [line] = (await signedIn()).cookieLines.filter((each) => each.startsWith('relay-session='));
    expect(line).toMatch(/^relay-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/);
  });

  it('is bound to this host and to https where PUBLIC_URL is https', async () => {
    const browser = new BrowserSession(secureUrl);
    const hidden = (await browser.get('/sign-in')).hiddenOf('/sign-in');
    const fields = { ...hidden, email: 'ada@example.com', password };
    expect((await browser.post('/sign-in', fields)).status).toBe(403);
    const page = await browser.post('/sign-in', fields, { origin: 'https://relay.example.com' });
    expect(page.status).toBe(303);
    expect(browser.cookieLines.map((line) => line.replace(/=[\w-]{43};/, '=…;'))).toEqual([
      '__Host-relay-visit=…; Path=/; HttpOnly; SameSite=Lax; Secure',
      '__Host-relay-session=…; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=43200',
    ]);
  });
});
