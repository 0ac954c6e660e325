import { describe, expect, it } from '@jest/globals';
import type { IncomingRecord } from '#libs/kafka';
import { stepsOf } from './redrive-run.js';

function letter(offset: number, trimmed = false): IncomingRecord {
  return {
    topic: 'relay.deliveries.dead',
    partition: 0,
    offset: BigInt(offset),
    timestampMs: 0,
    key: null,
    value: Buffer.from(trimmed ? '' : 'x'),
    headers: trimmed ? { original: 'relay.deliveries/0/0' } : {},
    duplicateHeaders: [],
  };
}

const sizesOf = (letters: IncomingRecord[], maxLetters: number): number[] =>
  stepsOf(letters, maxLetters).map((step) => step.length);

describe('the steps of a page', () => {
  it('are of at most so many letters, in their order', () => {
    const letters = Array.from({ length: 7 }, (_, offset) => letter(offset));
    expect(sizesOf(letters, 3)).toEqual([3, 3, 1]);
    expect(stepsOf(letters, 3).flat()).toEqual(letters);
    expect(sizesOf([], 3)).toEqual([]);
    expect(sizesOf(letters, 1)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it('have few letters whose bodies stand elsewhere, each of which may be large', () => {
    const trimmed = Array.from({ length: 40 }, (_, offset) => letter(offset, true));
    expect(sizesOf(trimmed, 500)).toEqual([16, 16, 8]);
    const mixed = Array.from({ length: 40 }, (_, offset) => letter(offset, offset % 2 === 0));
    expect(sizesOf(mixed, 500)).toEqual([32, 8]);
  });
});
