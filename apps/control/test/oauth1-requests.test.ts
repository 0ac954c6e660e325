import { generateKeyPairSync } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import OAuth from 'oauth-1.0a';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { rsaSignature } from '#libs/oauth1';
import {
  authorizationOf,
  connect,
  consumerKey,
  consumerSecret,
  oauth1UnderTest,
  shop,
  signedCall,
  type Credentials,
  type OAuth1Instance,
} from './oauth1-under-test.js';

const oauth1 = oauth1UnderTest();
let instance: OAuth1Instance;
let token: Credentials;

beforeAll(async () => {
  instance = await oauth1.start(await oauth1.stack.freshDatabase());
  token = await connect(instance.url);
});

const echoUrl = (): string => `${instance.apiUrl}/echo?a=1`;
const echoed = async (answer: Response): Promise<unknown> => answer.json();
/** A request whose line stands as given: `fetch` would make a URL of it. */
function rawGet(path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(instance.url, { path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.on('error', reject).end();
  });
}

describe('a request signed as of OAuth 1.0a', () => {
  it('is known to be of an application and its token, and its JSON reaches the route', async () => {
    const answer = await signedCall(echoUrl(), { method: 'POST', token, json: { name: 'ä' } });
    expect(await echoed(answer)).toEqual({
      verdict: { kind: 'verified', applicationId: 'default', consumerKey, tokenId: token.key },
      body: { name: 'ä' },
    });
  });

  it('may carry its parameters in the query or in a form', async () => {
    const url = `${instance.url}/oauth/1.0a/token`;
    const fieldsOf = (target: string, method: string): URLSearchParams => {
      const header = authorizationOf(target, { token, method });
      const pairs = [...header.matchAll(/(oauth_\w+)="([^"]*)"/g)];
      return new URLSearchParams(
        pairs.map(([, name = '', value = '']): [string, string] => [name, decodeURIComponent(value)]),
      );
    };
    expect((await fetch(`${url}?${fieldsOf(url, 'GET').toString()}`)).status).toBe(200);
    const answer = await fetch(echoUrl(), { method: 'POST', body: fieldsOf(echoUrl(), 'POST') });
    expect(await echoed(answer)).toMatchObject({ verdict: { kind: 'verified', tokenId: token.key } });
  });

  it('is verified by a public key where it is signed with RSA-SHA1', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const client = new OAuth({
      consumer: { key: consumerKey, secret: '' },
      signature_method: 'RSA-SHA1',
      hash_function: (base) => rsaSignature(base, privateKey),
    });
    const url = `${instance.url}/oauth/1.0a/token`;
    const status = async (): Promise<number> => {
      const authorization = client.toHeader(client.authorize({ url, method: 'GET' }, token)).Authorization;
      return (await fetch(url, { headers: { authorization } })).status;
    };
    expect(await status()).toBe(401);
    oauth1.consumers.set(consumerKey, { ...shop, consumerSecrets: [], rsaPublicKeyPem: publicKey });
    expect(await status()).toBe(200);
    expect((await signedCall(url, { token })).status).toBe(401);
    expect((await signedCall(url, { token, consumer: { key: consumerKey, secret: '' } })).status).toBe(401);
    oauth1.consumers.set(consumerKey, shop);
  });

  it('is signed for the address from outside, whatever host it comes to', async () => {
    const outside = await oauth1.start(await oauth1.stack.freshDatabase());
    Object.assign(outside.parts.publicAddress, { origin: 'https://relay.example.com' });
    const path = '/oauth/1.0a/token?b=2&a=1';
    const status = async (signed: string): Promise<number> =>
      (await fetch(outside.url + path, { headers: { authorization: authorizationOf(signed) } })).status;
    expect(await status(`https://relay.example.com${path}`)).toBe(200);
    expect(await status(outside.url + path)).toBe(401);
    expect(await status(`http://relay.example.com${path}`)).toBe(401);
  });

  it('is told from one that is not, whose body is left alone', async () => {
    const answers = [
      await fetch(echoUrl(), { method: 'POST', body: '{}', headers: { authorization: 'Bearer x' } }),
      await fetch(echoUrl(), { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } }),
      await fetch(echoUrl(), { method: 'POST', body: new URLSearchParams({ a: '1' }) }),
    ];
    for (const answer of answers) {
      expect(await echoed(answer)).toMatchObject({ verdict: { kind: 'absent' } });
    }
  });
});

