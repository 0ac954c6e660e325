import type { KafkaMessage } from 'kafkajs';
import type { ConsumerOptions, RecordBatch } from './consumer.js';
import type { Progress } from './offset-tracker.js';
import { PartitionFeed } from './partition-feed.js';
import { toIncomingRecord } from './record.js';

export interface TopicPartitions {
  topic: string;
  partitions: number[];
}

/** Records fetched of one partition. Offsets in kafkajs' form, topics as Kafka knows them. */
export interface Fetched {
  topic: string;
  partition: number;
  messages: readonly KafkaMessage[];
  /** The last offset the fetch went over, also when it holds no record. */
  lastOffset: bigint;
  /** Behind all that the partition had then. */
  end: bigint;
}

/** Makes kafkajs stop or go on fetching a partition, and commit what is finished. */
export interface FetchControl {
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  commitSoon(): void;
  /** A partition that is full gets room soon: a fetch of the others must not take long. */
  hurry(): void;
  /** See {@link RecordBatch.uncertain}. */
  uncertain(): Promise<void> | undefined;
}

/** Of large records of one partition that are handed out; one may be larger. */
const maxLargeBytes = 2_097_152;
/** A commit is due when so much of what may be outstanding is finished and no commit knows it. */
const commitShare = 0.25;

/** The partitions that a consumer has now, and what of them is handed out. */
export class Assignment {
  private readonly feeds = new Map<string, PartitionFeed>();
  /** By partition that was not read from yet: records that were finished ahead of its committed offset. */
  private finished = new Map<string, ReadonlySet<bigint>>();
  private readonly maxOutstanding: number;

  constructor(
    private readonly options: Pick<ConsumerOptions, 'onBatch' | 'maxOutstanding'>,
    private readonly prefix: string,
    private readonly control: FetchControl,
  ) {
    this.maxOutstanding = options.maxOutstanding ?? 500;
  }

  all(): Iterable<PartitionFeed> {
    return this.feeds.values();
  }

  find(topic: string, partition: number): PartitionFeed | undefined {
    return this.feeds.get(feedKey(topic, partition));
  }

  /** Records that were handed out and may still be acknowledged. */
  get awaited(): number {
    return Array.from(this.feeds.values()).reduce((sum, feed) => sum + feed.awaited, 0);
  }

  get hasUncommitted(): boolean {
    return Array.from(this.feeds.values()).some(({ tracker }) => tracker.uncommitted !== undefined);
  }

  /** Drops what is not among `assigned`, or everything if the group went on without this member. */
  replace(assigned: readonly TopicPartitions[], goesOn: boolean): PartitionFeed[] {
    const kept = new Set(
      goesOn ? assigned.flatMap(({ topic, partitions }) => partitions.map((p) => feedKey(topic, p))) : [],
    );
    const lost: PartitionFeed[] = [];
    for (const [key, feed] of this.feeds) {
      if (!kept.has(key)) {
        this.feeds.delete(key);
        this.control.resume(feed.kafkaTopic, feed.partition);
        feed.abort.abort();
        lost.push(feed);
      }
    }
    return lost;
  }

  /** Of partitions that have come: what whoever had them before has finished ahead of what is committed. */
  skipFinished(
    partitions: Iterable<{ topic: string; partition: number; finished: ReadonlySet<bigint> }>,
  ): void {
    this.finished = new Map(
      Array.from(partitions, ({ topic, partition, finished }) => [feedKey(topic, partition), finished]),
    );
  }

  /**
   * Hands out as many records as the partition has room for and returns the offset of the last one that was
   * dealt with: what comes after it is to be fetched again.
   */
  handOut({ topic, partition, messages, lastOffset, end }: Fetched): bigint | undefined {
    const first = messages[0];
    const feed = this.feed(topic, partition, first === undefined ? lastOffset + 1n : BigInt(first.offset));
    const { tracker } = feed;
    feed.endsAt(end);
    if (first === undefined) {
      tracker.skipTo(lastOffset + 1n);
      return lastOffset;
    }
    const records = [];
    let handled: bigint | undefined;
    for (const message of messages) {
      if (this.isFull(feed)) {
        break;
      }
      handled = BigInt(message.offset);
      // After a rebalance kafkajs begins again at what is committed.
      if (handled >= tracker.nextOffset) {
        tracker.handOut(handled);
        if (feed.finishedBefore.delete(handled)) {
          tracker.finish(handled);
        } else {
          feed.handedOut(handled, message.value?.length ?? 0);
          records.push(toIncomingRecord(feed.topic, partition, message));
        }
      }
    }
    if (handled === BigInt(messages.at(-1)?.offset ?? -1)) {
      tracker.skipTo(lastOffset + 1n);
      handled = lastOffset;
    }
    if (this.isFull(feed)) {
      feed.paused = true;
      this.control.pause(topic, partition);
      this.control.hurry();
      this.commitIfDue(feed);
    }
    if (records.length > 0) {
      this.options.onBatch(this.batchOf(feed, records));
    }
    return handled;
  }

  private batchOf(feed: PartitionFeed, records: RecordBatch['records']): RecordBatch {
    return {
      topic: feed.topic,
      partition: feed.partition,
      records,
      signal: feed.abort.signal,
      uncertain: () => (feed.abort.signal.aborted ? undefined : this.control.uncertain()),
      ack: (offset) => {
        this.finish(feed, offset);
      },
      release: (offset) => {
        feed.release(offset);
      },
    };
  }

  private finish(feed: PartitionFeed, offset: bigint): void {
    feed.finish(offset);
    this.commitIfDue(feed);
  }

  private commitIfDue(feed: PartitionFeed): void {
    if (feed.tracker.uncovered >= this.maxOutstanding * commitShare) {
      this.control.commitSoon();
    }
  }

  /** What is committed will not be repeated, so that there is room for more. */
  committed(feed: PartitionFeed, progress: Progress): void {
    feed.tracker.markCommitted(progress);
    if (feed.paused) {
      this.control.hurry();
    }
    this.resumeIfRoom(feed);
  }

  private resumeIfRoom(feed: PartitionFeed): void {
    const hasRoom =
      feed.tracker.repeatable * 2 <= this.maxOutstanding && feed.largeBytes * 2 <= maxLargeBytes;
    if (feed.paused && hasRoom && !feed.abort.signal.aborted) {
      feed.paused = false;
      this.control.resume(feed.kafkaTopic, feed.partition);
    }
  }

  private isFull({ tracker, largeBytes }: PartitionFeed): boolean {
    return tracker.repeatable >= this.maxOutstanding || largeBytes >= maxLargeBytes;
  }

  private feed(topic: string, partition: number, start: bigint): PartitionFeed {
    const key = feedKey(topic, partition);
    let feed = this.feeds.get(key);
    if (feed === undefined) {
      const finished = new Set(this.finished.get(key));
      this.finished.delete(key);
      feed = new PartitionFeed(topic, topic.slice(this.prefix.length), partition, { start, finished });
      this.feeds.set(key, feed);
    }
    return feed;
  }
}

function feedKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
