import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { checkoutDirectory } from '#embedded';
import { odooFixture } from '../e2e/odoo-fixture.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { startConnectWorker, type ConnectWorker } from './connect-worker.js';
import { missingPrograms, pythonWithPackages, recipes, run } from './readers.js';
import {
  comparable,
  readFiles,
  type LandedFiles,
  difference,
  readTables,
  RecordedOdoo,
  tables,
  type LandedTables,
} from './recorded-warehouse.js';

const fixture = odooFixture();
const stack = testStack();
const timeoutMs = 300_000;
const database = 'warehouse';

/** Why a reader cannot be tried here, or undefined. */
function obstacle(programs: readonly string[]): string | undefined {
  const missing = missingPrograms(programs);
  if (missing.length > 0) return `${missing.join(' and ')} not found`;
  return fixture === undefined
    ? 'no recorded Odoo beside this checkout; ODOO_FIXTURES may point to one'
    : undefined;
}

const withoutConnect = obstacle(['java', 'mvn']);
const withoutPython = obstacle(['python3']);
for (const [reader, reason] of Object.entries({ Connect: withoutConnect, Python: withoutPython })) {
  if (reason !== undefined) console.warn(`SKIPPED: the tables that land by ${reader}: ${reason}`);
}

/** What docs/warehouse.md has its reader export. */
const environment = {
  KAFKA_BROKERS: stack.brokers.join(','),
  REGISTRY: new URL(stack.schemaRegistryUrl).origin,
  TOPICS: `${stack.topicPrefix}odoo\\.${database}\\..*`,
};

let odoo: RecordedOdoo;

async function addColumnAndDelete(): Promise<void> {
  const { client } = odoo;
  await client.query('alter table res_partner add column x_studio_size numeric, add column x_studio_on date');
  await client.query(
    `update res_partner set x_studio_size = id / 7::numeric(20, 9), x_studio_on = '9999-12-31' where id % 2 = 0`,
  );
  await client.query('delete from stock_quant where id % 3 = 0');
  await client.query(`delete from sale_order where id = (select max(id) from sale_order)`);
}

(withoutConnect === undefined || withoutPython === undefined ? describe : describe.skip)(
  'a warehouse',
  () => {
    let folder: string;
    let landed: pg.Client;
    let worker: ConnectWorker | undefined;
    let python = '';
    let duckdb: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(checkoutDirectory(), 'run', 'warehouse-'));
      duckdb = join(folder, 'warehouse.duckdb');
      odoo = await RecordedOdoo.start(fixture ?? '', stack, database);
      await odoo.work(fixture ?? '');
      const url = new URL(await stack.freshDatabase());
      landed = new pg.Client({ connectionString: url.href });
      await landed.connect();
      if (withoutConnect === undefined) {
        worker = await startConnectWorker({
          ...environment,
          SINK_NAME: `${stack.topicPrefix}sink`,
          WAREHOUSE_URL: `jdbc:postgresql://${url.host}${url.pathname}`,
          WAREHOUSE_USER: decodeURIComponent(url.username),
          WAREHOUSE_PASSWORD: decodeURIComponent(url.password),
        });
      }
      if (withoutPython === undefined) python = await pythonWithPackages();
    }, timeoutMs);

    afterAll(async () => {
      await worker?.stop();
      await landed.end();
      await odoo.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** Waits for what is on its way, and compares. */
    async function expectOdoosTables(read: () => Promise<LandedTables>, log: () => string): Promise<void> {
      const expected = await odoo.tables();
      let last = 'nothing has landed';
      await eventually(
        async () => {
          last = difference(await read(), expected) ?? '';
          return last === '';
        },
        {
          timeoutMs: 120_000,
          pollMs: 250,
          describe: () => `Odoo's tables in the warehouse, but ${last}; ${log()}`,
        },
      );
      expect(await read()).toEqual(expected);
    }

    const landedByConnect = (): Promise<LandedTables> => readTables(landed);

    async function rowsInDuckdb(): Promise<LandedTables> {
      await run(python, [join(recipes, 'topics_to_duckdb.py'), duckdb], { ...process.env, ...environment });
      const printed = await run(python, [join('test', 'warehouse', 'duckdb_rows.py'), duckdb]);
      return JSON.parse(printed) as LandedTables;
    }

    async function filesInDuckdb(): Promise<LandedFiles> {
      const rows = (await rowsInDuckdb())['product_tag'] ?? [];
      return Object.fromEntries(
        rows.map(({ id, x_studio_file: file, x_studio_file__omitted: omitted }) => [id, { file, omitted }]),
      ) as LandedFiles;
    }

    async function landedInDuckdb(): Promise<LandedTables> {
      const found = await rowsInDuckdb();
      return Object.fromEntries(tables.map((table) => [table, (found[table] ?? []).map(comparable)]));
    }

    const byConnect = withoutConnect === undefined ? it : it.skip;
    const byPython = withoutPython === undefined ? it : it.skip;

    byConnect(
      "in Postgres has Odoo's tables, row by row, by Kafka Connect and Debezium's sink",
      async () => {
        await expectOdoosTables(landedByConnect, () => worker?.log() ?? '');
      },
      timeoutMs,
    );

    byPython(
      "in DuckDB has Odoo's tables, row by row, by Python",
      async () => {
        await expectOdoosTables(landedInDuckdb, () => '');
      },
      timeoutMs,
    );

    it(
      'has binary columns that are asked for, and how large those were that are left out',
      async () => {
        await odoo.client
          .query(`insert into product_tag (id, name, x_studio_file) values (1, '{"en_US": "none"}', null),
          (2, '{"en_US": "small"}', decode(repeat('00ff0a', 1000), 'hex')),
          (3, '{"en_US": "large"}', decode(repeat('00', 300000), 'hex'))`);
        const expected = await readFiles(
          odoo.client,
          `case when length(x_studio_file) > 262144 then '300000 bytes, over the limit of 262144' end`,
        );
        for (const file of Object.values(expected)) if (file.omitted !== null) file.file = null;
        expect(Object.values(expected)).toHaveLength(3);
        const hasLanded = async (read: () => Promise<LandedFiles>): Promise<boolean> =>
          JSON.stringify(await read()) === JSON.stringify(expected);
        if (withoutConnect === undefined) {
          const read = () => readFiles(landed, 'x_studio_file__omitted');
          await eventually(() => hasLanded(read), { timeoutMs: 120_000, pollMs: 250 });
        }
        if (withoutPython === undefined) {
          await eventually(() => hasLanded(filesInDuckdb), { timeoutMs: 120_000, pollMs: 250 });
        }
      },
      timeoutMs,
    );

    it(
      'takes a column that Odoo adds and rows that it deletes',
      async () => {
        const before = await odoo.tables();
        await addColumnAndDelete();
        const after = await odoo.tables();
        expect(after['sale_order_line']?.length).toBeLessThan(before['sale_order_line']?.length ?? 0);
        if (withoutConnect === undefined) await expectOdoosTables(landedByConnect, () => worker?.log() ?? '');
        if (withoutPython === undefined) await expectOdoosTables(landedInDuckdb, () => '');
      },
      timeoutMs,
    );
  },
);
