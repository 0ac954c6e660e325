import type { Client } from 'pg';
import { tableOf } from '#libs/change';
import type { Kafka } from '#libs/kafka';
import { connectPostgres, type PostgresAddress } from '#libs/postgres';
import { RelayError } from '#libs/process';
import { silentLogger, type Logger } from '#libs/telemetry';
import { columnsDigest } from './captured-tables.js';
import type { ChangeTopics } from './change-topics.js';
import type { Origin } from './changes.js';
import { findTables, installCapture, type Capture, type CaptureOptions } from './install-capture.js';
import { publishEvent } from './operational-events.js';
import { findRelationTables } from './relation-tables.js';
import type { Superseded } from './topic-generations.js';
import { TableCatalog } from './table-catalog.js';
import { readTriggers } from './triggers.js';

export interface OdooDatabaseOptions {
  url: string;
  /** The slug in the topic names. */
  database: string;
  models: readonly string[];
  capture: CaptureOptions;
  logger: Logger;
}

/** The Odoo database with the capture in it, and the topics its tables need. */
export class OdooDatabase {
  private digest = '';
  /** Of whose columns the digest is. */
  private watched: readonly string[] = [];
  /** Tables that are not to be captured, and still write to the outbox. */
  private readonly passedOver = new Set<string>();
  /** Not while tables may have triggers that the catalog does not know. */
  private isSettled = false;
  private preparing: Promise<void> = Promise.resolve();
  private prepared: { catalog: TableCatalog; origin: Origin } | undefined;

  constructor(
    private readonly options: OdooDatabaseOptions,
    private readonly kafka: Pick<Kafka, 'ensureTopics' | 'publisher'>,
    private readonly topics: ChangeTopics,
  ) {}

  get catalog(): TableCatalog {
    return this.state.catalog;
  }

  get origin(): Origin {
    return this.state.origin;
  }

  /** @throws RelayError POSTGRES_UNAVAILABLE */
  connect(purpose: string): Promise<Client> {
    const address: PostgresAddress = {
      url: this.options.url,
      variable: 'ODOO_DATABASE_URL',
      applicationName: `odoo-relay ingest ${purpose}`,
    };
    return connectPostgres(address);
  }

  /**
   * Puts the capture into the database, or what is missing of it back.
   * @throws RelayError EPOCH_MISMATCH when it is not the database that it was.
   */
  async install(client: Client): Promise<Capture> {
    const { models, logger, capture: options } = this.options;
    const capture = await installCapture(client, models, logger, options);
    const known = this.prepared?.origin.epoch;
    if (known !== undefined && known !== capture.epoch) {
      throw new RelayError(
        'EPOCH_MISMATCH',
        `the database at ODOO_DATABASE_URL was exchanged while ingest ran (epoch ${capture.epoch} instead of ${known}): start ingest again`,
      );
    }
    return capture;
  }

  /**
   * Installs the capture, reads the tables and opens their topics. Done whenever a connection is made, as there
   * may be another database behind the same address, and when columns change.
   */
  prepare(client: Client): Promise<void> {
    // The data path and the watch may both ask for it.
    const prepared = this.preparing.then(() => this.prepareNow(client));
    this.preparing = prepared.catch(() => undefined);
    return prepared;
  }

  private async prepareNow(client: Client): Promise<void> {
    const readAtMs = performance.now();
    this.isSettled = false;
    this.watched = await this.tablesToWatch(client);
    this.digest = await columnsDigest(client, this.watched);
    const { epoch, tables } = await this.install(client);
    const { database } = this.options;
    const { rows } = await client.query<{ db: string }>('select current_database() as db');
    const known = { readAtMs, columnRules: this.options.capture, previous: this.prepared?.catalog };
    const catalog = await TableCatalog.read(client, tables, known);
    await this.topics.open([...catalog.captured.values()], (superseded) =>
      this.supersede(client, epoch, superseded),
    );
    this.prepared = { catalog, origin: { database, db: rows[0]?.db ?? '', epoch } };
    this.isSettled = true;
  }

  /**
   * Whether any of these tables (with their models) is to be captured: it got its triggers before the catalog was
   * read. Of a relation table only the database can tell.
   */
  lacks(unknown: ReadonlyMap<string, string>): boolean {
    return [...unknown].some(([table, model]) =>
      model === '' ? !(this.isSettled && this.passedOver.has(table)) : this.options.models.includes(model),
    );
  }

  /** Of tables that the catalog still lacks when it was read after their changes. */
  passOver(unknown: ReadonlyMap<string, string>): void {
    for (const table of unknown.keys()) {
      this.passedOver.add(table);
    }
  }

  /** Puts back what has become of the triggers; takes in new tables, and columns that must not be captured. */
  async repair(client: Client): Promise<void> {
    const { models, capture } = this.options;
    const tables = await findTables(client, models, silentLogger, capture);
    const triggers = await readTriggers(client, tables);
    const isNew = tables.some(({ table }) => !this.catalog.captured.has(table));
    if (isNew || triggers.some(({ state }) => state !== 'ok')) {
      await this.prepare(client);
    }
  }

  /** For changes that no row tells of, or none yet. */
  async refreshIfChanged(client: Client): Promise<void> {
    if ((await columnsDigest(client, this.watched)) !== this.digest) {
      await this.prepare(client);
    }
  }

  /** Reads the columns again because rows have others. */
  async refresh(): Promise<void> {
    const client = await this.connect('columns');
    try {
      await this.prepare(client);
    } finally {
      await client.end();
    }
  }

  private async tablesToWatch(client: Client): Promise<readonly string[]> {
    const { models, capture } = this.options;
    const relations = await findRelationTables(client, models, capture.relationTables);
    return [...models.map(tableOf), ...relations.tables.map(({ table }) => table)];
  }

  /** The new topic begins with what the table holds, and its readers are told. */
  private async supersede(client: Client, epoch: string, { table, ...topic }: Superseded): Promise<void> {
    const { database, logger } = this.options;
    logger.warn({ table, oldTopic: topic.topic, newTopic: topic.by }, `a new topic, because ${topic.reason}`);
    await client.query(
      `insert into relay.load_request (relation, reason) select $1, 'schema' where not exists (
         select from relay.load_request
         where relation = $1 and reason = 'schema' and record_ids is null and started_at is null)`,
      [table],
    );
    await publishEvent(this.kafka, database, `${epoch}-${topic.by}`, {
      kind: 'topic.superseded',
      old_topic: topic.topic,
      new_topic: topic.by,
      reason: topic.reason,
    });
  }

  private get state(): { catalog: TableCatalog; origin: Origin } {
    if (this.prepared === undefined) {
      throw new RelayError('INTERNAL', 'the database is not prepared');
    }
    return this.prepared;
  }
}
