import { describe, expect, it } from '@jest/globals';
import { idOfPair } from '#libs/change';
import { idSetOf, IdSet } from './id-set.js';

function setOf(...ids: bigint[]): IdSet {
  const set = new IdSet();
  ids.forEach((id) => {
    set.add(id);
  });
  return set;
}

describe('a set of the ids of a relation table', () => {
  const pairOf = (first: bigint, second: bigint): bigint => idOfPair(first, second);

  it('holds pairs of all sizes and goes on behind each of them', () => {
    const most = 2n ** 31n - 1n;
    const ids = [0n, 1n, 31n, 32n, 1000n, most, -1n, -most - 1n].flatMap((first) =>
      [0n, 31n, 32n, most, -1n, -most - 1n].map((second) => pairOf(first, second)),
    );
    const set = idSetOf({ pair: ['a', 'b'] });
    ids.forEach((id) => {
      set.add(id);
    });
    const inOrder = [...set.idsAfter(null)];
    expect(new Set(inOrder)).toEqual(new Set(ids));
    expect(set.size).toBe(ids.length);
    inOrder.forEach((id, index) => {
      expect([...set.idsAfter(id)]).toEqual(inOrder.slice(index + 1));
    });
    expect(set.has(pairOf(2n, 2n))).toBe(false);
    set.delete(pairOf(32n, most));
    expect(set.has(pairOf(32n, most))).toBe(false);
  });
});

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
