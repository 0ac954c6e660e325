import { percentilesOf, type Percentiles } from './percentiles.js';

interface Waiting {
  transactionId: string | undefined;
  deliveredAtMonotonicMs: number[];
}

/**
 * The time from the moment COMMIT returned to the moment the receiver had the request. The three facts it is made
 * of come in any order: transaction -> commit, change -> transaction, change -> receipt. All times are of one
 * monotonic clock, so it is only for what one process sees.
 */
export class CommitClock {
  private readonly commits = new Map<string, number>();
  private readonly changes = new Map<string, Waiting>();
  private readonly measuredMs: number[] = [];
  private newest = 0;

  /** At most so many facts and measurements are kept, the newest. */
  constructor(private readonly capacity = 20_000) {}

  committed(transactionId: string, atMonotonicMs: number): void {
    this.commits.set(transactionId, atMonotonicMs);
    forgetOldest(this.commits, this.capacity);
  }

  /** A change was read from its topic. */
  published(changeId: string, transactionId: string): void {
    this.settle(changeId, { ...this.waiting(changeId), transactionId });
  }

  /** A delivery of a change was accepted. */
  received(changeId: string, atMonotonicMs: number): void {
    const waiting = this.waiting(changeId);
    this.settle(changeId, {
      ...waiting,
      deliveredAtMonotonicMs: [...waiting.deliveredAtMonotonicMs, atMonotonicMs],
    });
  }

  percentiles(): Percentiles {
    return percentilesOf(this.measuredMs);
  }

  private waiting(changeId: string): Waiting {
    return this.changes.get(changeId) ?? { transactionId: undefined, deliveredAtMonotonicMs: [] };
  }

  private settle(changeId: string, waiting: Waiting): void {
    const committed =
      waiting.transactionId === undefined ? undefined : this.commits.get(waiting.transactionId);
    if (committed !== undefined) {
      for (const deliveredAt of waiting.deliveredAtMonotonicMs) {
        this.measure(deliveredAt - committed);
      }
      waiting = { ...waiting, deliveredAtMonotonicMs: [] };
    }
    this.changes.set(changeId, waiting);
    forgetOldest(this.changes, this.capacity);
  }

  /** A ring: the oldest measurement gives way. */
  private measure(milliseconds: number): void {
    this.measuredMs[this.newest++ % this.capacity] = milliseconds;
  }
}

function forgetOldest(map: Map<string, unknown>, capacity: number): void {
  if (map.size > capacity) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      return;
    }
  }
}
