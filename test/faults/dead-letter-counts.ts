import type { AttemptRow } from '#libs/delivery-task';

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
