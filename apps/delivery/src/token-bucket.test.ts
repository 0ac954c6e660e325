import { describe, expect, it } from '@jest/globals';
import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it('gives one at a time at its rate, also after a long rest', () => {
    const bucket = new TokenBucket(() => 10, 0);
    expect([bucket.take(0), bucket.take(0)]).toEqual([true, false]);
    expect(bucket.waitMs(0)).toBe(100);
    expect(bucket.take(100)).toBe(true);
    expect([bucket.take(60_000), bucket.take(60_000)]).toEqual([true, false]);
  });

  it('of a high rate catches up with the lateness of timers', () => {
    const bucket = new TokenBucket(() => 1000, 0);
    const taken = Array.from({ length: 30 }, () => bucket.take(1_000)).filter(Boolean).length;
    expect(taken).toBe(20);
  });

  it('takes back what was not needed', () => {
    const bucket = new TokenBucket(() => 10, 0);
    bucket.take(0);
    bucket.giveBack();
    expect(bucket.take(0)).toBe(true);
  });
});
