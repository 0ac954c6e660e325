import type { IncomingRecord } from './record.js';

export interface ConsumerOptions {
  groupId: string;
  /** Names, or a prefix: topics that appear later are read from their start. */
  topics: readonly string[] | { prefix: string };
  /**
   * Topics whose records may wait so long, milliseconds: a fetch that brings a few of them is not worth its price,
   * so they are fetched in larger pieces.
   */
  unhurried?: { topics: readonly string[]; intervalMs: number };
  /** Called in offset order per partition; must return at once and not throw. */
  onBatch(batch: RecordBatch): void;
  /** Records of a partition that a crash would repeat, before it is paused. Default 500. */
  maxOutstanding?: number;
  /** Bytes fetched of a partition at a time. Default 1 MiB. */
  maxBytesPerPartition?: number;
  /** Default 100 ms. */
  commitIntervalMs?: number;
  /** How long `stop` waits for what is outstanding. Default 20 s. */
  drainTimeoutMs?: number;
  /** Partition p of all topics goes to the same member. */
  coPartition?: boolean;
  /** After this a member that does not answer loses its partitions. Default 10 s. */
  sessionTimeoutMs?: number;
  /** Partitions that were taken away; their signals are aborted already. */
  onLost?(partitions: readonly { topic: string; partition: number }[]): void;
  /** The consumer has ended for good and the process must, too. */
  onCrash(error: Error): void;
}

/** Where records came from, and how to say what became of them. */
export interface RecordSource {
  topic: string;
  partition: number;
  /** Aborted when the partition is taken away, and at the end of `stop`. */
  signal: AbortSignal;
  /**
   * Undefined while no other member can have the partition. When the group has not heard from this one for so long
   * that another may have it (this process stood still, Kafka is away): resolves when it is known, and the signal
   * is aborted then if the partition is lost.
   */
  uncertain(): Promise<void> | undefined;
  /** The record is finished. What is committed is the contiguous prefix of finished records. */
  ack(offset: bigint): void;
  /** The record will not be finished here, e.g. because the app stops: `stop` does not wait for it. */
  release(offset: bigint): void;
}

/**
 * Records of one partition, in order. Their keys and values are pieces of all that was fetched at once, megabytes
 * perhaps: whoever keeps one for long copies it, and keeps the {@link RecordSource} without the records.
 */
export interface RecordBatch extends RecordSource {
  records: readonly IncomingRecord[];
}

export interface Consumer {
  /** Why it is not ready, or undefined when it is. */
  ready(): string | undefined;
  /**
   * Hands out nothing more, waits until what is outstanding is acknowledged or released, commits and leaves the
   * group.
   */
  stop(): Promise<void>;
}
