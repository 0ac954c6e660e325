import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { fromBase32 } from '../src/accounts/base32.js';
import { codeOf, stepAt } from '../src/accounts/totp.js';
import { chromiumPath, narrowPage, shownWidth, startChromium } from '../../../test/harness/chromium.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { credentialsOf, signedCall, type Credentials } from './oauth1-under-test.js';

const control = controlUnderTest();
const executable = chromiumPath();
const [describePages, why] =
  executable === undefined
    ? [describe.skip, ' (skipped: no chromium or google-chrome on the PATH; CHROMIUM_PATH can name one)']
    : [describe, ''];
const password = 'correct horse battery';
/** No space to break the line at. */
const email = `ada.${'lovelace'.repeat(5)}@analytical-engines.example`;
const applicationName = `Shipper${'&Sons'.repeat(12)}`;

let browser: Browser | undefined;
let page: Page;
let api: Api;
let consumer: Credentials;
let secret: string;

beforeAll(async () => {
  if (executable === undefined) {
    return;
  }
  const { port } = await control.start(await control.environment());
  api = new Api(`http://localhost:${String(port)}`);
  browser = await startChromium(executable);
  page = await narrowPage(browser);
  const fields = { name: applicationName, databases: ['acme', 'globex'], models: ['sale.order'] };
  const { body: application } = await api.call('POST', '/v1/applications', { body: fields });
  const { body } = await api.call('POST', `/v1/applications/${String(application['id'])}/credentials`, {
    body: { kind: 'oauth1-consumer', scopes: ['subscriptions:read', 'replay'] },
  });
  consumer = { key: String(body['id']), secret: String(body['secret']) };
});

afterAll(() => browser?.close());

const field = (label: string): Locator => page.getByLabel(label, { exact: true });

async function press(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** What everybody sees of each page: its title, one heading, and nothing beside the window. */
async function expectPage(title: string, heading = title): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  expect([await page.title(), await page.locator('h1').count()]).toEqual([`${title} – Odoo Relay`, 1]);
  expect([title, await shownWidth(page)]).toEqual([title, 360]);
}

/** An error is told at the top, leads to its field, and is read out with it. */
async function expectError(label: string, text: string): Promise<void> {
  const line = page.getByRole('alert').getByRole('link', { name: text, exact: true });
  expect(await line.count()).toBe(1);
  await line.click();
  const input = field(label);
  expect(await input.getAttribute('aria-invalid')).toBe('true');
  const described = (await input.getAttribute('aria-describedby')) ?? '';
  const ids = described.split(' ').map((id) => `#${id}`);
  expect((await page.locator(ids.join(', ')).allInnerTexts()).join(' ')).toContain(text);
}

const codeNow = (around: number): string => codeOf(secret, stepAt(Date.now()) + around);

