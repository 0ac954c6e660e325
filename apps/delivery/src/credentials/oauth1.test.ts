import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { OAuth1 } from '#libs/subscription';
import { oauth1Authorization, oauth1Signature, signatureBase, type SignedRequest } from './oauth1.js';

const printer = { consumerSecret: 'kd94hf93k423kf44', signatureMethod: 'HMAC-SHA1' } as const;
const method = ['oauth_signature_method', 'HMAC-SHA1'] as const;
const form = 'application/x-www-form-urlencoded';
const nothing = Buffer.alloc(0);
const post = (url: string, body = '', contentType = 'application/json'): SignedRequest => ({
  method: 'POST',
  url,
  contentType,
  body: Buffer.from(body),
});
/** The third part of the base string, decoded once: what of the parameters is signed, in its order. */
const signedParameters = (request: SignedRequest, parameters: [string, string][] = []): string =>
  decodeURIComponent(signatureBase(request, parameters).split('&')[2] ?? '');
const signedUrl = (url: string): string =>
  decodeURIComponent(signatureBase(post(url), []).split('&')[1] ?? '');

describe('fault 89: signatures of OAuth 1.0a are those of the examples of RFC 5849', () => {
  it('asking for a token (1.2)', () => {
    const request = {
      method: 'POST',
      url: 'https://photos.example.net/token',
      contentType: '',
      body: nothing,
    };
    const parameters = [
      ['oauth_consumer_key', 'dpf43f3p2l4k3l03'],
      ['oauth_token', 'hh5s93j4hdidpola'],
      method,
      ['oauth_timestamp', '137131201'],
      ['oauth_nonce', 'walatlh'],
      ['oauth_verifier', 'hfdp7dh39dks9884'],
    ] as const;
    const secrets = { ...printer, tokenSecret: 'hdhd0244k9j7ao03' };
    expect(oauth1Signature(request, parameters, secrets)).toBe('gKgrFCywp7rO0OXSjdot/IHF7IU=');
  });

  it('getting a photo (1.2)', () => {
    const url = 'http://photos.example.net/photos?file=vacation.jpg&size=original';
    const parameters = [
      ['oauth_consumer_key', 'dpf43f3p2l4k3l03'],
      ['oauth_token', 'nnch734d00sl2jdk'],
      method,
      ['oauth_timestamp', '137131202'],
      ['oauth_nonce', 'chapoH'],
    ] as const;
    const request = { method: 'GET', url, contentType: '', body: nothing };
    const secrets = { ...printer, tokenSecret: 'pfkkdhi9sl3r4s00' };
    expect(oauth1Signature(request, parameters, secrets)).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=');
  });

  it('a form with parameters everywhere (3.4.1)', () => {
    const request = post('http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b', 'c2&a3=2+q', form);
    const parameters = [
      ['oauth_consumer_key', '9djdj82h48djs9d2'],
      ['oauth_token', 'kkk9d7dh3k39sjv7'],
      method,
      ['oauth_timestamp', '137131201'],
      ['oauth_nonce', '7d8f3e4a'],
    ] as const;
    expect(signatureBase(request, parameters)).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D' +
        '%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC' +
        '-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    );
    const secrets = { consumerSecret: 'j49sk3j29djd', tokenSecret: 'dh893hdasih9' };
    const signed = oauth1Signature(request, parameters, { ...secrets, signatureMethod: 'HMAC-SHA1' });
    expect(signed).toBe('r6/TJjbCOr97/+UU0NsvSne7s5g=');
  });
});

