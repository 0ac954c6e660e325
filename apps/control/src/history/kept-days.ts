export const dayMs = 86_400_000;

/** Which days, in UTC, the history holds: the present one and so many before. */
export class KeptDays {
  constructor(
    private readonly retentionDays: number,
    readonly nowMs: () => number = Date.now,
  ) {}

  /** The beginning of today. */
  todayMs(): number {
    return dayOf(this.nowMs());
  }

  /** The beginning of the first one that is kept. */
  oldestMs(): number {
    return this.todayMs() - this.retentionDays * dayMs;
  }
}

/** Its beginning. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs) * dayMs;
}
