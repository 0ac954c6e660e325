import { describe, expect, it } from '@jest/globals';
import { subscriptionIdPattern } from './subscription-bodies.js';
import { newSubscriptionId } from './subscription-id.js';

describe('the id of a subscription', () => {
  it('is of one form, and no two are alike', () => {
    const ids = Array.from({ length: 1_000 }, () => newSubscriptionId(1_767_225_600_000));
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.filter((id) => !subscriptionIdPattern.test(id))).toEqual([]);
  });

  it('sorts by the time it was made', () => {
    const times = [0, 1, 31, 32, 1_767_225_600_000, 1_767_225_600_001, 4_102_444_800_000];
    const ids = times.map((nowMs) => newSubscriptionId(nowMs));
    expect([...ids].sort()).toEqual(ids);
  });
});
