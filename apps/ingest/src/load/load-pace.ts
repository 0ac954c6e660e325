/** Spreads a load over time, so that it leaves Odoo's database and the topics' readers room. */
export class LoadPace {
  private freeAtMs = -Infinity;

  constructor(
    /** 0 for no limit. */
    private readonly rowsPerSecond: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Whether the next rows may be read now. */
  get isFree(): boolean {
    return this.nowMs() >= this.freeAtMs;
  }

  /** Never more than are due within a second. */
  rowsAtOnce(most: number): number {
    return this.rowsPerSecond === 0 ? most : Math.min(most, this.rowsPerSecond);
  }

  took(rows: number): void {
    if (this.rowsPerSecond > 0) {
      this.freeAtMs = Math.max(this.nowMs(), this.freeAtMs) + (rows * 1000) / this.rowsPerSecond;
    }
  }
}
