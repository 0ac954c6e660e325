import { describe, expect, it } from '@jest/globals';
import { delay, every } from './time.js';

describe('delay', () => {
  it('resolves at once when its signal is or gets aborted', async () => {
    await delay(3_600_000, AbortSignal.abort());
    const abort = new AbortController();
    const waiting = delay(3_600_000, abort.signal);
    abort.abort();
    await waiting;
  });
});

describe('every', () => {
  it('never runs twice at the same time, and stopping waits for the run under way', async () => {
    let underWay = 0;
    let most = 0;
    let runs = 0;
    const stop = every(1, async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await delay(10);
      underWay -= 1;
      runs += 1;
    });
    while (runs < 3) {
      await delay(5);
    }
    await stop();
    const runsAtStop = runs;
    expect(underWay).toBe(0);
    await delay(20);
    expect(runs).toBe(runsAtStop);
    expect(most).toBe(1);
  });
});
