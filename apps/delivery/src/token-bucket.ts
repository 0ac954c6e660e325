/** Timers are late by a few milliseconds: so much of a second may be caught up with. */
const burstShare = 0.02;

/** So many a second, evenly. Times are milliseconds of one monotonic clock. */
export class TokenBucket {
  private tokens: number;
  private atMs: number;

  constructor(
    private readonly perS: () => number,
    nowMs: number,
  ) {
    this.tokens = this.capacity;
    this.atMs = nowMs;
  }

  take(nowMs: number): boolean {
    this.fill(nowMs);
    if (this.tokens < 1) {
      return false;
    }
    this.tokens--;
    return true;
  }

  /** What was taken was not needed. */
  giveBack(): void {
    this.tokens++;
  }

  /** How long until there is one; 0 when there is. */
  waitMs(nowMs: number): number {
    this.fill(nowMs);
    return this.tokens >= 1 ? 0 : Math.ceil(((1 - this.tokens) * 1000) / this.perS());
  }

  private get capacity(): number {
    return Math.max(1, this.perS() * burstShare);
  }

  private fill(nowMs: number): void {
    this.tokens = Math.min(this.capacity, this.tokens + ((nowMs - this.atMs) * this.perS()) / 1000);
    this.atMs = nowMs;
  }
}