describe('fault 92: a request is refused with 401 and what to do', () => {
  const url = (): string => `${instance.url}/oauth/1.0a/token`;
  const refusalOf = async (answer: Response): Promise<unknown[]> => {
    const { code } = (await answer.json()) as { code: unknown };
    const { headers, status } = answer;
    return [status, code, headers.get('www-authenticate'), headers.get('content-type')];
  };
  const expected = (code: string): unknown[] => [
    401,
    code,
    'OAuth realm="Odoo Relay"',
    'application/problem+json',
  ];
  const changed = (from: RegExp, to: string): Record<string, string> => ({
    authorization: authorizationOf(url(), { token }).replace(from, to),
  });

  it.each([
    ['no signature at all', (): Record<string, string> => ({}), 'oauth1_parameter_missing'],
    ['PLAINTEXT', () => changed(/HMAC-SHA256/, 'PLAINTEXT'), 'oauth1_method_refused'],
    [
      'another version',
      () => changed(/oauth_version="1.0"/, 'oauth_version="2.0"'),
      'oauth1_version_refused',
    ],
    ['an old timestamp', () => changed(/timestamp="\d/, 'timestamp="0'), 'oauth1_timestamp_refused'],
    [
      'a parameter twice',
      () => changed(/oauth_nonce/, 'oauth_nonce="a", oauth_nonce'),
      'oauth1_parameter_twice',
    ],
    ['half a header', () => changed(/"$/, ''), 'oauth1_malformed'],
    ['NUL in the key', () => changed(/shop-key/, '%00'), 'oauth1_malformed'],
  ])('%s', async (_, headers, code) => {
    expect(await refusalOf(await fetch(url(), { headers: headers() }))).toEqual(expected(code));
  });

  it('parameters in header and query', async () => {
    const answer = await fetch(`${url()}?oauth_token=x`, { headers: changed(/$/, '') });
    expect(await refusalOf(answer)).toEqual(expected('oauth1_parameters_mixed'));
  });

  it('an unknown consumer, an unknown token and a wrong secret, all with one answer', async () => {
    const answers = await Promise.all([
      signedCall(url(), { token, consumer: { key: 'unknown', secret: consumerSecret } }),
      signedCall(url(), { token, consumer: { key: consumerKey, secret: 'wrong' } }),
      signedCall(url(), { token: { ...token, secret: 'wrong' } }),
      signedCall(url(), { token: { ...token, key: 'unknown' } }),
      signedCall(url(), { consumer: { key: 'unknown', secret: '' } }),
    ]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(texts[0]).toContain(`GET ${url()}`);
  });

  it('a request line that says more than a path', async () => {
    const headers = changed(/$/, '');
    for (const path of ['/oauth/1.0a/token#', url(), '/oauth/1.0a/x/../token', '/oauth/1.0a/token/']) {
      const { status } = await rawGet(path, headers);
      expect([path, [401, 404].includes(status)]).toEqual([path, true]);
    }
    expect((await rawGet('/oauth/1.0a/token', headers)).status).toBe(200);
  });
});

describe('the body of a signed request', () => {
  const post = (body: string, headers: Record<string, string> = {}): Promise<Response> => {
    const authorization = authorizationOf(echoUrl(), { method: 'POST', token, json: { a: 1 } });
    const kind = { 'content-type': 'application/json' };
    return fetch(echoUrl(), { method: 'POST', body, headers: { ...kind, ...headers, authorization } });
  };

  it('cannot be changed, nor its kind', async () => {
    const answers = await Promise.all([
      post('{"a":1}'),
      post('{"a":2}'),
      post('{"a":1} '),
      post(''),
      post('{"a":1}', { 'content-type': 'application/x-www-form-urlencoded' }),
      post('{"a":1}', { 'content-encoding': 'gzip' }),
    ]);
    const verdicts = (await Promise.all(answers.map(echoed))) as { verdict: { kind: string } }[];
    expect(verdicts.map(({ verdict }) => verdict.kind)).toEqual([
      'verified',
      ...Array.from({ length: 5 }, () => 'refused'),
    ]);
  });

  it('that is too large, or no JSON, is told so', async () => {
    const large = await post('x'.repeat(300_000));
    expect([large.status, ((await large.json()) as { code: string }).code]).toEqual([413, 'body_too_large']);
    const headers = {
      'content-type': 'application/json',
      authorization: authorizationOf(echoUrl(), { method: 'POST', token, text: '{"a":' }),
    };
    const half = await fetch(echoUrl(), { method: 'POST', body: '{"a":', headers });
    expect([half.status, ((await half.json()) as { code: string }).code]).toEqual([400, 'malformed_json']);
  });
});
