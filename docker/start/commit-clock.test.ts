import { describe, expect, it } from '@jest/globals';
import { CommitClock } from './commit-clock.js';
import { percentilesOf } from './percentiles.js';

describe('the commit clock', () => {
  it('measures from the commit to each receipt, whichever of publishing and receipt it hears of first', () => {
    const clock = new CommitClock();
    clock.committed('tx1', 1000);
    clock.published('c1', 'tx1');
    clock.received('c1', 1010);
    clock.committed('tx2', 2000);
    clock.received('c2', 2030);
    clock.published('c2', 'tx2');
    clock.received('c2', 2030.04);
    expect(clock.percentiles()).toEqual({ p50: 30, p99: 30 });
  });

  it('says nothing of changes whose commit it did not see', () => {
    const clock = new CommitClock();
    clock.published('c1', 'of an earlier run');
    clock.received('c1', 1010);
    expect(clock.percentiles()).toEqual({ p50: null, p99: null });
  });

  it('keeps no more than its capacity', () => {
    const clock = new CommitClock(3);
    for (let index = 0; index < 10; index++) {
      clock.committed(`tx${index}`, 0);
      clock.published(`c${index}`, `tx${index}`);
      clock.received(`c${index}`, index);
    }
    expect(clock.percentiles()).toEqual({ p50: 8, p99: 9 });
  });
});

describe('percentiles', () => {
  it('are values that were measured', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(percentilesOf(values)).toEqual({ p50: 100, p99: 198 });
    expect(percentilesOf([5])).toEqual({ p50: 5, p99: 5 });
    expect(percentilesOf([])).toEqual({ p50: null, p99: null });
  });
});
