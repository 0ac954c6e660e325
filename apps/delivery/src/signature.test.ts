import { describe, expect, it } from '@jest/globals';
import { readSigningKey, type SigningKey } from '#libs/subscription';
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

  it.each(['', 'whsec_', 'whsec_!!', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])(
    'needs a secret, which %j is not',
    (text) => {
      expect(readSigningKey(text)).toBeUndefined();
    },
  );
});
