import { describe, expect, it } from '@jest/globals';
import { NewestChanges } from './newest-changes.js';

function change(
  subscriptionId: string,
  record: string,
  sequence: bigint,
): Parameters<NewestChanges['claim']>[0] {
  return { subscriptionId, record, sequence };
}

describe('the newest change of a record', () => {
  it('keeps older ones from following it, and nothing else', () => {
    const newest = new NewestChanges();
    expect(newest.claim(change('s', 'product.product,1', 5n))).toBe(true);
    expect(newest.claim(change('s', 'product.product,1', 4n))).toBe(false);
    expect(newest.claim(change('s', 'product.product,1', 5n))).toBe(true);
    expect(newest.claim(change('s', 'product.product,1', 6n))).toBe(true);
    expect(newest.claim(change('s', 'product.product,2', 1n))).toBe(true);
    expect(newest.claim(change('other', 'product.product,1', 1n))).toBe(true);
  });

  it('is forgotten of the record that was not heard of for longest, beyond the limit', () => {
    const newest = new NewestChanges(2);
    newest.claim(change('s', 'a', 5n));
    newest.claim(change('s', 'b', 5n));
    newest.claim(change('s', 'a', 6n));
    newest.claim(change('s', 'c', 5n));
    expect(newest.size).toBe(2);
    expect(newest.claim(change('s', 'a', 4n))).toBe(false);
    expect(newest.claim(change('s', 'b', 4n))).toBe(true);
  });
});
