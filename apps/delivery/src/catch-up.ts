import { TokenBucket } from './token-bucket.js';

/** The rate of first attempts is that of about so long. */
const memoryMs = 30_000;
/** Of that rate: with the first attempts themselves, and what is uneven, it stays below twice the usual. */
const share = 0.75;

/** Starts one job of a lane; false when the lane has none after all. */
export type Turn = () => boolean;

/**
 * Retries, replays and what waited for an endpoint that was down, of all lanes together: never more a second than three
 * quarters of the first attempts that came lately, or than `perS` where those are fewer. So after an outage of many
 * endpoints the busiest second has less than twice the usual, and one that comes back with a million waiting takes
 * nothing from the others. Lanes take turns.
 */
export class CatchUp {
  private readonly bucket: TokenBucket;
  private readonly waiting = new Set<Turn>();
  private timer: NodeJS.Timeout | undefined;
  private serving = false;
  /** First attempts, each counting less the longer ago it was. */
  private level = 0;
  private levelAtMs: number;

  /** `nowMs` is a monotonic clock. */
  constructor(
    private readonly perS: number,
    private readonly nowMs = (): number => performance.now(),
  ) {
    this.levelAtMs = nowMs();
    this.bucket = new TokenBucket(() => this.ratePerS, nowMs());
  }

  get ratePerS(): number {
    return Math.max(this.perS, ((share * this.levelAt(this.nowMs())) / memoryMs) * 1000);
  }

  /** So many first attempts were read. */
  sawFirst(count: number): void {
    const nowMs = this.nowMs();
    this.level = this.levelAt(nowMs) + count;
    this.levelAtMs = nowMs;
  }

  private levelAt(nowMs: number): number {
    return this.level * Math.exp((this.levelAtMs - nowMs) / memoryMs);
  }

  /** Calls `turn` once, at once or when it is its lane's turn. */
  enqueue(turn: Turn): void {
    this.waiting.add(turn);
    this.serve();
  }

  forget(turn: Turn): void {
    this.waiting.delete(turn);
  }

  close(): void {
    clearTimeout(this.timer);
    this.waiting.clear();
  }

  private serve(): void {
    if (this.serving) {
      return;
    }
    this.serving = true;
    for (const turn of this.waiting) {
      if (!this.bucket.take(this.nowMs())) {
        break;
      }
      // Those that come again stand behind all others.
      this.waiting.delete(turn);
      if (!turn()) {
        this.bucket.giveBack();
      }
    }
    this.serving = false;
    this.arm();
  }

  private arm(): void {
    if (this.waiting.size > 0 && this.timer === undefined) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.serve();
      }, this.bucket.waitMs(this.nowMs()));
    }
  }
}
