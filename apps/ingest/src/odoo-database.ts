import type { Client } from 'pg';
import type { Kafka } from '#libs/kafka';
import { connectPostgres, type PostgresAddress } from '#libs/postgres';
import { RelayError } from '#libs/process';
import { silentLogger, type Logger } from '#libs/telemetry';
import { ChangeTopics, changeTopicSpec } from './change-topics.js';
import type { Origin } from './changes.js';
import { findTables, installCapture, type CaptureOptions } from './install-capture.js';
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
  /** `table.column` of columns in old rows that the database has no more. */
  private readonly ignoredColumns = new Set<string>();
  private prepared: { catalog: TableCatalog; origin: Origin } | undefined;

  constructor(
    private readonly options: OdooDatabaseOptions,
    private readonly kafka: Pick<Kafka, 'ensureTopics'>,
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
   * Puts the capture into the database, or what is missing of it back, and reads its tables. Done whenever a
   * connection is made, as there may be another database behind the same address, and when columns change.
   * @throws RelayError EPOCH_MISMATCH when it is not the database that it was.
   */
  async prepare(client: Client): Promise<void> {
    const { database, models, capture, logger } = this.options;
    const { epoch, tables } = await installCapture(client, models, logger, capture);
    const known = this.prepared?.origin.epoch;
    if (known !== undefined && known !== epoch) {
      throw new RelayError(
        'EPOCH_MISMATCH',
        `the database at ODOO_DATABASE_URL was exchanged while ingest ran (epoch ${epoch} instead of ${known}): start ingest again`,
      );
    }
    const { rows } = await client.query<{ db: string }>('select current_database() as db');
    const catalog = await TableCatalog.read(client, tables, this.ignoredColumns, capture.deniedColumns);
    await this.kafka.ensureTopics(tables.map(({ table }) => changeTopicSpec(database, table)));
    await this.topics.register(tables);
    this.prepared = { catalog, origin: { database, db: rows[0]?.db ?? '', epoch } };
  }

  /** Whether any of the models is to be captured: its table got its triggers before the catalog was read. */
  lacks(unknownModels: ReadonlySet<string>): boolean {
    return this.options.models.some((model) => unknownModels.has(model));
  }

  /** Puts back what has become of the triggers; takes in new tables, and columns that must not be captured. */
  async repair(client: Client): Promise<void> {
    const { models, capture } = this.options;
    const tables = await findTables(client, models, silentLogger, capture.deniedColumns);
    const triggers = await readTriggers(client, tables);
    const isNew = tables.some(({ table }) => !this.catalog.captured.has(table));
    if (isNew || triggers.some(({ state }) => state !== 'ok')) {
      await this.prepare(client);
    }
  }

  /** Reads the columns again because rows have others; of what is still unknown then, the values are left out. */
  async refresh(unknownColumns: ReadonlySet<string>): Promise<void> {
    const client = await this.connect('columns');
    try {
      await this.prepare(client);
    } finally {
      await client.end();
    }
    for (const name of unknownColumns) {
      const [table = '', column = ''] = name.split('.');
      const captured = this.catalog.captured.get(table);
      if (captured !== undefined && !this.catalog.isKnown(captured, column)) {
        this.ignoredColumns.add(name);
        this.options.logger.warn(
          { table, column },
          'old rows hold a column that the table has no more: left out',
        );
      }
    }
  }

  private get state(): { catalog: TableCatalog; origin: Origin } {
    if (this.prepared === undefined) {
      throw new RelayError('INTERNAL', 'the database is not prepared');
    }
    return this.prepared;
  }
}
