import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { newSigningSecret, publicKeyOf, readSigningKey, type SigningKey } from '#libs/subscription';
import { signature } from './signature.js';

const key = (secret: string): SigningKey => readSigningKey(secret) ?? Buffer.alloc(0);

describe('the signature', () => {
  it('is that of the published test vector of Standard Webhooks', () => {
    const keys = [key('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')];
    const body = Buffer.from('{"test": 2432232314}');
    expect(signature(keys, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('is made over bytes, so that nothing is lost between text and text', () => {
    const keys = [key('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')];
    const one = signature(keys, 'm', 1, Buffer.from([0xff]));
    expect(one).not.toBe(signature(keys, 'm', 1, Buffer.from([0xfe])));
  });

  it('is made once with each secret while one replaces the other', () => {
    const [first, second] = [key('whsec_AAAA'), key('whsec_BBBB')];
    const body = Buffer.from('x');
    const both = signature([first, second], 'm', 1, body).split(' ');
    expect(both).toEqual([signature([first], 'm', 1, body), signature([second], 'm', 1, body)]);
    expect(both[0]).not.toBe(both[1]);
  });

  it('is made with an ed25519 key, which the public key of the secret verifies', () => {
    const secret = newSigningSecret('ed25519');
    const body = Buffer.from('{"a":"ä"}');
    const [version, encoded = ''] = signature([key(secret)], 'm', 7, body).split(',');
    const x = Buffer.from((publicKeyOf(secret) ?? '').slice('whpk_'.length), 'base64').toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const signed = Buffer.from(encoded, 'base64');
    expect([version, verify(null, Buffer.from('m.7.{"a":"ä"}'), publicKey, signed)]).toEqual(['v1a', true]);
  });

  it('is made with keys of both kinds while one replaces the other', () => {
    const keys = [key(newSigningSecret('ed25519')), key('whsec_BBBB')];
    expect(signature(keys, 'm', 1, Buffer.from('x'))).toMatch(/^v1a,[^ ]{88} v1,[^ ]{44}$/);
  });

  it.each(['', 'whsec_', 'whsec_!!', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])(
    'needs a secret, which %j is not',
    (text) => {
      expect(readSigningKey(text)).toBeUndefined();
    },
  );
});
