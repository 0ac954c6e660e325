import { OffsetTracker } from './offset-tracker.js';

/** Records up to this size are bounded by their number; only larger ones are counted by size. */
const smallBytes = 4_096;

/** One partition in the hands of this consumer, from its assignment until it is taken away. */
export class PartitionFeed {
  readonly tracker: OffsetTracker;
  readonly abort = new AbortController();
  paused = false;
  /** Finished by whoever had the partition before, and not read yet. */
  readonly finishedBefore: Set<bigint>;
  private readonly released = new Set<bigint>();
  /** Sizes of the large records that are handed out and not finished. */
  private readonly large = new Map<bigint, number>();
  private bytes = 0;
  /** The offset behind the last record, as far as it is known. */
  private end = 0n;

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

  /** Bytes of large records that are in the hands of the app. */
  get largeBytes(): number {
    return this.bytes;
  }

  handedOut(offset: bigint, bytes: number): void {
    if (bytes > smallBytes) {
      this.large.set(offset, bytes);
      this.bytes += bytes;
    }
  }

  finish(offset: bigint): void {
    const bytes = this.large.get(offset);
    if (bytes !== undefined) {
      this.large.delete(offset);
      this.bytes -= bytes;
    }
    this.released.delete(offset);
    this.tracker.finish(offset);
  }

  release(offset: bigint): void {
    if (this.tracker.isOutstanding(offset)) {
      this.released.add(offset);
    }
  }

  /** The partition goes so far by now. */
  endsAt(end: bigint): void {
    if (end > this.end) {
      this.end = end;
    }
  }

  /** Records that are not finished, read or not. */
  get lag(): number {
    const { nextOffset, outstanding } = this.tracker;
    return Math.max(0, Number(this.end - nextOffset)) + outstanding;
  }

  /** Records that may still be acknowledged. */
  get awaited(): number {
    return this.tracker.outstanding - this.released.size;
  }
}
