import { isActive, type SubscriptionState } from '#libs/subscription';
import type { SubscriptionRow } from '../persistence/rows.js';

/**
 * The moment (milliseconds since 1970) from which a subscription misses changes, or missed them the last time it was
 * switched off; for when that changes. Whoever switched it off first counts: its owner, or delivery.
 */
export function missedFromMs(
  row: Pick<SubscriptionRow, 'enabled' | 'enabledEpoch' | 'missedFromMs'>,
  state: SubscriptionState | undefined,
): bigint | null {
  const isOffByDelivery = row.enabled && !isActive(row, state);
  return isOffByDelivery ? (state?.sinceMs ?? null) : row.missedFromMs;
}
