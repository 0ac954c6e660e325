import { createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isSigningSecret, newSigningSecret, publicKeyOf, readSigningKey } from './signing-secret.js';

describe('a new signing secret', () => {
  it('is whsec_ and 32 random bytes in base64', () => {
    const secrets = Array.from({ length: 20 }, newSigningSecret);
    expect(new Set(secrets).size).toBe(20);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(isSigningSecret(secret)).toBe(true);
    }
  });

  it.each([
    ['24 bytes', `whsec_${randomBytes(24).toString('base64')}`, true],
    ['64 bytes', `whsec_${randomBytes(64).toString('base64')}`, true],
    ['23 bytes', `whsec_${randomBytes(23).toString('base64')}`, false],
    ['65 bytes', `whsec_${randomBytes(65).toString('base64')}`, false],
    ['no prefix', randomBytes(32).toString('base64'), false],
    ['base64url', `whsec_${'_-'.repeat(20)}`, false],
    ['nothing', '', false],
  ])('may be brought along: %s', (_, text, right) => {
    expect(isSigningSecret(text)).toBe(right);
  });
});

describe('an ed25519 signing secret', () => {
  const secret = newSigningSecret('ed25519');
  /** As it stands in examples of Standard Webhooks. */
  const published = {
    secret: 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
    publicKey: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
  };

  it('is whsk_ and 64 bytes in base64, with whpk_ and 32 bytes as its public key', () => {
    expect(secret).toMatch(/^whsk_[A-Za-z0-9+/]{86}==$/);
    expect(newSigningSecret('ed25519')).not.toBe(secret);
    expect(publicKeyOf(secret)).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect(publicKeyOf(published.secret)).toBe(published.publicKey);
    expect(publicKeyOf(newSigningSecret())).toBeUndefined();
  });

  it('signs what its public key alone verifies', () => {
    const key = readSigningKey(secret);
    const x = (publicKeyOf(secret) ?? '').slice(5).replaceAll('+', '-').replaceAll('/', '_').replace('=', '');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const signed =
      key === undefined || Buffer.isBuffer(key) ? Buffer.alloc(0) : sign(null, Buffer.from('x'), key);
    expect(verify(null, Buffer.from('x'), publicKey, signed)).toBe(true);
    expect(verify(null, Buffer.from('y'), publicKey, signed)).toBe(false);
  });

  it.each([
    ['seed and public key', secret, true],
    ['the seed alone', `whsk_${randomBytes(32).toString('base64')}`, true],
    ['a public key of another', `whsk_${randomBytes(64).toString('base64')}`, false],
    ['33 bytes', `whsk_${randomBytes(33).toString('base64')}`, false],
    ['nothing', 'whsk_', false],
    ['no base64', 'whsk_!!', false],
    ['an HMAC secret', newSigningSecret(), false],
  ])('may be brought along: %s', (_, text, right) => {
    expect(isSigningSecret(text, 'ed25519')).toBe(right);
  });

  it('is none where an HMAC secret is asked for', () => {
    expect(isSigningSecret(secret)).toBe(false);
  });
});
