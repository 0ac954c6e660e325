import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  callback,
  connect,
  consumerKey,
  consumerSecret,
  credentialsOf,
  decide,
  oauth1UnderTest,
  shop,
  signedCall,
  type Credentials,
  type OAuth1Instance,
  type SignedCall,
} from './oauth1-under-test.js';

const oauth1 = oauth1UnderTest();
const log: string[] = [];
let instance: OAuth1Instance;
let aheadMs = 0;

beforeAll(async () => {
  const logger = pino({ level: 'trace' }, { write: (line) => void log.push(line) });
  const nowMs = (): number => Date.now() + aheadMs;
  instance = await oauth1.start(await oauth1.stack.freshDatabase(), { logger, nowMs });
});

const path = (name: string): string => `${instance.url}/oauth/1.0a/${name}`;
const requestToken = (oauth: Record<string, string> = { oauth_callback: callback }): Promise<Response> =>
  signedCall(path('request-token'), { method: 'POST', oauth });
const temporaryOf = async (oauth?: Record<string, string>): Promise<Credentials> =>
  credentialsOf(await requestToken(oauth));
const accessToken = (token: Credentials, verifier: string, call: SignedCall = {}): Promise<Response> =>
  signedCall(path('access-token'), { method: 'POST', token, oauth: { oauth_verifier: verifier }, ...call });
const verifierOf = (answer: Response): string =>
  new URL(answer.headers.get('location') ?? '').searchParams.get('oauth_verifier') ?? '';
const whoIs = (call: SignedCall = {}): Promise<Response> => signedCall(path('token'), call);
const codeOf = async (answer: Response): Promise<unknown> =>
  ((await answer.json()) as { code?: unknown }).code;
const authorize = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${path('authorize')}?${query}`, { headers, redirect: 'manual' });

describe('an application that connects by OAuth 1.0a', () => {
  it('gets temporary credentials, consent, a verifier and a token that it acts with until it is revoked', async () => {
    const begun = await requestToken();
    expect(begun.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(begun.headers.get('cache-control')).toBe('no-store');
    const text = await begun.text();
    expect(text).toMatch(/^oauth_token=[\w-]+&oauth_token_secret=[\w-]+&oauth_callback_confirmed=true$/);
    const temporary = await credentialsOf(new Response(text));

    const query = `oauth_token=${temporary.key}`;
    const toSignIn = await authorize(query);
    expect(toSignIn.headers.get('location')).toBe(
      `/sign-in?next=${encodeURIComponent(`/oauth/1.0a/authorize?${query}`)}`,
    );
    const page = await authorize(query, { cookie: 'account=anna' });
    const shown = await page.text();
    for (const part of [
      'Shop &amp; Co',
      'anna@example.com',
      'See its subscriptions',
      'acme',
      temporary.key,
    ]) {
      expect(shown).toContain(part);
    }
    expect(page.headers.get('x-frame-options')).toBe('DENY');

    const back = await decide(instance.url, temporary.key);
    expect(back.status).toBe(303);
    expect(back.headers.get('location')).toMatch(
      new RegExp(
        `^https://shop\\.example/back\\?shop=1&oauth_token=${temporary.key}&oauth_verifier=[\\w-]{43}$`,
      ),
    );
    const token = await credentialsOf(await accessToken(temporary, verifierOf(back)));
    const known = await whoIs({ token });
    expect(await known.json()).toEqual({
      applicationId: 'default',
      applicationName: 'Shop & Co',
      token: token.key,
    });

    expect((await whoIs({ token, method: 'DELETE' })).status).toBe(204);
    const after = await whoIs({ token });
    expect([after.status, await codeOf(after)]).toEqual([401, 'oauth1_signature_wrong']);
  });

  it('may act for itself, without a token', async () => {
    const answer = await whoIs();
    expect(await answer.json()).toMatchObject({ applicationId: 'default', token: null });
    const revoked = await whoIs({ method: 'DELETE' });
    expect(await codeOf(revoked)).toBe('oauth1_parameter_missing');
  });

  it('that cannot be redirected to is told a code by its user', async () => {
    const temporary = await temporaryOf({ oauth_callback: 'oob' });
    const page = await decide(instance.url, temporary.key);
    expect(page.status).toBe(200);
    const code = /<code>([0-9a-z]{12})<\/code>/.exec(await page.text())?.[1] ?? '';
    const token = await credentialsOf(await accessToken(temporary, code));
    expect((await whoIs({ token })).status).toBe(200);
  });

  it('is denied, and led back without a verifier', async () => {
    const temporary = await temporaryOf();
    const back = await decide(instance.url, temporary.key, { decision: 'deny' });
    expect(back.headers.get('location')).toBe(
      `${callback}&oauth_token=${temporary.key}&oauth_problem=permission_denied`,
    );
    expect((await decide(instance.url, temporary.key)).status).toBe(404);
    const out = await temporaryOf({ oauth_callback: 'oob' });
    expect(await (await decide(instance.url, out.key, { decision: '' })).text()).toContain('Access denied');
  });

  it('fault 86: signs with either secret while one takes the place of another', async () => {
    const token = await connect(instance.url);
    const later = { key: consumerKey, secret: 'a later secret' };
    const statuses = async (): Promise<number[]> => [
      (await whoIs({ token })).status,
      (await whoIs({ token, consumer: later })).status,
    ];
    expect(await statuses()).toEqual([200, 401]);
    oauth1.consumers.set(consumerKey, { ...shop, consumerSecrets: [later.secret, consumerSecret] });
    expect(await statuses()).toEqual([200, 200]);
    oauth1.consumers.set(consumerKey, { ...shop, consumerSecrets: [later.secret] });
    expect(await statuses()).toEqual([401, 200]);
    oauth1.consumers.set(consumerKey, shop);
  });
});

