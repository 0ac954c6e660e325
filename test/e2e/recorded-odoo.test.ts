import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ChangeReader, changeTopic, defaultModels, tableOf, type Change, type Value } from '#libs/change';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { odooFixture, readWorkload, restoreDump, runWorkload } from './odoo-fixture.js';
import { TableStates } from './table-states.js';

const folder = odooFixture();
const describeRecorded = folder === undefined ? describe.skip : describe;
// Outside of the suite, so that the database is dropped after the suite has ended its connections.
const stack = testStack();
const timeoutMs = 180_000;
const database = 'recorded';
const modelTables = defaultModels.map(tableOf);
/** Those of the models' many2many fields that the recorded database has. */
const relationTables = [
  'account_move__account_payment',
  'account_tax_sale_order_line_rel',
  'product_supplier_taxes_rel',
  'product_tag_product_template_rel',
  'product_taxes_rel',
  'sale_order_line_invoice_rel',
  'sale_order_tag_rel',
  'stock_reference_move_rel',
  'stock_reference_sale_rel',
];
const tables = [...modelTables, ...relationTables];

interface Published {
  key: string;
  change: Change;
  record: IncomingRecord;
}

if (folder === undefined) {
  console.warn('SKIPPED: no recorded Odoo beside this checkout; ODOO_FIXTURES may point to one');
}

