import { describe, expect, it } from '@jest/globals';
import { closestNames } from './closest-names.js';

const known = ['product.created', 'product.price_changed', 'sale.order.confirmed', 'sale.order.created'];

describe('the names like a mistyped one', () => {
  it.each([
    ['a letter is missing', 'product.creatd', 'product.created'],
    ['two are swapped', 'sale.order.ocnfirmed', 'sale.order.confirmed'],
    ['it is in capitals', 'SALE.ORDER.CONFIRMED', 'sale.order.confirmed'],
    ['a part is missing', 'order.confirmed', 'sale.order.confirmed'],
  ])('begin with the one that is meant: %s', (_, wrong, meant) => {
    expect(closestNames(wrong, known)[0]).toBe(meant);
  });

  it('are at most three', () => {
    expect(
      closestNames('sale.order.x', ['sale.order.a', 'sale.order.b', 'sale.order.c', 'sale.order.d']),
    ).toHaveLength(3);
  });

  it.each(['', 'zzz', '☃'.repeat(60)])('are none for what is like no other: "%s"', (wrong) => {
    expect(closestNames(wrong, known)).toEqual([]);
  });
});
