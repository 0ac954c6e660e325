import { deliveryTopics, rejectedRecord } from '#libs/delivery-task';
import {
  isRecordTooLarge,
  type FollowedPage,
  type IncomingRecord,
  type Kafka,
  type Offsets,
  type OutgoingRecord,
  type Publisher,
  type SchemaRegistry,
  type TopicFollower,
} from '#libs/kafka';
import { delay, messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { LeaderSession, type Leadership } from '../persistence/leader-session.js';
import type { AttemptPartitions } from './attempt-partitions.js';
import type { AttemptStore, PlacedAttempt } from './attempt-store.js';
import type { KeptDays } from './kept-days.js';
import { readAttempt } from './read-attempt.js';
import { locks } from '../persistence/locks.js';

const maxRowsPerBatch = 2_000;
/** An answer may have 20 KB; Postgres has a few seconds for a batch. */
const maxBytesPerBatch = 4_194_304;
const pollWaitMs = 500;
const partitionsIntervalMs = 60_000;
const retryMs = 1_000;
const app = 'control';
const leadership: Leadership = {
  applicationName: 'odoo-relay-control-history',
  lock: locks.attemptProjection,
  channel: 'relay_control_history',
};

export interface ProjectionOptions {
  databaseUrl: string;
  kafka: Pick<Kafka, 'follower'>;
  registry: Pick<SchemaRegistry, 'decode'>;
  store: AttemptStore;
  partitions: AttemptPartitions;
  days: KeptDays;
  /** For what cannot be read; closed at the stop. */
  publisher: Publisher;
  logger: Logger;
}

/**
 * Carries `relay.attempts` to the table of attempts, once each: the positions are saved with the rows, and nothing
 * that is kept in memory outlives a failure.
 *
 *   waiting for the lock ──taken──► leading: read the positions, fetch, put aside what cannot be read, take, again
 *        ▲                              │
 *        └── 1 s ◄── any failure: session and follower closed
 */
export class AttemptProjection {
  private readonly stopping = new AbortController();
  private follower: TopicFollower | undefined;
  private positions: Offsets = new Map();
  private running: Promise<void> = Promise.resolve();
  private isInOutage = false;

  constructor(private readonly options: ProjectionOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Finishes the batch under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    // Through an outage of Kafka a read and a write wait; a stop must not wait with them.
    await this.follower?.close();
    await this.options.publisher.close();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.leadOrStandBy();
      } catch (error) {
        this.failed(error);
      }
      await delay(retryMs, this.stopping.signal);
    }
  }

  private async leadOrStandBy(): Promise<void> {
    const { databaseUrl, kafka } = this.options;
    const session = await LeaderSession.tryOpen(databaseUrl, leadership, () => undefined);
    if (session === undefined) {
      return;
    }
    try {
      this.follower = await kafka.follower(deliveryTopics.attempts);
      await this.lead(session, this.follower);
    } finally {
      await this.follower?.close();
      this.follower = undefined;
      await session.close();
    }
  }

  private async lead(session: LeaderSession, follower: TopicFollower): Promise<void> {
    const { logger, partitions } = this.options;
    this.positions = await this.present(follower);
    follower.seek(this.positions);
    let partitionsAtMs = -Infinity;
    while (!this.stopping.signal.aborted) {
      await session.check();
      if (performance.now() - partitionsAtMs >= partitionsIntervalMs) {
        await partitions.keep();
        partitionsAtMs = performance.now();
      }
      if (this.isInOutage) {
        this.isInOutage = false;
        logger.info('the history goes on');
      }
      await this.project(await follower.next(pollWaitMs));
    }
  }

  /** Where to read on; what the topic does not have any more is told of, once, and passed over. */
  private async present(follower: TopicFollower): Promise<Offsets> {
    const starts = await follower.offsets('start');
    const ends = await follower.offsets('end');
    const saved = await this.options.store.positions(starts);
    const present: Offsets = new Map(saved);
    for (const [partition, next] of saved) {
      const start = starts.get(partition) ?? 0n;
      const end = ends.get(partition) ?? next;
      if (next < start || next > end) {
        const gap = { partition, next: String(next), start: String(start), end: String(end) };
        const what = next < start ? 'rows are gone from' : 'the history was read beyond the end of';
        this.options.logger.error(
          gap,
          `${what} ${deliveryTopics.attempts}: the history goes on at its start`,
        );
        present.set(partition, start);
      }
    }
    const moved = new Map([...present].filter(([partition, next]) => saved.get(partition) !== next));
    if (moved.size > 0) {
      await this.options.store.take({ attempts: [], next: moved }, saved);
    }
    return present;
  }

  private async project({ records, next }: FollowedPage): Promise<void> {
    for (const batch of batchesOf(records)) {
      await this.take(batch, afterLast(batch));
    }
    // Marks of transactions have offsets and bring no record.
    await this.take([], next);
  }

  private async take(records: readonly IncomingRecord[], next: Offsets): Promise<void> {
    const moved = new Map(
      [...next].filter(([partition, offset]) => this.positions.get(partition) !== offset),
    );
    if (moved.size === 0) {
      return;
    }
    const attempts: PlacedAttempt[] = [];
    for (const record of records) {
      const row = await this.read(record);
      if (row !== undefined) {
        attempts.push({ row, partition: record.partition, offset: record.offset });
      }
    }
    await this.options.store.take({ attempts, next: moved }, this.positions);
    moved.forEach((offset, partition) => this.positions.set(partition, offset));
  }

  /** undefined for what is not kept; put aside before the position moves, so that it is there at least once. */
  private async read(record: IncomingRecord): Promise<PlacedAttempt['row'] | undefined> {
    const { registry, days, logger } = this.options;
    const read =
      record.value === null
        ? ({ kind: 'unreadable', reason: 'it has no value' } as const)
        : readAttempt(await registry.decode(record.value), days);
    switch (read.kind) {
      case 'attempt':
        return read.row;
      case 'old':
        return undefined;
      case 'unreadable': {
        const { partition, offset } = record;
        const place = { partition, offset: String(offset) };
        logger.warn({ ...place, reason: read.reason }, `put aside a record of ${record.topic}`);
        await this.putAside(rejectedRecord(app, record, read.reason));
        return undefined;
      }
    }
  }

  private async putAside(rejected: OutgoingRecord): Promise<void> {
    const { publisher } = this.options;
    await publisher.publish([rejected]).catch((error: unknown) => {
      if (!isRecordTooLarge(error)) {
        throw error;
      }
      // Its headers say where it stands.
      return publisher.publish([{ ...rejected, value: null }]);
    });
  }

  private failed(error: unknown): void {
    if (!this.stopping.signal.aborted && !this.isInOutage) {
      this.isInOutage = true;
      this.options.logger.warn(
        { error: messageOf(error) },
        'the history waits: nothing is lost, it tries again every second',
      );
    }
  }
}

/** In their order, each bounded in rows and bytes. */
function batchesOf(records: readonly IncomingRecord[]): IncomingRecord[][] {
  const batches: IncomingRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const last = batches.at(-1);
    const size = record.value?.length ?? 0;
    if (last === undefined || last.length === maxRowsPerBatch || bytes + size > maxBytesPerBatch) {
      batches.push([record]);
      bytes = size;
    } else {
      last.push(record);
      bytes += size;
    }
  }
  return batches;
}

function afterLast(records: readonly IncomingRecord[]): Offsets {
  return new Map(records.map(({ partition, offset }) => [partition, offset + 1n]));
}