describe('fault 90: what OAuth 1.0a signs of a request', () => {
  it.each([
    ["!'()* are encoded", "a=!'()*", 'a=%21%27%28%29%2A'],
    ['+ is a space, %2B is a plus', 'a=1+2&b=1%2B2&c=1%202', 'a=1%202&b=1%2B2&c=1%202'],
    ['empty values and missing ones are alike', 'b&a=&c=', 'a=&b=&c='],
    ['names that come twice are sorted by value', 'a=2&a=10&a=1', 'a=1&a=10&a=2'],
    ['capitals before small letters, prefixes first', 'ab=1&a=2&B=3', 'B=3&a=2&ab=1'],
    ['a name is compared alone, not with the "=" behind it', 'a-b=1&a=2', 'a=2&a-b=1'],
    ['an equals sign in a value', 'a=b=c', 'a=b%3Dc'],
    ['UTF-8, byte by byte', 'a=%C3%A4&b=%e2%98%83', 'a=%C3%A4&b=%E2%98%83'],
    ['bytes that are no UTF-8', 'a=%FF', 'a=%FF'],
    ['a percent sign that stands for itself', 'a=100%&b=%zz', 'a=100%25&b=%25zz'],
    ['unreserved characters stay', 'a=-._~09AZaz', 'a=-._~09AZaz'],
    ['no field between two "&"', 'a=1&&b=2&', 'a=1&b=2'],
  ])('%s', (_, query, signed) => {
    expect(signedParameters(post(`http://a.example/?${query}`))).toBe(signed);
    expect(signedParameters(post('http://a.example/', query, form))).toBe(signed);
  });

  it.each([
    ['HTTP://A.EXAMPLE/Path', 'http://a.example/Path'],
    ['http://a.example:80/', 'http://a.example/'],
    ['https://a.example:443/', 'https://a.example/'],
    ['https://a.example:80/', 'https://a.example:80/'],
    ['http://a.example:8080', 'http://a.example:8080/'],
    ['http://a.example/a%20b?c#d', 'http://a.example/a%20b'],
  ])('the URL %s as %s', (url, signed) => {
    expect(signedUrl(url)).toBe(signed);
  });

  it.each([
    [form, 'a=1'],
    [`${form}; charset=utf-8`, 'a=1'],
    [form.toUpperCase(), 'a=1'],
    ['application/json', ''],
    [`${form}ed`, ''],
    ['text/plain; was=application/x-www-form-urlencoded', ''],
  ])('the body as fields only where it is a form: %s', (contentType, signed) => {
    expect(signedParameters(post('http://a.example/', 'a=1', contentType))).toBe(signed);
  });
});

describe('the Authorization header of OAuth 1.0a', () => {
  const auth: OAuth1 = {
    type: 'oauth1',
    consumerKey: 'key&1',
    consumerSecret: 'consumer secret',
    token: 'töken',
    tokenSecret: 'token secret',
    signatureMethod: 'HMAC-SHA256',
    realm: 'https://erp.example/',
  };
  const request = post('https://a.example/hook?x=1', '{"a":"ä"}');
  const given = { nonce: 'n-1', nowMs: 1_795_440_000_999 };

  it('holds realm, parameters, body hash and signature', () => {
    const hash = createHash('sha256').update('{"a":"ä"}').digest('base64');
    const enc = encodeURIComponent;
    const base =
      `POST&${enc('https://a.example/hook')}&` +
      enc(
        `oauth_body_hash=${enc(hash)}&oauth_consumer_key=key%261&oauth_nonce=n-1&` +
          'oauth_signature_method=HMAC-SHA256&oauth_timestamp=1795440000&oauth_token=t%C3%B6ken&oauth_version=1.0&x=1',
      );
    const signature = createHmac('sha256', 'consumer%20secret&token%20secret').update(base).digest('base64');
    expect(oauth1Authorization(request, auth, given)).toBe(
      `OAuth realm="https://erp.example/", oauth_body_hash="${enc(hash)}", oauth_consumer_key="key%261", ` +
        'oauth_nonce="n-1", oauth_signature_method="HMAC-SHA256", oauth_timestamp="1795440000", ' +
        `oauth_token="t%C3%B6ken", oauth_version="1.0", oauth_signature="${enc(signature)}"`,
    );
  });

  it('has no hash of a form, whose fields are signed', () => {
    const header = oauth1Authorization(post('https://a.example/', 'a=1', form), auth, given);
    expect(header).not.toContain('oauth_body_hash');
  });

  it('has no token and no realm where there is none, and never the same nonce', () => {
    const bare: OAuth1 = {
      type: 'oauth1',
      consumerKey: 'key',
      consumerSecret: 'secret',
      signatureMethod: 'HMAC-SHA256',
    };
    const headers = [1, 2].map(() => oauth1Authorization(request, bare));
    expect(headers.filter((header) => /oauth_token|realm/.test(header))).toEqual([]);
    expect(headers[0]).not.toBe(headers[1]);
    expect(headers[0]).toMatch(/oauth_nonce="[0-9a-f]{32}"/);
  });
});
