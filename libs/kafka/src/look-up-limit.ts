import { delay } from '#libs/process';

const missesAtOnce = 5;
const missesPerMs = 1 / 1_000;

/**
 * Keeps a flood of unknown schema ids away from the registry: after a few that were not found, one a second.
 * Ids that are found cost nothing.
 */
export class LookUpLimit {
  private allowance = missesAtOnce;
  private refilledMs: number;
  private queue: Promise<void> = Promise.resolve();
  private wake = new AbortController();

  constructor(private readonly nowMs: () => number = () => performance.now()) {
    this.refilledMs = nowMs();
  }

  /** Resolves when one more may be asked for. */
  turn(): Promise<void> {
    this.queue = this.queue.then(() => this.waitForAllowance());
    return this.queue;
  }

  /** What was asked for was found: it does not count. */
  found(): void {
    this.allowance = Math.min(missesAtOnce, this.allowance + 1);
    // Whoever waits looks again: of many that are asked for at once the first ones are still under way.
    this.wake.abort();
  }

  private async waitForAllowance(): Promise<void> {
    for (;;) {
      const nowMs = this.nowMs();
      this.allowance = Math.min(missesAtOnce, this.allowance + (nowMs - this.refilledMs) * missesPerMs);
      this.refilledMs = nowMs;
      if (this.allowance >= 1) {
        this.allowance--;
        return;
      }
      this.wake = new AbortController();
      await delay((1 - this.allowance) / missesPerMs, this.wake.signal);
    }
  }
}
