import { beforeAll, describe, expect, it } from '@jest/globals';
import { fromBase32 } from '../src/accounts/base32.js';
import { codeOf, stepAt } from '../src/accounts/totp.js';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { BrowserSession, type ShownPage } from './browser-session.js';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
const password = 'correct horse battery';
const shown: string[] = [password];
let app: StartedApp;
let api: Api;

beforeAll(async () => {
  app = await startApp('control', await control.environment({ LOG_LEVEL: 'trace' }));
  api = new Api(app.url);
});

async function invite(email: string): Promise<{ id: string; path: string }> {
  const { body } = await api.call('POST', '/v1/accounts', { body: { email } });
  const path = new URL(String(body['invitationUrl'])).pathname;
  shown.push(path.split('/').at(-1) ?? '');
  return { id: String(body['id']), path };
}

async function accept(path: string, fields = { password, again: password }): Promise<ShownPage> {
  const browser = new BrowserSession(api.url);
  return browser.submit(await browser.get(path), path, fields);
}

async function signIn(email: string, given = password): Promise<BrowserSession> {
  const browser = new BrowserSession(api.url);
  await browser.submit(await browser.get('/sign-in'), '/sign-in', { email, password: given });
  browser.cookies.forEach((value) => shown.push(value));
  return browser;
}

/** A code of the present period, or of one around it. */
function codeNow(secret: string, around = 0): string {
  const code = codeOf(secret, stepAt(Date.now()) + around);
  shown.push(code);
  return code;
}

async function setUp(email: string): Promise<{ browser: BrowserSession; secret: string; codes: string[] }> {
  const { path } = await invite(email);
  await accept(path);
  const browser = await signIn(email);
  const begin = await browser.submit(await browser.get('/account'), '/account/second-step/begin');
  const page = await browser.get(begin.location ?? '');
  const secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
  // Of the period before, so that the test has two more.
  const done = await browser.submit(page, '/account/second-step', { code: codeNow(secret, -1) });
  const codes = [...done.text.matchAll(/<code>([A-Z2-7-]{19})<\/code>/g)].map(([, code = '']) => code);
  shown.push(secret, ...codes);
  return { browser, secret, codes };
}

describe('an invitation', () => {
  it('lets a person set a password, once', async () => {
    const { path } = await invite('ada@example.com');
    const page = await new BrowserSession(api.url).get(path);
    expect(page.text).toContain('ada@example.com');
    expect((await accept(path)).location).toBe('/sign-in?notice=password-set');
    expect((await new BrowserSession(api.url).get(path)).heading).toBe('This invitation is over');
    expect((await (await signIn('ada@example.com')).get('/account')).heading).toBe('Your account');
  });

  it.each([
    ['short', 'elevenchars', 'elevenchars', 'at least 12 characters'],
    ['equal', 'Equal@Example.com', 'Equal@Example.com', 'must not be the e-mail'],
    ['differing', password, `${password}x`, 'The two passwords differ.'],
  ])('refuses a password that is %s, and says so at the field', async (name, given, again, text) => {
    const page = await accept((await invite(`${name}@example.com`)).path, { password: given, again });
    expect(page.status).toBe(422);
    expect(page.text.split(text)).toHaveLength(3);
    expect(page.text).toContain('<title>Error: Set your password');
    expect(page.text).not.toContain(`value="${given}"`);
  });

  it.each(['x', 'A'.repeat(43), '..%2F..', "'; DROP TABLE relay_control.accounts --"])(
    'is over where there was none: %s',
    async (token) => {
      const page = await new BrowserSession(api.url).get(`/invitation/${encodeURIComponent(token)}`);
      expect([page.status, page.heading]).toEqual([404, 'This invitation is over']);
    },
  );
});

