import { retryTiers, type RetryTier } from '#libs/delivery-task';

/** Half the width of the band around a delay, so that what failed together does not come back together. */
const jitterShare = 0.2;
const maxRetryAfterMs = 86_400_000;
const minRetryAfterMs = 1000;

/** `random` is from 0 to 1. */
export function jittered(delayMs: number, random: number): number {
  return Math.round(delayMs * (1 - jitterShare + 2 * jitterShare * random));
}

/**
 * How long a `Retry-After` asks to wait, as seconds or as an HTTP date, from 1 s to 24 h; undefined for what
 * is neither.
 */
export function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  const given = text?.trim() ?? '';
  const wantedMs = /^\d+$/.test(given) ? Number(given) * 1000 : httpDateMs(given) - nowMs;
  return Number.isNaN(wantedMs) ? undefined : Math.min(Math.max(wantedMs, minRetryAfterMs), maxRetryAfterMs);
}

function httpDateMs(text: string): number {
  return /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
}

/**
 * The tier in which to wait. A tier releases a record at its due time or after the tier's delay, whichever
 * comes first: one that is a little longer than the wait (jitter) takes it in one go, else it is the largest
 * that is not too long, and the record hops on from there.
 */
export function tierFor(waitMs: number): RetryTier {
  const longer = retryTiers.find((tier) => tier.delayMs >= waitMs);
  if (longer !== undefined && longer.delayMs * (1 - jitterShare) <= waitMs) {
    return longer;
  }
  return retryTiers.findLast((tier) => tier.delayMs <= waitMs) ?? smallestTier;
}

/** A wait that is at least so long and needs one tier only. */
export function wholeTierMs(waitMs: number): number {
  return retryTiers.find((tier) => tier.delayMs >= waitMs)?.delayMs ?? waitMs;
}

const [smallestTier] = retryTiers as readonly [RetryTier, ...RetryTier[]];

/** Deferrals where nothing says for how long. */
export const shortDeferralMs = smallestTier.delayMs;

/**
 * When a record is due by the clock of this machine as it goes now, milliseconds since 1970: no further ahead than it
 * was by the clock it was written with.
 */
export function dueHereMs(record: { timestampMs: number }, dueAtMs: number, nowMs: number): number {
  return Math.min(dueAtMs, nowMs + Math.max(0, dueAtMs - record.timestampMs));
}

const tierDelays = new Map(retryTiers.map((tier) => [tier.topic, tier.delayMs]));

/**
 * When a record of a retry topic is released, milliseconds since 1970; 0 for other topics. Never more than the
 * tier's delay from now, whatever the clocks of two machines say.
 */
export function releaseAtMs(
  record: { topic: string; timestampMs: number },
  dueAtMs: number,
  nowMs: number,
): number {
  const delayMs = tierDelays.get(record.topic);
  return delayMs === undefined ? 0 : Math.min(dueAtMs, record.timestampMs + delayMs, nowMs + delayMs);
}
