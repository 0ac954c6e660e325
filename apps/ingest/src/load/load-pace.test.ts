import { describe, expect, it } from '@jest/globals';
import { LoadPace } from './load-pace.js';

describe('the pace of a load', () => {
  it('is never above its rows a second, however quickly it could be read', () => {
    let nowMs = 5_000;
    const pace = new LoadPace(1_000, () => nowMs);
    let rows = 0;
    for (; nowMs < 15_000; nowMs += 1) {
      if (pace.isFree) {
        const chunk = pace.rowsAtOnce(300);
        pace.took(chunk);
        rows += chunk;
      }
    }
    expect(rows).toBeGreaterThanOrEqual(10_000);
    expect(rows).toBeLessThanOrEqual(10_000 + 300);
  });

  it('does not make up for the time in which nothing was to be loaded', () => {
    let nowMs = 0;
    const pace = new LoadPace(100, () => nowMs);
    nowMs = 60_000;
    pace.took(100);
    nowMs += 999;
    expect(pace.isFree).toBe(false);
    nowMs += 1;
    expect(pace.isFree).toBe(true);
  });

  it('takes no more rows at once than are due within a second, and any number without a limit', () => {
    expect(new LoadPace(50).rowsAtOnce(1_000)).toBe(50);
    const free = new LoadPace(0);
    expect(free.rowsAtOnce(1_000)).toBe(1_000);
    free.took(1_000_000);
    expect(free.isFree).toBe(true);
  });
});