describe('the account page', () => {
  it('sends who has not signed in to do so, and back', async () => {
    const browser = new BrowserSession(api.url);
    for (const path of ['/account', '/account/second-step']) {
      expect((await browser.get(path)).location).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
    }
    expect((await browser.post('/account/password', {})).location).toBe('/sign-in');
  });

  it('changes the password, which signs out everywhere else', async () => {
    await accept((await invite('cyd@example.com')).path);
    const [browser, other] = [await signIn('cyd@example.com'), await signIn('cyd@example.com')];
    const page = await browser.get('/account');
    const next = 'another long password';
    shown.push(next);
    const wrong = { current: 'not the password', password: next, again: next };
    expect((await browser.submit(page, '/account/password', wrong)).text).toContain(
      'current password is wrong',
    );
    const changed = await browser.submit(page, '/account/password', { ...wrong, current: password });
    expect(changed.location).toBe('/account?notice=password-changed');
    expect((await browser.get(changed.location ?? '')).text).toContain('Your password is changed.');
    expect((await other.get('/account')).status).toBe(303);
    expect((await (await signIn('cyd@example.com')).get('/account')).status).toBe(303);
    expect((await (await signIn('cyd@example.com', next)).get('/account')).status).toBe(200);
  });

  it('is signed out by a reset, after which neither password nor code is known', async () => {
    const { browser } = await setUp('dan@example.com');
    const { body } = await api.get('/v1/accounts?limit=200');
    const account = (body['data'] as { id: string; email: string }[]).find(
      ({ email }) => email === 'dan@example.com',
    );
    const answer = await api.call('POST', `/v1/accounts/${account?.id ?? ''}/reset`, { body: {} });
    expect(answer.body).toMatchObject({ state: 'invited', twoFactor: false });
    expect((await browser.get('/account')).status).toBe(303);
    expect((await (await signIn('dan@example.com')).get('/account')).status).toBe(303);
  });
});

describe('the second step', () => {
  it('is set up by a key, a QR code and a first code; then a code is asked for', async () => {
    const { browser, secret, codes } = await setUp('eve@example.com');
    expect(fromBase32(secret)).toHaveLength(20);
    expect(new Set(codes).size).toBe(10);
    expect((await browser.get('/account')).text).toContain('10 recovery codes are left.');
    const again = await signIn('eve@example.com');
    expect((await again.get('/account')).location).toBe('/sign-in?next=%2Faccount');
    const page = await again.get('/sign-in/code?next=%2Fwanted');
    expect(page.heading).toBe('Enter your code');
    const wrong = await again.submit(page, '/sign-in/code', { code: '000000' });
    expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('The code is wrong')]);
    const right = await again.submit(page, '/sign-in/code', { code: codeNow(secret) });
    expect(right.location).toBe('/wanted');
    expect((await again.get('/account')).status).toBe(200);
  });

  it('does not let in by the cookie from before the code', async () => {
    const { codes } = await setUp('fay@example.com');
    const browser = await signIn('fay@example.com');
    const before = browser.copy();
    const page = await browser.get('/sign-in/code');
    await browser.submit(page, '/sign-in/code', { code: codes[0] ?? '' });
    expect((await browser.get('/account')).text).toContain('9 recovery codes are left.');
    expect((await before.get('/account')).status).toBe(303);
    expect((await before.get('/sign-in/code')).status).toBe(303);
  });

  it('is changed only by who has a code', async () => {
    const { browser, codes, secret } = await setUp('gus@example.com');
    const page = await browser.get('/account');
    const change = (fields: Record<string, string>): Promise<ShownPage> =>
      browser.submit(page, '/account/second-step/change', fields);
    expect((await change({ code: '123456', change: 'off' })).status).toBe(422);
    const renewed = await change({ code: codeNow(secret), change: 'codes' });
    expect(renewed.heading).toBe('Keep your recovery codes');
    expect(renewed.text).not.toContain(codes[0]);
    expect((await change({ code: codes[0] ?? '', change: 'off' })).status).toBe(422);
    const off = await change({ code: codeNow(secret, 1), change: 'off' });
    expect(off.location).toBe('/account?notice=second-step-off');
    expect((await browser.get('/account')).text).toContain('Set up');
  });
});

describe('too many tries', () => {
  it('are answered with how long to wait, and the password is not looked at', async () => {
    await accept((await invite('ida@example.com')).path);
    const browser = new BrowserSession(api.url);
    const page = await browser.get('/sign-in');
    const attempt = (given: string): Promise<ShownPage> =>
      browser.submit(page, '/sign-in', { email: 'ida@example.com', password: given });
    for (let failed = 0; failed < 8; failed += 1) {
      await attempt('wrong');
    }
    const refused = await attempt(password);
    expect([refused.status, refused.text]).toEqual([429, expect.stringMatching(/Try again in \d+ second/)]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

it('fault 98: no password, token, key or code stands in a log line', async () => {
  expect(shown.length).toBeGreaterThan(50);
  await app.stop();
  const output = app.output();
  expect(output).toContain('answered');
  expect(shown.filter((each) => each !== '' && output.includes(each))).toEqual([]);
});
