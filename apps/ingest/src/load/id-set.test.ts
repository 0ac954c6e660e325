import { describe, expect, it } from '@jest/globals';
import { IdSet } from './id-set.js';

function setOf(...ids: bigint[]): IdSet {
  const set = new IdSet();
  ids.forEach((id) => {
    set.add(id);
  });
  return set;
}

describe('a set of ids', () => {
  it('holds ids of all sizes and gives them in their order', () => {
    const ids = [-5n, 0n, 1n, 31n, 32n, 1023n, 1024n, 2n ** 53n + 1n, 2n ** 63n - 1n];
    const set = setOf(...ids.toReversed());
    expect([...set.idsAfter(null)]).toEqual(ids);
    expect([...set.idsAfter(31n)]).toEqual(ids.slice(4));
    expect([...set.idsAfter(2n ** 63n - 1n)]).toEqual([]);
    expect(set.has(2n ** 53n)).toBe(false);
    expect(set.has(2n ** 53n + 1n)).toBe(true);
  });

  it('counts each id once', () => {
    const set = setOf(7n, 7n, 8n);
    set.delete(8n);
    set.delete(8n);
    set.delete(5_000n);
    expect(set.size).toBe(1);
    expect([...set.idsAfter(null)]).toEqual([7n]);
  });
});
