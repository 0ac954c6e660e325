import { describe, expect, it } from '@jest/globals';
import { idOfPair, pairOfId, recordIdOf } from './record-id.js';

const most = 2n ** 31n - 1n;

describe('the id of a record', () => {
  it.each([
    [1n, 2n],
    [2n, 1n],
    [0n, 0n],
    [most, most],
    [0n, most],
    [1n, -1n],
    [-1n, 1n],
    [-most - 1n, -most - 1n],
  ])('of a relation table holds the pair %d, %d, and no other pair has it', (first, second) => {
    const id = idOfPair(first, second);
    expect(BigInt.asIntN(64, id)).toBe(id);
    expect(pairOfId(id)).toEqual([first, second]);
  });

  it('is in the key, whether that is an id or a pair', () => {
    expect(recordIdOf({ id: 7n })).toBe(7n);
    expect(recordIdOf({ product_id: 1n, tag_id: 2n })).toBe(2n ** 32n + 2n);
    for (const other of [null, 'id', {}, { id: 7 }, { a: 1n }, { a: 1n, b: 'x' }, { a: 1n, b: 2n, c: 3n }]) {
      expect(recordIdOf(other)).toBeUndefined();
    }
  });
});
