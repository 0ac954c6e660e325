import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

const never = new AbortController().signal;

describe('the pace of a run', () => {
  it('lets the first ones through at once, and the next when their turn has come', async () => {
    const pace = new Pace(1_000);
    const startedMs = performance.now();
    await pace.take(50, never);
    const firstMs = performance.now() - startedMs;
    await pace.take(50, never);
    await pace.take(1, never);
    expect(firstMs).toBeLessThan(50);
    // A timer may fire a millisecond early.
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(98);
  });

  it('does not save up what was not used', async () => {
    let nowMs = 0;
    const pace = new Pace(1_000, () => nowMs);
    await pace.take(1, never);
    nowMs = 60_000;
    await pace.take(100, never);
    const startedMs = performance.now();
    await pace.take(1, never);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(98);
  });

  it('ends the wait when it is not wanted any more', async () => {
    const pace = new Pace(1);
    await pace.take(1_000, never);
    const abort = new AbortController();
    const waiting = pace.take(1, abort.signal);
    abort.abort();
    await waiting;
  });
});
