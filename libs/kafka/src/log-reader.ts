import type Cluster from 'kafkajs/src/cluster/index.js';
import type { FetchedPartition } from 'kafkajs/src/cluster/index.js';
import Batch from 'kafkajs/src/consumer/batch.js';
import { RelayError } from '#libs/process';
import { readCommitted } from './cluster.js';
import { toIncomingRecord, type IncomingRecord } from './record.js';
import { topicOffsets, type Offsets } from './topic-offsets.js';

const maxBytesPerFetch = 10_485_760;
const maxBytesPerPartition = 1_048_576;

interface Polled {
  records: IncomingRecord[];
  broughtNothing: boolean;
  /** Everything before is committed or aborted. */
  stable: Offsets;
}

const openTransactionPollMs = 20;
/** Long enough for one that is just being committed. */
export const openTransactionWaitMs = 1_000;

export interface ReadOptions {
  /**
   * How long to wait for transactions that are open, be they of others: they hide what was committed after them.
   * Then the read fails. Without it only one that is just being committed is waited for, and what a longer one
   * hides is left out.
   */
  openTransactionsWaitMs?: number;
}

/**
 * Reads a whole topic from its start, committed records only, without a consumer group: no join to wait for, no
 * group left behind.
 */
export class LogReader {
  private positions: Offsets = new Map();

  constructor(
    private readonly cluster: Cluster,
    private readonly kafkaTopic: string,
    /** The name without the installation's prefix. */
    private readonly topic: string,
  ) {}

  async seekToStart(): Promise<void> {
    this.seek(await topicOffsets(this.cluster, this.kafkaTopic, 'start'));
  }

  /** What is read next of each partition; partitions that are not named are not read. */
  seek(positions: Offsets): void {
    this.positions = positions;
  }

  /** Hands over everything up to the end as of now. */
  async readToEnd(
    take: (records: readonly IncomingRecord[]) => Promise<void> | void,
    options: ReadOptions = {},
  ): Promise<void> {
    await this.seekToStart();
    await this.readUntil(await topicOffsets(this.cluster, this.kafkaTopic, 'end'), take, options);
  }

  /** Hands over what the last `offsets` offsets of these partitions hold as of now. */
  async readTail(
    partitions: readonly number[],
    offsets: bigint,
    take: (records: readonly IncomingRecord[]) => Promise<void> | void,
  ): Promise<void> {
    const starts = await topicOffsets(this.cluster, this.kafkaTopic, 'start');
    const ends = await topicOffsets(this.cluster, this.kafkaTopic, 'end');
    const end: Offsets = new Map(partitions.map((partition) => [partition, ends.get(partition) ?? 0n]));
    this.seek(
      new Map([...end].map(([partition, last]) => [partition, later(starts.get(partition), last - offsets)])),
    );
    await this.readUntil(end, take, {});
  }

  private async readUntil(
    end: Offsets,
    take: (records: readonly IncomingRecord[]) => Promise<void> | void,
    { openTransactionsWaitMs }: ReadOptions,
  ): Promise<void> {
    const startedMs = performance.now();
    while (![...end].every(([partition, offset]) => this.position(partition) >= offset)) {
      const { records, broughtNothing, stable } = await this.poll(openTransactionPollMs);
      await take(records);
      // The position counts the marks that end transactions, but not what compaction left of a log's tail.
      const nothingMore = [...end].every(([partition, offset]) => (stable.get(partition) ?? 0n) >= offset);
      const waitedMs = performance.now() - startedMs;
      if (broughtNothing && (nothingMore || waitedMs > (openTransactionsWaitMs ?? openTransactionWaitMs))) {
        this.refuseIfHidden(nothingMore, openTransactionsWaitMs);
        return;
      }
    }
  }

  private refuseIfHidden(nothingMore: boolean, openTransactionsWaitMs: number | undefined): void {
    if (!nothingMore && openTransactionsWaitMs !== undefined) {
      throw new RelayError(
        'KAFKA_UNAVAILABLE',
        `a transaction that stays open hides what ${this.topic} holds: Kafka ends it after its timeout`,
      );
    }
  }

  /** What follows, at most what fits a fetch; waits up to `maxWaitMs` when there is nothing. */
  async poll(maxWaitMs: number): Promise<Polled> {
    await this.cluster.refreshMetadataIfNecessary();
    const leaders = this.cluster.findLeaderForPartitions(this.kafkaTopic, [...this.positions.keys()]);
    const fetched = await Promise.all(
      Object.entries(leaders).map(([nodeId, partitions]) => this.fetch(nodeId, partitions, maxWaitMs)),
    );
    const records: IncomingRecord[] = [];
    const stable: Offsets = new Map();
    let broughtNothing = true;
    for (const partition of fetched.flat()) {
      stable.set(partition.partition, BigInt(partition.lastStableOffset));
      const position = this.position(partition.partition);
      const batch = new Batch(this.kafkaTopic, String(position), partition);
      if (batch.rawMessages.length > 0) {
        broughtNothing = false;
        this.positions.set(partition.partition, BigInt(batch.lastOffset()) + 1n);
      }
      for (const message of batch.messages) {
        records.push(toIncomingRecord(this.topic, partition.partition, message));
      }
    }
    return { records, broughtNothing, stable };
  }

  position(partition: number): bigint {
    return this.positions.get(partition) ?? 0n;
  }

  private async fetch(nodeId: string, partitions: number[], maxWaitMs: number): Promise<FetchedPartition[]> {
    const broker = await this.cluster.findBroker({ nodeId });
    const { responses } = await broker.fetch({
      maxWaitTime: maxWaitMs,
      minBytes: 1,
      maxBytes: maxBytesPerFetch,
      isolationLevel: readCommitted,
      topics: [
        {
          topic: this.kafkaTopic,
          partitions: partitions.map((partition) => ({
            partition,
            fetchOffset: String(this.position(partition)),
            maxBytes: maxBytesPerPartition,
          })),
        },
      ],
    });
    return responses.flatMap((response) => response.partitions);
  }
}

function later(one: bigint | undefined, other: bigint): bigint {
  return one !== undefined && one > other ? one : other;
}
