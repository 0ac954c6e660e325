import { rejectedRecord } from '#libs/delivery-task';
import {
  isRecordTooLarge,
  type FollowedPage,
  type IncomingRecord,
  type Kafka,
  type Offsets,
  type Publisher,
  type TopicFollower,
} from '#libs/kafka';
import { messageOf, type Counter } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { leadAgainAndAgain, type LeaderSession, type Leadership } from '../persistence/leader-session.js';

const maxRowsPerBatch = 2_000;
/** Postgres has a few seconds for a batch. */
const maxBytesPerBatch = 4_194_304;
const pollWaitMs = 500;
const retryMs = 1_000;

/** A row and where it stands in the topic. */
export interface Placed<Row> {
  row: Row;
  partition: number;
  offset: bigint;
}

/** What is made of a record; `old` is no longer kept, wherever it was all the time. */
export type ReadRow<Row> =
  { kind: 'row'; row: Row } | { kind: 'old' } | { kind: 'unreadable'; reason: string };

/** A topic, and the tables that it is carried to. */
export interface Projected<Row> {
  topic: string;
  /** For the log, e.g. `history`. */
  name: string;
  leadership: Leadership;
  read(record: IncomingRecord): ReadRow<Row> | Promise<ReadRow<Row>>;
  /** Where each partition is read on; those that were never read begin at their start. */
  positions(starts: Offsets): Promise<Offsets>;
  /**
   * Takes the rows and moves the positions, in one transaction.
   * @throws RelayError FENCED when another instance goes on
   */
  take(rows: readonly Placed<Row>[], from: Offsets, next: Offsets): Promise<void>;
  /** At the start, and from time to time. */
  tidy(): Promise<void>;
  tidyIntervalMs: number;
}

export interface ProjectionOptions {
  databaseUrl: string;
  kafka: Pick<Kafka, 'follower'>;
  /** For what cannot be read; closed at the stop. */
  publisher: Publisher;
  /** Of what cannot be read. */
  rejected?: Counter;
  logger: Logger;
}

/**
 * Carries a topic to Postgres, once each: the positions are saved with the rows, and nothing that is kept in memory
 * outlives a failure.
 *
 *   waiting for the lock ──taken──► leading: read the positions, fetch, put aside what cannot be read, take, again
 *        ▲                              │
 *        └── 1 s ◄── any failure: session and follower closed
 */
export class TopicProjection<Row> {
  private readonly stopping = new AbortController();
  private follower: TopicFollower | undefined;
  private positions: Offsets = new Map();
  /** Of the topic's partitions, as the last fetch told. */
  private ends: Offsets = new Map();
  private running: Promise<void> = Promise.resolve();
  private isInOutage = false;

  constructor(
    private readonly projected: Projected<Row>,
    private readonly options: ProjectionOptions,
  ) {}

  get name(): string {
    return this.projected.name;
  }

  /** Records that are not taken yet; undefined where this instance does not lead. */
  get lag(): number | undefined {
    if (this.follower === undefined) {
      return undefined;
    }
    const behind = Array.from(this.ends, ([partition, end]) => end - (this.positions.get(partition) ?? end));
    return behind.reduce((sum, records) => sum + Math.max(0, Number(records)), 0);
  }

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

  private run(): Promise<void> {
    return leadAgainAndAgain({
      databaseUrl: this.options.databaseUrl,
      leadership: this.projected.leadership,
      retryMs,
      stopping: this.stopping.signal,
      lead: (session) => this.leadWith(session),
      failed: (error) => {
        this.failed(error);
      },
    });
  }

  private async leadWith(session: LeaderSession): Promise<void> {
    try {
      this.follower = await this.options.kafka.follower(this.projected.topic);
      await this.lead(session, this.follower);
    } finally {
      await this.follower?.close();
      this.follower = undefined;
    }
  }

  private async lead(session: LeaderSession, follower: TopicFollower): Promise<void> {
    this.positions = await this.present(follower);
    follower.seek(this.positions);
    let tidiedAtMs = -Infinity;
    while (!this.stopping.signal.aborted) {
      await session.check();
      if (performance.now() - tidiedAtMs >= this.projected.tidyIntervalMs) {
        await this.projected.tidy();
        tidiedAtMs = performance.now();
      }
      if (this.isInOutage) {
        this.isInOutage = false;
        this.options.logger.info({ projection: this.projected.name }, 'it goes on');
      }
      const page = await follower.next(pollWaitMs);
      this.ends = page.ends;
      await this.project(page);
    }
  }

  /** Where to read on; what the topic does not have any more is told of, once, and passed over. */
  private async present(follower: TopicFollower): Promise<Offsets> {
    const starts = await follower.offsets('start');
    const ends = await follower.offsets('end');
    const saved = await this.projected.positions(starts);
    const moved: Offsets = new Map();
    for (const [partition, next] of saved) {
      const start = starts.get(partition) ?? 0n;
      const end = ends.get(partition) ?? next;
      if (next < start || next > end) {
        const gap = { partition, next: String(next), start: String(start), end: String(end) };
        const { name, topic } = this.projected;
        const what = next < start ? 'records are gone from' : 'it was read beyond the end of';
        this.options.logger.error({ projection: name, ...gap }, `${what} ${topic}: it goes on at its start`);
        moved.set(partition, start);
      }
    }
    if (moved.size > 0) {
      await this.projected.take([], saved, moved);
    }
    return new Map([...saved, ...moved]);
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
    const startedMs = performance.now();
    const rows: Placed<Row>[] = [];
    for (const record of records) {
      const read = await this.projected.read(record);
      if (read.kind === 'row') {
        rows.push({ row: read.row, partition: record.partition, offset: record.offset });
      } else if (read.kind === 'unreadable') {
        // Before the position moves, so that it is there at least once.
        await this.putAside(record, read.reason);
      }
    }
    await this.projected.take(rows, this.positions, moved);
    moved.forEach((offset, partition) => this.positions.set(partition, offset));
    if (records.length > 0) {
      const durationMs = Math.round(performance.now() - startedMs);
      const about = {
        projection: this.projected.name,
        records: records.length,
        rows: rows.length,
        durationMs,
      };
      this.options.logger.debug(about, 'a batch was taken');
    }
  }

  private async putAside(record: IncomingRecord, reason: string): Promise<void> {
    const { publisher, logger } = this.options;
    const { topic, partition, offset } = record;
    this.options.rejected?.inc();
    logger.error({ partition, offset: String(offset), reason }, `put aside a record of ${topic}`);
    const rejected = rejectedRecord('control', record, reason);
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
        { projection: this.projected.name, error: messageOf(error) },
        'it waits: nothing is lost, it tries again every second',
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