describeRecorded('a recorded Odoo 19', () => {
  let kafka: Kafka;
  let ingest: StartedApp;
  let client: pg.Client;
  let states: TableStates;
  const published: Published[] = [];
  const tombstones = new Map<string, IncomingRecord[]>();

  beforeAll(async () => {
    const fixture = folder ?? '';
    const databaseUrl = await stack.freshDatabase();
    await restoreDump(join(fixture, 'database.sql.gz'), databaseUrl);
    client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    states = new TableStates(client, tables, 'en_US', [
      { part: 'sale_order_line', link: 'order_id', whole: 'sale_order' },
      { part: 'stock_move', link: 'picking_id', whole: 'stock_picking' },
    ]);
    await states.start();
    ingest = await startApp('ingest', {
      KAFKA_BROKERS: stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: stack.topicPrefix,
      ODOO_DATABASE_URL: databaseUrl,
      DATABASE_SLUG: database,
    });
    await runWorkload(readWorkload(fixture), databaseUrl, () => states.afterCommit());
    // Moves that change without their picking, and one that has none.
    await client.query(`update stock_move set origin = 'alone' where id in (
      (select min(id) from stock_move where picking_id is not null),
      (select min(id) from stock_move where picking_id is null))`);
    await states.afterCommit();
    await client.query(`update res_partner set comment = 'the end' where id = 1`);
    await states.afterCommit();
    kafka = new Kafka({
      brokers: stack.brokers,
      clientId: 'recorded',
      topicPrefix: stack.topicPrefix,
      logger: silentLogger,
    });
    await readTopics();
  }, timeoutMs);

  afterAll(async () => {
    await ingest.stop();
    await kafka.close();
    await client.end();
  });

  async function readTopics(): Promise<void> {
    const registry = new SchemaRegistry({
      url: stack.schemaRegistryUrl,
      topicPrefix: stack.topicPrefix,
      logger: silentLogger,
    });
    const reader = new ChangeReader(registry);
    // Its last change comes last, because all are published in the order of their transactions.
    await eventually(async () => {
      const records = await kafka.readToEnd(changeTopic(database, 'res_partner'));
      const changes = await Promise.all(records.map(async (record) => reader.read(record)));
      return changes.some((read) => read.kind === 'change' && read.change.after?.['comment'] === 'the end');
    });
    for (const table of tables) {
      for (const record of await kafka.readToEnd(changeTopic(database, table))) {
        const read = await reader.read(record);
        if (read.kind === 'unreadable') throw new Error(read.reason);
        const key = `${table}:${read.recordId.toString()}`;
        if (read.kind === 'tombstone') {
          tombstones.set(key, [...(tombstones.get(key) ?? []), record]);
        } else {
          published.push({ key, change: read.change, record });
        }
      }
    }
  }

  it('fault 4: is in its topics as exactly the net changes that were committed, in order per record', () => {
    const actual = new Map<string, { op: string; before: unknown; after: unknown }[]>();
    for (const { key, change } of published) {
      const { op, before, after } = change;
      actual.set(key, [
        ...(actual.get(key) ?? []),
        { op, before: comparable(before), after: comparable(after) },
      ]);
    }
    const expected = new Map(
      [...states.expected].map(([key, changes]) => [
        key,
        changes.map(({ op, before, after }) => ({
          op,
          before: comparable(before),
          after: comparable(after),
        })),
      ]),
    );
    expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, changes] of expected) {
      expect({ key, changes: actual.get(key) }).toEqual({ key, changes });
    }
    // 887 net changes of the workload as its README counts them, the three here, three orders whose lines changed, and
    // one picking whose move did.
    const ofModels = published.filter(({ change }) => change.source.model !== '');
    expect(ofModels).toHaveLength(887 + 3 + 3 + 1);
    const ofRelations = published.filter(({ change }) => change.source.model === '');
    expect(new Set(ofRelations.map(({ change }) => change.source.table)).size).toBeGreaterThan(5);
    expect(new Set(ofRelations.map(({ change }) => change.op))).toEqual(new Set(['c', 'd']));
  });

  it('has every change once, with a sequence that rises per record', () => {
    const ids = published.map(({ change }) => change.source.change_id);
    expect(new Set(ids).size).toBe(ids.length);
    const last = new Map<string, bigint>();
    for (const { key, change } of published) {
      expect(change.source.sequence > (last.get(key) ?? 0n)).toBe(true);
      last.set(key, change.source.sequence);
    }
  });

  it('has a tombstone directly after every delete, those that cascaded too, and nowhere else', () => {
    const deletes = published.filter(({ change }) => change.op === 'd');
    expect(deletes.map(({ key }) => key).sort()).toEqual([...tombstones.keys()].sort());
    for (const { key, record } of deletes) {
      expect(tombstones.get(key)).toEqual([
        expect.objectContaining({ partition: record.partition, value: null, key: record.key }),
      ]);
    }
    expect(deletes.filter(({ key }) => key.startsWith('sale_order_line:')).length).toBeGreaterThan(0);
  });

  it('names in `changed` what differs, and makes a change of an order of a change of its lines', () => {
    for (const { change } of published) {
      const { before, after } = change;
      const names =
        before === null || after === null
          ? undefined
          : Object.keys(after).filter((name) => before[name] !== after[name]);
      const columns = change.changed?.filter((name) => name !== 'order_line' && name !== 'move_ids');
      expect(columns?.sort()).toEqual(names?.sort());
    }
    const wholes = published.filter(({ change }) => change.source.change_id.endsWith('-sale_order'));
    expect(wholes.map(({ change }) => change.changed)).toEqual([
      ['order_line'],
      ['order_line'],
      ['order_line'],
    ]);
  });

  it('includes the lines of an order with product code and name, ids and amounts exact', () => {
    const lastOf = new Map(
      published
        .filter(({ key, change }) => key.startsWith('sale_order:') && change.op !== 'd')
        .map(({ key, change }) => [key, change]),
    );
    const lines = states.rowsOf('sale_order_line');
    for (const [key, change] of lastOf) {
      const expected = lines.filter((line) => `sale_order:${String(line['order_id'])}` === key);
      if (states.row(key) === undefined) continue;
      const { order_line: included } = JSON.parse(change.included ?? '') as {
        order_line: Record<string, unknown>[];
      };
      expect(included.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
      for (const line of included) {
        const row = expected.find(({ id }) => id === line['id']);
        expect(String(line['price_unit'])).toBe(row?.['price_unit']);
        expect(typeof line['product_name']).toBe(line['product_id'] === null ? 'object' : 'string');
      }
    }
    expect(lastOf.size).toBeGreaterThan(5);
  });

  it('includes the moves of a picking with product code and name, also when a move alone has changed', () => {
    const withMoves = published.filter(
      ({ key, change }) => key.startsWith('stock_picking:') && change.op !== 'd',
    );
    const lastOf = new Map(withMoves.map(({ key, change }) => [key, change]));
    let count = 0;
    for (const [key, change] of lastOf) {
      if (states.row(key) === undefined) continue;
      const moves = states
        .rowsOf('stock_move')
        .filter((row) => `stock_picking:${String(row['picking_id'])}` === key);
      const { move_ids: included } = JSON.parse(change.included ?? '') as {
        move_ids: Record<string, unknown>[];
      };
      expect(included.map(({ id, state }) => [id, state]).sort()).toEqual(
        moves.map(({ id, state }) => [id, state]).sort(),
      );
      expect(included.every((move) => typeof move['product_name'] === 'string')).toBe(true);
      count += included.length;
    }
    expect(count).toBeGreaterThan(5);
    // Of the move without a picking, none.
    const byMoves = published.filter(({ change }) => change.source.change_id.endsWith('-stock_picking'));
    expect(byMoves.map(({ change }) => change.changed)).toEqual([['move_ids']]);
    expect(byMoves[0]?.change.included).toContain('alone');
  });

  it.each(['sale_order', 'stock_picking', 'account_move'])(
    'includes the name of the partner of %s',
    (table) => {
      const lastOf = new Map(
        published
          .filter(({ key, change }) => key.startsWith(`${table}:`) && change.op !== 'd')
          .map(({ key, change }) => [key, change]),
      );
      expect(lastOf.size).toBeGreaterThan(0);
      for (const [key, change] of lastOf) {
        const row = states.row(key);
        if (row === undefined) continue;
        const { partner_name: name } = JSON.parse(change.included ?? '') as { partner_name: unknown };
        expect(name).toBe(states.row(`res_partner:${String(row['partner_id'])}`)?.['name'] ?? null);
      }
    },
  );

  it('tells in `source` which transaction a change belongs to', () => {
    const byTransaction = new Map<string, Change[]>();
    for (const { change } of published.filter(
      ({ change: { source } }) => !/-(sale_order|stock_picking)$/.test(source.change_id),
    )) {
      byTransaction.set(change.source.tx.id, [...(byTransaction.get(change.source.tx.id) ?? []), change]);
    }
    for (const changes of byTransaction.values()) {
      const ordinals = changes.map(({ source }) => source.tx.ordinal).sort((a, b) => Number(a - b));
      expect(ordinals).toEqual(changes.map((_change, index) => BigInt(index + 1)));
      expect(changes.every(({ source }) => source.tx.total === BigInt(changes.length))).toBe(true);
    }
  });
});

/** Sorted, without what avsc's classes add. */
function comparable(row: Readonly<Record<string, Value>> | null): unknown {
  return row === null ? null : Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}
