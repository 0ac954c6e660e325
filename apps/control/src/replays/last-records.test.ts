import { describe, expect, it } from '@jest/globals';
import { partitionOfKey } from '#libs/kafka';
import { sliceOf } from './last-records.js';

describe('the slices of a partition', () => {
  it.each([1, 2, 3, 6, 7])('share its keys evenly: %i', (slices) => {
    const keys = Array.from({ length: 60_000 }, (_, id) => {
      const key = Buffer.alloc(9);
      key.writeUInt32BE(id, 5);
      return key;
    }).filter((key) => partitionOfKey(key, 6) === 2);
    const counts = Array.from({ length: slices }, () => 0);
    for (const key of keys) {
      const slice = sliceOf(key, slices);
      counts[slice] = (counts[slice] ?? 0) + 1;
    }
    const expected = keys.length / slices;
    expect(keys.length).toBeGreaterThan(9_000);
    expect(counts.filter((count) => Math.abs(count - expected) > expected * 0.1)).toEqual([]);
  });
});