describe('a callback', () => {
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['of somebody else', 'https://evil.example/back?shop=1'],
    ['with more in its query', `${callback}&a=1`],
    ['without its query', 'https://shop.example/back'],
    ['with another path', 'https://shop.example/back/../back?shop=1'],
    ['with a user name', 'https://x@shop.example/back?shop=1'],
    ['with a port', 'https://shop.example:443/back?shop=1'],
    ['in other letters', 'https://SHOP.example/back?shop=1'],
    ['with a fragment', `${callback}#`],
    ['of a known name', 'OOB'],
  ])('is refused where it is %s', async (_, given) => {
    const answer = await requestToken(given === undefined ? {} : { oauth_callback: given });
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'oauth1_callback_refused']);
  });

  it('that is registered no more is not led to', async () => {
    const temporary = await temporaryOf();
    oauth1.consumers.set(consumerKey, { ...shop, callbackUrls: [] });
    expect((await decide(instance.url, temporary.key)).status).toBe(404);
    oauth1.consumers.set(consumerKey, shop);
  });
});

describe('temporary credentials', () => {
  it('are exchanged once, also when that is asked for twice at once', async () => {
    const temporary = await temporaryOf();
    const verifier = verifierOf(await decide(instance.url, temporary.key));
    const answers = await Promise.all([1, 2, 3].map(() => accessToken(temporary, verifier)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect((await accessToken(temporary, verifier)).status).toBe(401);
  });

  it('are answered once, also when two accounts do so at once', async () => {
    const temporary = await temporaryOf();
    const answers = await Promise.all(
      ['anna', 'ben'].map((account) => decide(instance.url, temporary.key, { account })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404]);
  });

  it('are not exchanged without consent, or with another verifier', async () => {
    const temporary = await temporaryOf();
    const other = await temporaryOf();
    const verifier = verifierOf(await decide(instance.url, other.key));
    for (const wrong of ['', 'x', verifier]) {
      expect(await codeOf(await accessToken(temporary, wrong))).toBe('oauth1_verifier_refused');
    }
    await decide(instance.url, temporary.key);
    expect(await codeOf(await accessToken(temporary, verifier))).toBe('oauth1_verifier_refused');
  });

  it('are of no use as a token, nor a token as those, nor either to another application', async () => {
    const temporary = await temporaryOf();
    const token = await connect(instance.url);
    const consumer = { key: 'other-key', secret: 'other-secret' };
    oauth1.consumers.set(consumer.key, { ...shop, consumerSecrets: [consumer.secret] });
    const answers = [
      await whoIs({ token: temporary }),
      await accessToken(token, ''),
      await accessToken(temporary, '', { consumer }),
      await whoIs({ token, consumer }),
      await signedCall(path('request-token'), { method: 'POST', token, oauth: { oauth_callback: 'oob' } }),
    ];
    for (const answer of answers) {
      expect([answer.status, await codeOf(answer)]).toEqual([401, 'oauth1_signature_wrong']);
    }
  });

  it('end after ten minutes', async () => {
    const temporary = await temporaryOf();
    const consented = await temporaryOf();
    const verifier = verifierOf(await decide(instance.url, consented.key));
    const { temporary: store } = instance.parts;
    aheadMs = 599_000;
    const asked = [temporary, consented].map(({ key }) => store.find(key));
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(2);
    aheadMs = 601_000;
    expect((await decide(instance.url, temporary.key)).status).toBe(404);
    expect(await store.exchange(consented.key, verifier)).toBeUndefined();
    aheadMs = 0;
  });
});

describe('the page that asks for consent', () => {
  it('takes no form of another site, and none of nobody', async () => {
    const temporary = await temporaryOf();
    expect((await decide(instance.url, temporary.key, { csrf: 'guessed' })).status).toBe(403);
    const nobody = await decide(instance.url, temporary.key, { account: '' });
    expect(nobody.headers.get('location')).toMatch(/^\/sign-in/);
    expect((await decide(instance.url, temporary.key)).status).toBe(303);
  });

  it('is not shown for what is not asked', async () => {
    const token = (await temporaryOf()).key;
    const queries = ['', 'oauth_token=', 'oauth_token=unknown', `oauth_token=${token}&oauth_token=${token}`];
    for (const query of [...queries, 'oauth_token=%00', `oauth_token=${'a'.repeat(5_000)}`]) {
      const answer = await authorize(query, { cookie: 'account=anna' });
      expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('begin anew')]);
    }
  });
});

