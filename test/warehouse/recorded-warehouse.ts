import { join } from 'node:path';
import pg from 'pg';
import { defaultModels, tableOf, type Value } from '#libs/change';
import { startApp, type StartedApp } from '../harness/apps.js';
import type { TestStack } from '../harness/stack.js';
import { readWorkload, restoreDump, runWorkload } from '../e2e/odoo-fixture.js';
import { readTranslations, readTypedRows, type TypedRow } from '../e2e/typed-rows.js';

/** Tables of many2many fields, each with a column of its pair. */
const relationTables: Readonly<Record<string, string>> = {
  account_tax_sale_order_line_rel: 'account_tax_id',
  product_taxes_rel: 'tax_id',
  sale_order_line_invoice_rel: 'order_line_id',
  stock_reference_move_rel: 'move_id',
};
export const tables = [...defaultModels.map(tableOf), ...Object.keys(relationTables)];

/** A row's key is of longs in its topic, whatever it is in Odoo. */
export type LandedTables = Record<string, TypedRow[]>;

/** A recorded Odoo with an ingest in front of it. */
export class RecordedOdoo {
  private constructor(
    readonly client: pg.Client,
    private readonly databaseUrl: string,
    private readonly ingest: StartedApp,
  ) {}

  static async start(fixture: string, stack: TestStack, database: string): Promise<RecordedOdoo> {
    const databaseUrl = await stack.freshDatabase();
    await restoreDump(join(fixture, 'database.sql.gz'), databaseUrl);
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const ingest = await startApp('ingest', {
      KAFKA_BROKERS: stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: stack.topicPrefix,
      ODOO_DATABASE_URL: databaseUrl,
      DATABASE_SLUG: database,
    });
    return new RecordedOdoo(client, databaseUrl, ingest);
  }

  /** Every row is written once, so that the topics hold all of them, and then the recorded transactions run. */
  async work(fixture: string): Promise<void> {
    for (const table of tables) {
      const column = relationTables[table] ?? 'id';
      await this.client.query(`update ${table} set ${column} = ${column}`);
    }
    await runWorkload(readWorkload(fixture), this.databaseUrl, () => Promise.resolve());
  }

  /** What a warehouse must have now. */
  async tables(): Promise<LandedTables> {
    return readTables(this.client, await readTranslations(this.client, 'en_US'));
  }

  async stop(): Promise<void> {
    await this.ingest.stop();
    await this.client.end();
  }
}

export async function readTables(
  client: pg.Client,
  translations?: Parameters<typeof readTypedRows>[2],
): Promise<LandedTables> {
  const found: LandedTables = {};
  for (const table of tables) {
    const rows = await readTypedRows(client, table, translations);
    found[table] = rows.map(comparable);
  }
  return found;
}

/** With its columns in one order, and the key as numbers in either. */
export function comparable(row: Readonly<Record<string, Value>>): TypedRow {
  const sorted = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
  const keys = 'id' in row ? ['id'] : Object.keys(row);
  return { ...Object.fromEntries(sorted), ...Object.fromEntries(keys.map((key) => [key, Number(row[key])])) };
}

/** The first difference, for whoever waits for there to be none. */
export function difference(landed: LandedTables, odoo: LandedTables): string | undefined {
  for (const table of tables) {
    const [ours = [], theirs = []] = [landed[table], odoo[table]];
    if (ours.length !== theirs.length) return `${table}: ${ours.length} rows of ${theirs.length}`;
    for (const [index, row] of theirs.entries()) {
      const [expected, actual] = [JSON.stringify(row), JSON.stringify(ours[index])];
      if (expected !== actual) return `${table}: expected ${expected}, landed ${actual}`;
    }
  }
  return undefined;
}
