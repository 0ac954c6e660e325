import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxAhead, OffsetTracker, type Progress } from './offset-tracker.js';

function trackerWith(...offsets: bigint[]): OffsetTracker {
  const tracker = new OffsetTracker(offsets[0] ?? 0n);
  offsets.forEach((offset) => {
    tracker.handOut(offset);
  });
  return tracker;
}

function commit(tracker: OffsetTracker): Progress {
  const progress = tracker.uncommitted;
  if (progress === undefined) {
    throw new Error('there is nothing to commit');
  }
  tracker.markCommitted(progress);
  return progress;
}

describe('the position of a partition', () => {
  it('fault 44: waits for the first record that is not finished', () => {
    const tracker = trackerWith(10n, 11n, 12n);
    tracker.finish(12n);
    tracker.finish(11n);
    expect(tracker.position).toBe(10n);
    tracker.finish(10n);
    expect(tracker.position).toBe(13n);
  });

  it('goes over offsets that hold no record', () => {
    const tracker = trackerWith(5n, 9n);
    tracker.skipTo(12n);
    tracker.finish(5n);
    expect(tracker.position).toBe(9n);
    tracker.finish(9n);
    expect(tracker.position).toBe(12n);
  });

  it('is only committed again when it has moved', () => {
    const tracker = trackerWith(0n, 1n);
    tracker.finish(0n);
    const first = commit(tracker);
    expect(first).toEqual({ position: 1n, ahead: [], covered: 1 });
    expect(tracker.uncommitted).toBeUndefined();
    tracker.finish(1n);
    commit(tracker);
    tracker.markCommitted(first);
    expect(tracker.uncommitted).toBeUndefined();
    tracker.skipTo(5n);
    expect(commit(tracker)).toMatchObject({ position: 5n });
  });

  it('is committed together with what is finished ahead of it, which is then not repeatable', () => {
    const tracker = trackerWith(0n, 1n, 2n, 3n + maxAhead);
    [1n, 2n, 3n + maxAhead].forEach((offset) => {
      tracker.finish(offset);
    });
    expect([tracker.repeatable, tracker.uncovered]).toEqual([4, 3]);
    // What is too far ahead has no room in the commit.
    expect(commit(tracker)).toEqual({ position: 0n, ahead: [1n, 2n], covered: 2 });
    expect([tracker.repeatable, tracker.uncovered]).toEqual([2, 1]);
    expect(tracker.uncommitted).toBeUndefined();
    tracker.finish(0n);
    expect(commit(tracker)).toEqual({ position: 4n + maxAhead, ahead: [], covered: 4 });
    expect([tracker.repeatable, tracker.outstanding]).toEqual([0, 0]);
  });

  it('ignores records that were not handed out or are finished already', () => {
    const tracker = trackerWith(5n, 7n, 8n);
    for (const offset of [4n, 6n, 9n, 8n, 8n]) {
      tracker.finish(offset);
    }
    expect(tracker.outstanding).toBe(2);
    tracker.finish(5n);
    tracker.finish(5n);
    expect([tracker.outstanding, tracker.position]).toEqual([1, 7n]);
  });

  it('refuses to hand out the same record again', () => {
    expect(() => {
      trackerWith(3n).handOut(3n);
    }).toThrow(RangeError);
  });

  it('fault 44: is the end of the finished prefix whatever order records finish in', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.infiniteStream(fc.nat()), (steps, choices) => {
        let offset = 0n;
        const offsets = steps.map((step) => (offset += BigInt(step)));
        const tracker = trackerWith(...offsets);
        const left = [...offsets];
        for (const choice of choices) {
          const [finished] = left.splice(choice % left.length, 1);
          tracker.finish(finished ?? 0n);
          expect(tracker.position).toBe(left[0] ?? offset + 1n);
          expect(tracker.outstanding).toBe(left.length);
          if (left.length === 0) {
            break;
          }
        }
      }),
    );
  });

  it('keeps no memory of what is done', () => {
    const tracker = new OffsetTracker(0n);
    for (let offset = 0n; offset < 100_000n; offset++) {
      tracker.handOut(offset);
      tracker.finish(offset);
    }
    expect(
      JSON.stringify(tracker, (_, value: unknown) => (typeof value === 'bigint' ? '0' : value)).length,
    ).toBeLessThan(20_000);
  });
});
