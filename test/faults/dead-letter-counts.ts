import { expect } from '@jest/globals';
import type { AttemptRow } from '#libs/delivery-task';
import type { DeliveryFixture } from '../e2e/delivery-fixture.js';

const counting = ['attempts-exhausted', 'unsendable'];

/**
 * Dead letters in a row by subscription, counted once more and independently: rows of one subscription come in the
 * order of their partition, each delivery counts once, a success begins anew.
 */
export function countsOf(rows: readonly AttemptRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  const counted = new Set<string>();
  for (const { subscription_id: id, webhook_id, outcome, reason, redrive } of rows) {
    const isDead = (outcome === 'dead' && counting.includes(reason ?? '')) || outcome === 'expired';
    if (outcome === 'delivered') {
      counts.set(id, 0);
    } else if (isDead && redrive === null && !counted.has(webhook_id)) {
      counted.add(webhook_id);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return counts;
}

/** What delivery has counted is what its rows say. */
export async function expectCounts(
  fixture: DeliveryFixture,
  ids: readonly string[],
  expected: ReadonlyMap<string, number>,
): Promise<void> {
  for (const id of ids) {
    expect(`${id} ${(await fixture.state(id))?.consecutiveDead}`).toBe(`${id} ${expected.get(id)}`);
  }
}
