import { delay } from '#libs/process';

/** Lets so many a second through, evenly: who takes many at once makes the next one wait. */
export class Pace {
  private freeAtMs = 0;

  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Resolves when it is their turn; the caller asks the signal whether it is still wanted. */
  async take(count: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.now();
    const turnMs = Math.max(nowMs, this.freeAtMs);
    this.freeAtMs = turnMs + (count * 1_000) / this.perSecond;
    if (turnMs > nowMs) {
      await delay(turnMs - nowMs, signal);
    }
  }
}
