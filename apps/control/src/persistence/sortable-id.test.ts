import { describe, expect, it } from '@jest/globals';
import { newSortableId } from './sortable-id.js';

describe('the id of a subscription or a redrive', () => {
  it('is of one form, and no two are alike', () => {
    const ids = Array.from({ length: 1_000 }, () => newSortableId('sub', 1_767_225_600_000));
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.filter((id) => !/^sub_[0-9a-z]{26}$/.test(id))).toEqual([]);
  });

  it('sorts by the time it was made', () => {
    const times = [0, 1, 31, 32, 1_767_225_600_000, 1_767_225_600_001, 4_102_444_800_000];
    const ids = times.map((nowMs) => newSortableId('rdr', nowMs));
    expect([...ids].sort()).toEqual(ids);
  });
});
