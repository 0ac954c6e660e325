import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retryTiers } from '#libs/delivery-task';
import { dueHereMs, jittered, releaseAtMs, retryAfterMs, tierFor } from './retry-schedule.js';

const hour = 3_600_000;
const now = Date.parse('2026-03-01T12:00:00Z');

describe('the delay before a retry', () => {
  it('is spread over 20 % to both sides', () => {
    expect([0, 0.5, 1].map((random) => jittered(5_000, random))).toEqual([4_000, 5_000, 6_000]);
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    ['0', 1_000],
    ['1000000000000', 24 * hour],
    ['99999999999999999999999999', 24 * hour],
    ['Sun, 01 Mar 2026 12:01:00 GMT', 60_000],
    ['Sunday, 01-Mar-26 12:01:00 GMT', 60_000],
    ['Sun, 01 Mar 2020 12:00:00 GMT', 1_000],
    ['Sun, 01 Mar 2099 12:00:00 GMT', 24 * hour],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026', 2_026_000],
    ['Sun, 99 Foo', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is understood and kept between 1 s and 24 h', (text, expected) => {
    expect(retryAfterMs(text, now)).toBe(expected);
  });
});

describe('the tier to wait in', () => {
  const names = retryTiers.map((tier) => [tier.delayMs, tier.topic.split('.').at(-1)] as const);
  it.each(names)('of a delay of %i ms with its jitter is %s or hops from there', (delayMs, name) => {
    expect(tierFor(delayMs).topic.split('.').at(-1)).toBe(name);
    expect(
      tierFor(delayMs * 0.81)
        .topic.split('.')
        .at(-1),
    ).toBe(name);
    expect(
      tierFor(delayMs * 1.2)
        .topic.split('.')
        .at(-1),
    ).toBe(name);
  });

  it('brings a delivery to its due time, never before and in few hops', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 * hour }), (waitMs) => {
        let nowMs = now;
        let hops = 0;
        const dueAtMs = now + waitMs;
        while (dueAtMs > nowMs) {
          const { topic } = tierFor(dueAtMs - nowMs);
          const heldMs = releaseAtMs({ topic, timestampMs: nowMs }, dueAtMs, nowMs) - nowMs;
          expect(heldMs).toBeGreaterThan(0);
          nowMs += heldMs;
          hops++;
        }
        expect(nowMs).toBe(Math.max(dueAtMs, now));
        expect(hops).toBeLessThan(25);
      }),
    );
  });
});

describe('fault 50: a record that was written by a clock', () => {
  const now = 1_800_000_000_000;

  it('that is ahead, or was set back since, is due no later than it was by that clock', () => {
    expect(dueHereMs({ timestampMs: now + hour }, now + hour + 2_000, now)).toBe(now + 2_000);
    expect(dueHereMs({ timestampMs: now - 500 }, now + 1_500, now)).toBe(now + 1_500);
    expect(dueHereMs({ timestampMs: now + 500 }, 0, now)).toBe(0);
  });

  it('that is behind is due at once', () => {
    expect(dueHereMs({ timestampMs: now - hour }, now - hour + 2_000, now)).toBeLessThan(now);
  });
});

describe('a record of a tier', () => {
  const record = { topic: 'relay.deliveries.retry.5s', timestampMs: now };
  it('is released at its due time or after the delay of the tier, whichever is first', () => {
    expect(releaseAtMs(record, now + 2_000, now)).toBe(now + 2_000);
    expect(releaseAtMs(record, now + 60_000, now)).toBe(now + 5_000);
    expect(releaseAtMs(record, now + 60_000, now + 4_000)).toBe(now + 5_000);
    expect(releaseAtMs(record, now - 1, now)).toBe(now - 1);
  });

  it('never waits longer than the delay of the tier, also when a clock is an hour off', () => {
    expect(releaseAtMs({ ...record, timestampMs: now + hour }, now + hour, now)).toBe(now + 5_000);
    expect(releaseAtMs({ ...record, timestampMs: now - hour }, now + hour, now)).toBeLessThan(now);
  });

  it('is the only one that is held', () => {
    expect(releaseAtMs({ topic: 'relay.deliveries', timestampMs: now }, now + hour, now)).toBe(0);
  });
});
