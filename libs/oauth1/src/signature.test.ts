import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { hmacSignature, isRightSignature, isSameText, rsaSignature } from './signature.js';

const pem = { type: 'pkcs8', format: 'pem' } as const;
const publicPem = { type: 'spki', format: 'pem' } as const;
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: pem,
  publicKeyEncoding: publicPem,
});
const elliptic = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: pem,
  publicKeyEncoding: publicPem,
});
const base = 'GET&http%3A%2F%2Fa.example%2F&a%3D1';
const keys = { consumerSecrets: ['new', 'old'], tokenSecret: 'token', rsaPublicKeyPem: rsa.publicKey };
const hmac = (consumerSecret: string, tokenSecret = 'token'): string =>
  hmacSignature('HMAC-SHA256', base, { consumerSecret, tokenSecret });
const isRight = (signature: string, given: Partial<typeof keys> = {}): boolean =>
  isRightSignature({ method: 'HMAC-SHA256', signature, base }, { ...keys, ...given });
const isRightRsa = (signature: string, rsaPublicKeyPem: string | null = rsa.publicKey): boolean =>
  isRightSignature({ method: 'RSA-SHA1', signature, base }, { ...keys, rsaPublicKeyPem });

describe('a signature of OAuth 1.0a', () => {
  it('fault 86: is right with each of the secrets while one takes the place of another', () => {
    expect([hmac('new'), hmac('old'), hmac('older')].map((each) => isRight(each))).toEqual([
      true,
      true,
      false,
    ]);
    expect(isRight(hmac('old'), { consumerSecrets: ['new'] })).toBe(false);
  });

  it('is wrong without the secret of the token, and where there is no secret at all', () => {
    expect(isRight(hmac('new', ''))).toBe(false);
    expect(isRight(hmac('', ''), { consumerSecrets: [], tokenSecret: '' })).toBe(false);
  });

  it('is wrong of another method, and in any other form of base64', () => {
    const sha1 = hmacSignature('HMAC-SHA1', base, { consumerSecret: 'new', tokenSecret: 'token' });
    const right = hmac('new');
    const others = [sha1, '', ` ${right}`, right.replace('=', ''), `${right}=`, right.toLowerCase()];
    expect(others.filter((each) => isRight(each))).toEqual([]);
  });

  it('made with RSA is verified by the public key', () => {
    const right = rsaSignature(base, rsa.privateKey);
    expect(isRightRsa(right)).toBe(true);
    const wrong = [
      rsaSignature(`${base}2`, rsa.privateKey),
      sign('sha256', Buffer.from(base), rsa.privateKey).toString('base64'),
      `${right} `,
      Buffer.from(right, 'base64').toString('base64url'),
      right.slice(0, -4),
      '',
    ];
    expect(wrong.filter((each) => isRightRsa(each))).toEqual([]);
  });

  it('made with RSA is wrong where there is no key, or one of another kind', () => {
    const elsewhere = sign('sha1', Buffer.from(base), elliptic.privateKey).toString('base64');
    expect(isRightRsa(elsewhere, elliptic.publicKey)).toBe(false);
    const right = rsaSignature(base, rsa.privateKey);
    expect([null, 'no key', ''].filter((key) => isRightRsa(right, key))).toEqual([]);
  });

  it('with HMAC never takes the public key for a secret', () => {
    expect(isRight(hmac(rsa.publicKey))).toBe(false);
  });

  it('fault 87: texts of different lengths are compared without an error', () => {
    expect([isSameText('a', 'a'), isSameText('a', 'ab'), isSameText('', 'a')]).toEqual([true, false, false]);
  });
});
