import type Cluster from 'kafkajs/src/cluster/index.js';
import { LogReader } from './log-reader.js';
import type { IncomingRecord } from './record.js';
import { topicOffsets, type OffsetQuestion, type Offsets } from './topic-offsets.js';

/** What one fetch has brought, of all partitions together. */
export interface FollowedPage {
  /** Each partition's in their order; committed ones only. */
  records: readonly IncomingRecord[];
  /** Where each partition goes on: everything before is handed over, now or earlier. */
  next: Offsets;
  /** Where each partition ended then. */
  ends: Offsets;
}

/**
 * Reads a topic on and on from positions that whoever reads keeps for himself, without a consumer group. Whatever
 * goes wrong is thrown: open another one then, at the positions that are kept.
 */
export class TopicFollower {
  private partitions: readonly number[] = [];

  private constructor(
    private readonly cluster: Cluster,
    private readonly kafkaTopic: string,
    private readonly reader: LogReader,
  ) {}

  /** `cluster` is for this follower alone: its fetches wait for records and would hold up others. */
  static async open(
    cluster: Cluster,
    { kafkaTopic, topic }: { kafkaTopic: string; topic: string },
  ): Promise<TopicFollower> {
    await cluster.connect();
    return new TopicFollower(cluster, kafkaTopic, new LogReader(cluster, kafkaTopic, topic));
  }

  offsets(of: OffsetQuestion): Promise<Offsets> {
    return topicOffsets(this.cluster, this.kafkaTopic, of);
  }

  /** What is read next of each partition; partitions that are not named are not read. */
  seek(positions: Offsets): void {
    this.reader.seek(new Map(positions));
    this.partitions = [...positions.keys()];
  }

  /** What follows, at most what fits a fetch; waits up to `maxWaitMs` when there is nothing. */
  async next(maxWaitMs: number): Promise<FollowedPage> {
    const { records, stable } = await this.reader.poll(maxWaitMs);
    const next = this.partitions.map((partition): [number, bigint] => [
      partition,
      this.reader.position(partition),
    ]);
    return { records, next: new Map(next), ends: stable };
  }

  /** A fetch that is under way fails. */
  close(): Promise<void> {
    return this.cluster.disconnect();
  }
}
