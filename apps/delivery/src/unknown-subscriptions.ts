/** A new subscription's record is here within milliseconds; this is for the worst of days. */
const graceMs = 10_000;
const maxRemembered = 10_000;

/** Tells a subscription that is not known yet from one that was deleted: by how long it has been unknown. */
export class UnknownSubscriptions {
  private readonly sinceMs = new Map<string, number>();

  mayAppear(subscriptionId: string, nowMs = performance.now()): boolean {
    const sinceMs = this.sinceMs.get(subscriptionId);
    if (sinceMs !== undefined) {
      return nowMs - sinceMs < graceMs;
    }
    this.remember(subscriptionId, nowMs);
    return true;
  }

  /** What the table of subscriptions says: a deletion needs no time of grace. */
  changed(subscriptionId: string, exists: boolean): void {
    if (exists) {
      this.sinceMs.delete(subscriptionId);
    } else {
      this.remember(subscriptionId, -Infinity);
    }
  }

  private remember(subscriptionId: string, sinceMs: number): void {
    if (this.sinceMs.size >= maxRemembered) {
      this.sinceMs.clear();
    }
    this.sinceMs.set(subscriptionId, sinceMs);
  }
}
