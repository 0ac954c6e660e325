import { describe, expect, it } from '@jest/globals';
import { signatureBase, type Parameter, type RequestToSign } from './base-string.js';
import { hmacSignature } from './signature.js';

const printer = { consumerSecret: 'kd94hf93k423kf44' };
const method = ['oauth_signature_method', 'HMAC-SHA1'] as const;
const form = 'application/x-www-form-urlencoded';
const nothing = Buffer.alloc(0);
const post = (url: string, body = '', contentType = 'application/json'): RequestToSign => ({
  method: 'POST',
  url,
  contentType,
  body: Buffer.from(body),
});
const signatureOf = (
  request: RequestToSign,
  parameters: readonly Parameter[],
  secrets: { consumerSecret: string; tokenSecret: string },
): string => hmacSignature('HMAC-SHA1', signatureBase(request, parameters), secrets);
/** The third part of the base string, decoded once: what of the parameters is signed, in its order. */
const signedParameters = (request: RequestToSign, parameters: Parameter[] = []): string =>
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
    expect(signatureOf(request, parameters, secrets)).toBe('gKgrFCywp7rO0OXSjdot/IHF7IU=');
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
    expect(signatureOf(request, parameters, secrets)).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=');
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
    expect(signatureOf(request, parameters, secrets)).toBe('r6/TJjbCOr97/+UU0NsvSne7s5g=');
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
    ['http://a.example/a/../b/%2e%2e/c', 'http://a.example/a/../b/%2e%2e/c'],
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

it('a signature that stands in the query or in the form is not signed itself', () => {
  const request = post('http://a.example/?oauth_signature=x&a=1', 'oauth_signature=y&b=2', form);
  expect(signedParameters(request, [['oauth_signature', 'z']])).toBe('a=1&b=2');
});
