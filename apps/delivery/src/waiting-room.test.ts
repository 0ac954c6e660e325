import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WaitingRoom } from './waiting-room.js';

async function released(waitsMs: readonly number[]): Promise<number[]> {
  const out: number[] = [];
  await new Promise<void>((resolve) => {
    const room = new WaitingRoom<number>((item) => {
      out.push(item);
      if (out.length === waitsMs.length) resolve();
    });
    const nowMs = Date.now();
    waitsMs.forEach((waitMs, index) => {
      room.hold(index, nowMs + waitMs);
    });
  });
  return out;
}

describe('the waiting room', () => {
  it('releases everything, what is due first at first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 }),
        async (steps) => {
          // Far enough apart that the time between two calls of hold does not count.
          const waitsMs = steps.map((step) => step * 15);
          const out = await released(waitsMs);
          const expected = waitsMs.map((waitMs, index) => ({ waitMs, index }));
          expected.sort((a, b) => a.waitMs - b.waitMs || a.index - b.index);
          expect(out).toEqual(expected.map(({ index }) => index));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps an order of arrival among what is due at once', async () => {
    expect(await released([30, 0, 0, 0])).toEqual([1, 2, 3, 0]);
  });

  it('takes what is due at one time in the order it came, however long after each other it came', async () => {
    const out: number[] = [];
    const dueAtMs = Date.now() + 150;
    await new Promise<void>((resolve) => {
      const room = new WaitingRoom<number>((item) => {
        out.push(item);
        if (out.length === 200) resolve();
      });
      const comeIn = (item: number): void => {
        room.hold(item, dueAtMs);
        if (item < 199) setImmediate(comeIn, item + 1);
      };
      comeIn(0);
    });
    expect(out).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  it('gives back what it is asked for and goes on with the rest', async () => {
    const out: string[] = [];
    const done = new Promise<void>((resolve) => {
      const room = new WaitingRoom<string>((item) => {
        out.push(item);
        resolve();
      });
      const nowMs = Date.now();
      room.hold('a', nowMs + 20);
      room.hold('b', nowMs + 10);
      room.hold('c', nowMs + 3_600_000);
      expect(room.take((item) => item !== 'a').sort()).toEqual(['b', 'c']);
      expect(room.size).toBe(1);
    });
    await done;
    expect(out).toEqual(['a']);
  });
});