describe('fault 98: secrets of OAuth 1.0a', () => {
  it('stand neither in the log nor in Postgres', async () => {
    const temporary = await temporaryOf();
    const verifier = verifierOf(await decide(instance.url, temporary.key));
    const token = await credentialsOf(await accessToken(temporary, verifier));
    await whoIs({ token: { ...token, secret: randomBytes(8).toString('hex') } });
    const open = await temporaryOf();
    const tables = ['oauth1_tokens', 'oauth1_temporary_credentials', 'oauth1_nonces'];
    const rows = await Promise.all(
      tables.map((table) =>
        instance.dataSource.query<unknown[]>(`SELECT t::text AS row FROM relay_control.${table} t`),
      ),
    );
    const dump = JSON.stringify(rows);
    expect(dump).toContain(token.key);
    expect(log.join('')).toContain('/oauth/1.0a/access-token');
    for (const secret of [temporary.secret, token.secret, open.secret, verifier, consumerSecret]) {
      expect(secret).not.toBe('');
      expect(dump).not.toContain(secret);
      expect(log.join('')).not.toContain(secret);
    }
    expect(log.join('')).not.toContain(token.key);
  });

  it('go with the application', async () => {
    const { dataSource } = instance;
    const id = 'short-lived';
    await dataSource.query('INSERT INTO relay_control.applications (id, name) VALUES ($1, $1)', [id]);
    oauth1.consumers.set(consumerKey, { ...shop, applicationId: id });
    const token = await connect(instance.url);
    expect((await whoIs({ token })).status).toBe(200);
    await dataSource.query('DELETE FROM relay_control.applications WHERE id = $1', [id]);
    expect((await whoIs({ token })).status).toBe(401);
    oauth1.consumers.set(consumerKey, shop);
  });
});
