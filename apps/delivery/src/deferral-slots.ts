interface Backlog {
  /** Since when there is one. */
  sinceMs: number;
  /** The next free slot. */
  nextMs: number;
}

const minHorizonMs = 5_000;
const maxHorizonMs = 1_800_000;
/** Backlogs that are over are looked for when so many are known. */
const sweepAt = 10_000;

/**
 * When what a subscription puts off comes back: one after the other at the rate at which it could be caught up
 * with, and no further ahead than the backlog is old, up to 30 min. So a million deliveries for a dead endpoint are
 * not written again each few seconds. What its endpoint takes earlier is not bound to its slot. Times are
 * milliseconds since 1970.
 */
export class DeferralSlots {
  private readonly backlogs = new Map<string, Backlog>();

  constructor(private readonly perS: number) {}

  get size(): number {
    return this.backlogs.size;
  }

  /** The slot of one more delivery, not before `earliestMs`. */
  take(subscriptionId: string, nowMs: number, earliestMs: number, rateLimitPerS: number | null): number {
    const known = this.backlogs.get(subscriptionId);
    const backlog = known !== undefined && known.nextMs > nowMs ? known : { sinceMs: nowMs, nextMs: nowMs };
    const horizonMs = Math.min(Math.max(nowMs - backlog.sinceMs, minHorizonMs), maxHorizonMs);
    const lastMs = Math.max(earliestMs, nowMs + horizonMs);
    const slotMs = Math.min(Math.max(backlog.nextMs, earliestMs), lastMs);
    backlog.nextMs = Math.min(slotMs + 1000 / Math.min(this.perS, rateLimitPerS ?? Infinity), lastMs);
    this.backlogs.set(subscriptionId, backlog);
    if (this.backlogs.size > sweepAt) {
      this.sweep(nowMs);
    }
    return slotMs;
  }

  private sweep(nowMs: number): void {
    for (const [subscriptionId, { nextMs }] of this.backlogs) {
      if (nextMs <= nowMs) {
        this.backlogs.delete(subscriptionId);
      }
    }
  }
}
