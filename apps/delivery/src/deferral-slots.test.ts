import { describe, expect, it } from '@jest/globals';
import { DeferralSlots } from './deferral-slots.js';

const nowMs = 1_800_000_000_000;
const halfHourMs = 1_800_000;

describe('what is put off', () => {
  it('comes back one after the other, not before its time', () => {
    const slots = new DeferralSlots(100);
    const given = [1, 2, 3].map(() => slots.take('s', nowMs, nowMs + 1000, null) - nowMs);
    expect(given).toEqual([1000, 1010, 1020]);
    expect(slots.take('t', nowMs, nowMs + 1000, null)).toBe(nowMs + 1000);
  });

  it('comes back as slowly as its rate limit asks for', () => {
    const slots = new DeferralSlots(100);
    expect([1, 2].map(() => slots.take('s', nowMs, nowMs, 2) - nowMs)).toEqual([0, 500]);
  });

  it('of a large and old backlog is not looked at again and again', () => {
    const slots = new DeferralSlots(10);
    let looks = 0;
    const waiting = Array.from({ length: 2_000 }, () => nowMs);
    const untilMs = nowMs + 2 * halfHourMs;
    for (let atMs = nowMs; atMs < untilMs; atMs += 1000) {
      for (const [index, dueMs] of waiting.entries()) {
        if (dueMs <= atMs) {
          waiting[index] = slots.take('s', atMs, atMs + 1000, null);
          looks++;
        }
      }
    }
    // Every 5 s it would be 720 each in this hour.
    expect(looks / waiting.length).toBeLessThan(30);
    expect(Math.max(...waiting)).toBeLessThanOrEqual(untilMs + halfHourMs);
  });

  it('of backlogs that are over nothing is remembered', () => {
    const slots = new DeferralSlots(100);
    for (let id = 0; id <= 10_000; id++) slots.take(`s${id}`, nowMs + id * 1000, nowMs + id * 1000, null);
    expect(slots.size).toBeLessThan(10);
  });
});
