import type { Client } from 'pg';
import type { OutgoingRecord, Transactor } from '#libs/kafka';
import { isConnectionLost, sqlStateOf } from '#libs/postgres';
import { delay, messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { rejectedTopicSpec, type ChangeTopics } from './change-topics.js';
import { buildPage } from './changes.js';
import { refuseIfSetBack } from './first-position.js';
import type { IngestMetrics } from './ingest-metrics.js';
import type { Loads } from './load/loads.js';
import type { OdooDatabase } from './odoo-database.js';
import type { OutboxRotation } from './outbox-slots.js';
import type { PageTraces, TransactionTraces } from './transaction-traces.js';
import { OutboxReader, type Page, type PageLimits } from './outbox-reader.js';
import type { Position, PositionStore } from './position.js';
import { readAhead } from './read-ahead.js';

export interface CaptureSettings {
  pollIntervalMs: number;
  idlePollIntervalMs: number;
  limits: PageLimits;
}

export interface CaptureParts {
  database: OdooDatabase;
  topics: ChangeTopics;
  positions: PositionStore;
  transactor: Transactor;
  rotation: OutboxRotation;
  loads: Loads;
  traces: TransactionTraces;
  metrics: Pick<IngestMetrics, 'captured' | 'loaded' | 'rejected' | 'interruptions'>;
  logger: Logger;
}

interface TypedPage {
  page: Page;
  records: readonly OutgoingRecord[];
  traces: PageTraces;
}

const activeMs = 1_000;
const columnsLookMs = 5_000;
const maxGatherMs = 10;
/** A batch of fewer was made at a rate at which gathering saves little. */
const manyChanges = 20;
const firstBackOffMs = 100;
const maxBackOffMs = 5_000;
/** Then it is asked whether to stop. */
const openTransactionsWaitMs = 5_000;

/**
 * The data path of ingest: look into the outbox, read what is new as a page of net changes, type it, write it
 * with the new position in one Kafka transaction. The position counts only when it is committed, so that a
 * crash at any point neither loses nor repeats a change.
 */
export class CaptureToTopics {
  private readonly stopping = new AbortController();
  private lastChangeAtMs = performance.now();
  private notReadyReason: string | undefined = 'not started';
  private backOffMs = firstBackOffMs;

  constructor(
    private readonly parts: CaptureParts,
    private readonly settings: CaptureSettings,
    /** What is published. */
    private position: Position,
  ) {}

  get published(): Position {
    return this.position;
  }

  notReady(): string | undefined {
    return this.notReadyReason;
  }

  stop(): void {
    this.stopping.abort();
    this.parts.loads.stop();
  }

  /** Resolves after `stop`. @throws RelayError of faults that no retry mends, e.g. FENCED. */
  async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.carryWhileConnected();
      } catch (error) {
        await this.recover(error);
      }
    }
  }

  private async carryWhileConnected(): Promise<void> {
    const { database, loads } = this.parts;
    const client = await database.connect('reader');
    try {
      await database.prepare(client);
      await this.refuseIfSetBack(client);
      const reader = await OutboxReader.over(client);
      this.notReadyReason = undefined;
      let lookedAtMs = performance.now();
      while (!this.stopping.signal.aborted) {
        if (performance.now() - lookedAtMs > columnsLookMs) {
          await database.refreshIfChanged(client);
          lookedAtMs = performance.now();
        }
        // A step of a load is made at the end of a batch, be there changes or not.
        const isBusy = (await loads.isDue(client, this.position.load)) || (await this.hasUnread(reader));
        const pauseMs = isBusy ? await this.carryBatch(reader, client) : this.idlePauseMs();
        await this.parts.rotation.turn(client, this.position.from);
        await delay(pauseMs, this.stopping.signal);
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Before there was a change, a crash of Postgres looks the same, and there is no id to be given twice. */
  private async refuseIfSetBack(client: Client): Promise<void> {
    if (this.position.from.lastSequence !== null) {
      await refuseIfSetBack(client, this.position);
    }
  }

  /** Where nothing is new, what is visible now is as good as published. */
  private async hasUnread(reader: OutboxReader): Promise<boolean> {
    if (this.position.to !== null) {
      return true;
    }
    const { snapshot, found } = await reader.poll(this.position.from);
    if (!found) {
      this.position = { ...this.position, from: snapshot };
    }
    return found;
  }

  /**
   * Publishes all that is new as of now. Gives the pause that is due after it: none after a small batch, as what
   * has come meanwhile should not wait; else as long as the work took, so that at a high rate each batch gathers
   * many small transactions.
   */
  private async carryBatch(reader: OutboxReader, client: Client): Promise<number> {
    const startedAtMs = performance.now();
    const { from, to, sequence } = this.position;
    const unread = { from, to, afterSequence: to === null ? 0n : sequence };
    let changes = 0;
    const { database, loads } = this.parts;
    const pages = reader.pages(unread, this.settings.limits, () => database.catalog, {
      see: (read) => {
        loads.see(read);
      },
      step: (snapshot) => loads.step(client, snapshot, this.position.load),
    });
    let published = Promise.resolve();
    try {
      // The next page is read, and typed, while the one before it is being written.
      for await (const page of readAhead(pages)) {
        const typed = await this.typed(page);
        await published;
        published = this.publish(typed, client);
        published.catch(() => undefined);
        changes += page.changes.length;
        if (this.stopping.signal.aborted) {
          break;
        }
      }
    } finally {
      // Whatever else went wrong: what becomes of the position is known only then.
      await published;
    }
    this.backOffMs = firstBackOffMs;
    this.lastChangeAtMs = performance.now();
    return changes < manyChanges ? 0 : Math.min(this.lastChangeAtMs - startedAtMs, maxGatherMs);
  }

  /** In one transaction with the position behind it. */
  private async publish({ page, records, traces }: TypedPage, client: Client): Promise<void> {
    const { transactor, positions, loads } = this.parts;
    const next = positionAfter(this.position, page);
    if (records.length > 0 || this.position.to !== null || page.load !== undefined) {
      const startedMs = performance.now();
      await transactor.transact([...records, positions.record(next)]);
      traces.published();
      this.log(page, records.length, startedMs);
    }
    this.position = next;
    this.count(page, records);
    if (page.load !== undefined) {
      await loads.published(client, page.load);
    }
  }

  private count({ changes, load }: Page, records: readonly OutgoingRecord[]): void {
    const { captured, loaded, rejected } = this.parts.metrics;
    captured.inc(changes.length);
    loaded.inc((load?.rows.length ?? 0) + (load?.gone.length ?? 0));
    rejected.inc(records.filter(({ topic }) => topic === rejectedTopicSpec.topic).length);
  }

  private log(page: Page, records: number, startedMs: number): void {
    const { logger } = this.parts;
    if (logger.isLevelEnabled('debug')) {
      const nowMs = performance.now();
      logger.debug(
        {
          changes: page.changes.length,
          records,
          sequence: page.changes.at(-1)?.sequence ?? null,
          loadRequest: page.load?.state.requestId ?? null,
          isLast: page.isLast,
          durationMs: Math.round(nowMs - startedMs),
          ageMs: Math.round(nowMs - page.begunAtMs),
        },
        'a page was published',
      );
    }
  }

  /** Typed with tables and columns as they are known; these are read again when the rows do not fit them. */
  private async typed(page: Page): Promise<TypedPage> {
    const { database, topics, logger } = this.parts;
    let built = buildPage(page, database.catalog, database.origin);
    // What the catalog knew after the page's snapshot was taken, it cannot learn by reading the tables again.
    const isDoubtful = built.isDoubtful || database.lacks(built.unknownTables);
    if (isDoubtful && database.catalog.readAtMs < page.begunAtMs) {
      await database.refresh();
      built = buildPage(page, database.catalog, database.origin);
      database.passOver(built.unknownTables);
      if (built.unknownColumns.size > 0) {
        const columns = [...built.unknownColumns];
        logger.warn({ columns }, 'rows hold columns that the tables have no more: left out');
      }
    }
    for (const change of built.changes) {
      if (change.kind === 'rejected') {
        const { table, recordId, changeId } = change;
        logger.error({ table, recordId, changeId }, `a change cannot be published: ${change.reason}`);
      }
    }
    const traces = this.parts.traces.ofPage();
    const records = built.changes.flatMap((change) => topics.records(change, traces.traceparent(change)));
    return { page, records, traces };
  }

  private idlePauseMs(): number {
    const { pollIntervalMs, idlePollIntervalMs } = this.settings;
    return performance.now() - this.lastChangeAtMs < activeMs ? pollIntervalMs : idlePollIntervalMs;
  }

  /** Waits, and after a transaction of which the outcome is not known asks Kafka where it stands. */
  private async recover(error: unknown): Promise<void> {
    if (!isMending(error)) {
      throw error;
    }
    this.notReadyReason = messageOf(error);
    this.parts.metrics.interruptions.inc();
    this.parts.logger.warn({ backOffMs: this.backOffMs }, `capture is interrupted: ${messageOf(error)}`);
    await delay(this.backOffMs, this.stopping.signal);
    this.backOffMs = Math.min(this.backOffMs * 2, maxBackOffMs);
    if (error instanceof RelayError && error.code === 'PUBLISH_FAILED') {
      await this.readPosition();
    }
  }

  private async readPosition(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        this.position = (await this.parts.positions.readLast(openTransactionsWaitMs)) ?? this.position;
        return;
      } catch (error) {
        if (!isMending(error)) {
          throw error;
        }
        await delay(maxBackOffMs, this.stopping.signal);
      }
    }
  }
}

function positionAfter(before: Position, page: Page): Position {
  const { epoch } = before;
  const sequence = BigInt(page.changes.at(-1)?.sequence ?? before.sequence);
  const load = page.load?.state ?? before.load;
  return page.isLast
    ? { epoch, from: page.target, to: null, sequence, load }
    : { epoch, from: before.from, to: page.target, sequence, load };
}

/** Undefined column, undefined table: a statement was made for tables as they were; they are read again. */
const tablesChanged: ReadonlySet<string> = new Set(['42703', '42P01']);

/** Whether it is something outside that is down, and may come back. */
function isMending(error: unknown): boolean {
  if (error instanceof RelayError) {
    return /^(POSTGRES_UNAVAILABLE|KAFKA_UNAVAILABLE|REGISTRY_UNAVAILABLE|PUBLISH_FAILED)$/.test(error.code);
  }
  return isConnectionLost(error) || tablesChanged.has(sqlStateOf(error) ?? '');
}
