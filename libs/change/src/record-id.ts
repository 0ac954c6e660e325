/**
 * The id of a record. Of a relation table, which has none, it is its pair of ids: both have 32 bits in Odoo, so
 * one of 64 bits holds them, the first in the upper half. The outbox and loads have it in this form, too.
 */

/** The columns of a relation table that are its key, in the order of their names. */
export type PairColumns = readonly [string, string];

export function idOfPair(first: bigint, second: bigint): bigint {
  return (BigInt.asIntN(32, first) << 32n) | BigInt.asUintN(32, second);
}

export function pairOfId(id: bigint): [bigint, bigint] {
  return [id >> 32n, BigInt.asIntN(32, id)];
}

/** The id in the key of a record in a change topic; undefined where it is no such key. */
export function recordIdOf(key: unknown): bigint | undefined {
  if (typeof key !== 'object' || key === null) {
    return undefined;
  }
  if ('id' in key) {
    return typeof key.id === 'bigint' ? key.id : undefined;
  }
  const [first, second, ...more] = Object.values(key) as unknown[];
  return typeof first === 'bigint' && typeof second === 'bigint' && more.length === 0
    ? idOfPair(first, second)
    : undefined;
}
