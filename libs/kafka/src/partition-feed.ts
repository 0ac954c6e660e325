import { OffsetTracker } from './offset-tracker.js';

/** One partition in the hands of this consumer, from its assignment until it is taken away. */
export class PartitionFeed {
  readonly tracker: OffsetTracker;
  readonly abort = new AbortController();
  paused = false;
  /** Finished by whoever had the partition before, and not read yet. */
  readonly finishedBefore: Set<bigint>;
  private readonly released = new Set<bigint>();

  constructor(
    /** As Kafka knows it, with the installation's prefix. */
    readonly kafkaTopic: string,
    /** As the apps know it. */
    readonly topic: string,
    readonly partition: number,
    { start, finished }: { start: bigint; finished: Set<bigint> },
  ) {
    this.tracker = new OffsetTracker(start);
    this.finishedBefore = finished;
  }

  finish(offset: bigint): void {
    this.released.delete(offset);
    this.tracker.finish(offset);
  }

  release(offset: bigint): void {
    if (this.tracker.isOutstanding(offset)) {
      this.released.add(offset);
    }
  }

  /** Records that may still be acknowledged. */
  get awaited(): number {
    return this.tracker.outstanding - this.released.size;
  }
}