describePages(`the pages in a browser without scripts, 360 pixels wide${why}`, () => {
  it('an invitation leads to a password', async () => {
    const { body } = await api.call('POST', '/v1/accounts', { body: { email } });
    await page.goto(String(body['invitationUrl']));
    await expectPage('Set your password', 'Welcome to Odoo Relay');
    await field('New password').fill(password);
    await field('New password, once more').fill('another');
    await press('Set password');
    await expectPage('Error: Set your password', 'Welcome to Odoo Relay');
    await expectError('New password, once more', 'The two passwords differ.');
    await field('New password').fill(password);
    await field('New password, once more').fill(password);
    await press('Set password');
    await expectPage('Sign in');
    expect(await page.getByRole('status').innerText()).toBe('Your password is set. Sign in with it.');
  });

  it('signing in says what is wrong, and leads to the account', async () => {
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('name')).toBe('email');
    await field('E-mail address').fill(email);
    await field('Password').fill('not the password');
    await press('Sign in');
    await page.getByRole('alert').waitFor();
    expect(await page.title()).toMatch(/^Error: Sign in/);
    expect(await field('E-mail address').inputValue()).toBe(email);
    expect(await field('Password').inputValue()).toBe('');
    expect(await focused.getAttribute('name')).toBe('password');
    await field('Password').fill(password);
    await press('Sign in');
    await expectPage('Your account');
    expect(await page.getByText(email, { exact: true }).isVisible()).toBe(true);
  });

  it('the second step is set up with the key or its picture, and kept by recovery codes', async () => {
    await press('Set up');
    await expectPage('Set up the second step');
    expect(await page.getByRole('img', { name: 'QR code of the key beside it' }).isVisible()).toBe(true);
    secret = (await page.locator('code').innerText()).replaceAll(' ', '');
    expect(fromBase32(secret).length).toBe(20);
    await field('Code').fill('000000');
    await press('Turn on');
    await expectPage('Error: Set up the second step', 'Set up the second step');
    expect(await field('Code').getAttribute('aria-invalid')).toBe('true');
    await field('Code').fill(codeNow(-1));
    await press('Turn on');
    await expectPage('Keep your recovery codes');
    expect(await page.getByRole('listitem').count()).toBeGreaterThanOrEqual(8);
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await expectPage('Your account');
  });

  it('consent, asked for by who is signed out, follows the password and the code, and says all in words', async () => {
    await press('Sign out');
    await expectPage('Sign in');
    const begun = await signedCall(`${api.url}/oauth/1.0a/request-token`, {
      method: 'POST',
      consumer,
      oauth: { oauth_callback: 'oob' },
    });
    const temporary = await credentialsOf(begun);
    await page.goto(`${api.url}/oauth/1.0a/authorize?oauth_token=${temporary.key}`);
    await field('E-mail address').fill(email);
    await field('Password').fill(password);
    await press('Sign in');
    await expectPage('Enter your code');
    expect(await page.locator(':focus').getAttribute('autocomplete')).toBe('one-time-code');
    await field('Code').fill('000000');
    await press('Go on');
    await expectPage('Error: Enter your code', 'Enter your code');
    await field('Code').fill(codeNow(0));
    await press('Go on');
    await expectPage(`Allow ${applicationName} access?`);
    const text = await page.getByRole('main').innerText();
    expect(text).toContain(`You are signed in as ${email}.`);
    for (const words of ['See its subscriptions', 'Have data sent again', 'acme, globex', 'sale.order']) {
      expect(text).toContain(words);
    }
    expect(text).not.toMatch(/subscriptions:read|Subscribe to changes|Administer/);
    expect(await page.getByRole('button', { name: 'Deny' }).isVisible()).toBe(true);
    await press('Allow');
    await expectPage('Your code', `Enter this code in ${applicationName}`);
    const verifier = await page.locator('code').innerText();
    const given = await signedCall(`${api.url}/oauth/1.0a/access-token`, {
      method: 'POST',
      consumer,
      token: temporary,
      oauth: { oauth_verifier: verifier },
    });
    expect(given.status).toBe(200);
  });

  it('what was allowed is listed, and taken back', async () => {
    await page.goto(`${api.url}/account`);
    await page.getByRole('link', { name: 'Allowed applications' }).click();
    await expectPage('Applications you have allowed');
    const text = await page.getByRole('main').innerText();
    expect(text).toContain(applicationName);
    expect(text).toContain('Have data sent again');
    await press(`Take back what ${applicationName} was allowed`);
    await expectPage('Applications you have allowed');
    expect(await page.getByRole('status').innerText()).toContain('It is taken back.');
    expect(await page.getByRole('main').innerText()).toContain('None has access in your name.');
    expect((await api.get('/v1/consents')).body['data']).toEqual([]);
  });

  it('what cannot go on says so, and what to do', async () => {
    await page.goto(`${api.url}/oauth/1.0a/authorize?oauth_token=unknown`);
    await expectPage('This request is not open');
    await page.goto(`${api.url}/oauth2/authorize?client_id=${'x'.repeat(200)}&response_type=code`);
    await expectPage('This cannot go on');
    expect(await page.getByRole('main').innerText()).toContain('tell its developers if that happens again');
  });
});
