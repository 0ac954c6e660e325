import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo, smallOdooModels } from '../../../test/e2e/small-odoo.js';
import { testStack } from '../../../test/harness/stack.js';
import { installCapture } from './install-capture.js';
import { OutboxReader, type NetChange, type Page, type PageLimits } from './outbox-reader.js';
import type { Unread } from './outbox-sql.js';
import { emptySnapshot, type Snapshot } from './snapshot.js';
import { TableCatalog } from './table-catalog.js';

const stack = testStack();
const limits: PageLimits = { maxChanges: 2_000, maxBytes: 8_000_000, maxSnapshotMs: 30_000 };

let writer: Client;
let other: Client;
let readerClient: Client;
let reader: OutboxReader;
let catalog: TableCatalog;
/** What the test has read up to. */
let seen: Snapshot;
let databaseUrl: string;

beforeAll(async () => {
  databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
});

beforeEach(async () => {
  [writer, other, readerClient] = [
    await connect(databaseUrl),
    await connect(databaseUrl),
    await connect(databaseUrl),
  ];
  const { tables } = await installCapture(readerClient, smallOdooModels, silentLogger);
  catalog = await TableCatalog.read(readerClient, tables, { readAtMs: 0 });
  reader = await OutboxReader.over(readerClient);
  await writer.query('truncate relay.outbox, sale_order, sale_order_line, res_partner');
  seen = (await reader.poll(emptySnapshot)).snapshot;
});

afterEach(async () => {
  await Promise.all([writer, other, readerClient].map((client) => client.end()));
});

async function pages(unread: Partial<Unread> = {}, maxChanges = limits.maxChanges): Promise<Page[]> {
  const all: Page[] = [];
  const wanted = { from: seen, to: null, afterSequence: 0n, ...unread };
  for await (const page of reader.pages(wanted, { ...limits, maxChanges }, () => catalog)) {
    all.push(page);
  }
  return all;
}

/** Reads what is new, and goes on from there at the next call. */
async function readNew(): Promise<NetChange[]> {
  const read = await pages();
  seen = read.at(-1)?.target ?? seen;
  return read.flatMap((page) => page.changes);
}

function valuesOf(row: string | null | undefined, column: string): unknown {
  return row == null ? row : (JSON.parse(row) as Record<string, unknown>)[column];
}

function summary(changes: readonly NetChange[], column = 'name'): unknown[] {
  return changes.map(({ table, before, after }) => [
    table,
    valuesOf(before, column),
    valuesOf(after, column),
  ]);
}

describe('a transaction', () => {
  it('makes one change of each record: first before, last after', async () => {
    await writer.query(`insert into res_partner (id, name) values (1, 'a'), (2, 'x')`);
    await readNew();
    await writer.query(`begin; update res_partner set name = 'b' where id = 1;
      update res_partner set name = 'y' where id = 2; update res_partner set name = 'c' where id = 1; commit`);
    const changes = await readNew();
    expect(summary(changes)).toEqual([
      ['res_partner', 'x', 'y'],
      ['res_partner', 'a', 'c'],
    ]);
    expect(changes.map(({ ordinal, total }) => [ordinal, total])).toEqual([
      ['1', '2'],
      ['2', '2'],
    ]);
  });

  it('fault 4: that is rolled back, or whose savepoint is, leaves nothing', async () => {
    await writer.query(`begin; insert into res_partner (name) values ('gone'); rollback`);
    await writer.query(`begin; insert into res_partner (name) values ('kept'); savepoint s;
      insert into res_partner (name) values ('undone'); rollback to s; commit`);
    expect(summary(await readNew())).toEqual([['res_partner', null, 'kept']]);
  });

  it('fault 6: that creates, writes and deletes a record makes nothing of it', async () => {
    await writer.query(`begin; insert into res_partner (id, name) values (5, 'a');
      update res_partner set name = 'b' where id = 5; delete from res_partner where id = 5; commit`);
    expect(await readNew()).toEqual([]);
  });

  it('that deletes a record and makes it again updates it', async () => {
    await writer.query(`insert into res_partner (id, name) values (6, 'old')`);
    await readNew();
    await writer.query(`begin; delete from res_partner where id = 6;
      insert into res_partner (id, name) values (6, 'new'); commit`);
    expect(summary(await readNew())).toEqual([['res_partner', 'old', 'new']]);
  });

  it('that creates, deletes and makes a record again creates it', async () => {
    await writer.query(`begin; insert into res_partner (id, name) values (7, 'a');
      delete from res_partner where id = 7; insert into res_partner (id, name) values (7, 'b'); commit`);
    expect(summary(await readNew())).toEqual([['res_partner', null, 'b']]);
  });

  it('that deletes a whole has the deletes that cascade', async () => {
    await writer.query(`insert into sale_order (id, name) values (1, 'S1');
      insert into sale_order_line (id, order_id, name) values (1, 1, 'L1'), (2, 1, 'L2')`);
    await readNew();
    await writer.query('delete from sale_order where id = 1');
    const changes = await readNew();
    expect(new Set(summary(changes))).toEqual(
      new Set([
        ['sale_order', 'S1', null],
        ['sale_order_line', 'L1', null],
        ['sale_order_line', 'L2', null],
      ]),
    );
    expect(changes.flatMap(({ wholes }) => wholes ?? [])).toEqual([]);
  });
});

describe('the snapshot difference', () => {
  it('finds what commits late with a lower sequence', async () => {
    await writer.query(`begin; insert into res_partner (name) values ('late')`);
    await other.query(`insert into res_partner (name) values ('early')`);
    const first = await readNew();
    await writer.query('commit');
    const second = await readNew();
    expect(summary(first)).toEqual([['res_partner', null, 'early']]);
    expect(summary(second)).toEqual([['res_partner', null, 'late']]);
    expect(BigInt(second[0]?.sequence ?? 0)).toBeLessThan(BigInt(first[0]?.sequence ?? 0));
    expect(await readNew()).toEqual([]);
  });

  it('is not delayed by a long transaction elsewhere, and reads nothing twice because of it', async () => {
    await other.query('begin; select pg_current_xact_id()');
    for (const name of ['a', 'b', 'c']) {
      await writer.query('insert into res_partner (name) values ($1)', [name]);
      expect(summary(await readNew())).toEqual([['res_partner', null, name]]);
    }
    expect((await reader.poll(seen)).found).toBe(false);
    await other.query('rollback');
  });

  it('says in the light poll whether there is anything', async () => {
    expect((await reader.poll(seen)).found).toBe(false);
    await writer.query(`insert into res_partner (name) values ('a')`);
    expect((await reader.poll(seen)).found).toBe(true);
    await readNew();
    expect((await reader.poll(seen)).found).toBe(false);
  });
});

describe('a large batch', () => {
  const many = 900;

  it('is read in pages that are cut between records, all up to one snapshot', async () => {
    await writer.query(`insert into res_partner (id, name) select i, 'n' from generate_series(1, ${many}) i`);
    await readNew();
    await writer.query(
      `begin; update res_partner set name = 'm'; update res_partner set comment = 'c'; commit`,
    );
    const read = await pages({}, 250);
    expect(read.length).toBeGreaterThan(2);
    expect(read.map(({ isLast }) => isLast)).toEqual(read.map((_page, index) => index === read.length - 1));
    expect(new Set(read.map(({ target }) => target.text)).size).toBe(1);
    const changes = read.flatMap((page) => page.changes);
    expect(new Set(changes.map(({ recordId }) => recordId)).size).toBe(many);
    expect(changes.every(({ after }) => valuesOf(after, 'comment') === 'c')).toBe(true);
    expect(changes.every(({ before }) => valuesOf(before, 'name') === 'n')).toBe(true);
    expect(new Set(changes.map(({ total }) => total))).toEqual(new Set([String(many)]));
  });

  it('goes on after an interruption where it was, to the same snapshot, whatever was committed since', async () => {
    await writer.query(`begin; insert into res_partner (name) values ('late')`);
    await other.query(`insert into res_partner (name) select 'n' || i from generate_series(1, ${many}) i`);
    const read = await pages({}, 250);
    const [first] = read;
    await writer.query('commit');
    const rest = await pages({
      to: first?.target ?? null,
      afterSequence: BigInt(first?.changes.at(-1)?.sequence ?? 0),
    });
    expect(rest.flatMap((page) => page.changes)).toEqual(read.slice(1).flatMap((page) => page.changes));
    seen = first?.target ?? seen;
    expect(summary(await readNew())).toEqual([['res_partner', null, 'late']]);
  });

  it('ends early when its snapshot gets old', async () => {
    await writer.query(`insert into res_partner (name) select 'n' || i from generate_series(1, ${many}) i`);
    const unread = { from: seen, to: null, afterSequence: 0n };
    const read: Page[] = [];
    for await (const page of reader.pages(
      unread,
      { ...limits, maxChanges: 250, maxSnapshotMs: 0 },
      () => catalog,
    )) {
      read.push(page);
    }
    expect(read.map(({ isLast, changes }) => [isLast, changes.length])).toEqual([[false, 250]]);
  });
});

describe('a change of a part', () => {
  beforeEach(async () => {
    await writer.query(`insert into sale_order (id, name) values (1, 'S1'), (2, 'S2');
      insert into sale_order_line (id, order_id, sequence, price_unit, name)
      values (1, 1, 10, 1.10, 'L1'), (2, 1, 5, 12345678901234567890.123, 'L2')`);
    await readNew();
  });

  it('without its whole is a change of the whole too, once in a transaction', async () => {
    await writer.query(`begin; update sale_order_line set price_unit = 2 where id = 1;
      update sale_order_line set price_unit = 3 where id = 2; commit`);
    const [page] = await pages();
    const changes = page?.changes ?? [];
    expect(changes.map(({ wholes }) => wholes)).toEqual([
      null,
      [{ table: 'sale_order', recordId: '1', fields: ['order_line'], isLeft: false }],
    ]);
    expect(valuesOf(page?.wholeRows.get(`sale_order:1:${changes[1]?.sequence ?? ''}`), 'name')).toBe('S1');
  });

  it('together with its whole is told to the change of the whole', async () => {
    await writer.query(`begin; update sale_order_line set price_unit = 2 where id = 1;
      update sale_order set state = 'sale' where id = 1; commit`);
    const changes = await readNew();
    expect(changes.map(({ table, ownFields, wholes }) => [table, ownFields, wholes])).toEqual([
      ['sale_order_line', null, null],
      ['sale_order', ['order_line'], null],
    ]);
  });

  it('that moves to another whole changes both, told apart', async () => {
    await writer.query('update sale_order_line set order_id = 2 where id = 1');
    const [change] = await readNew();
    const byRecord = [...(change?.wholes ?? [])].sort((a, b) => Number(a.recordId) - Number(b.recordId));
    expect(byRecord.map(({ recordId, isLeft }) => [recordId, isLeft])).toEqual([
      ['1', true],
      ['2', false],
    ]);
  });

  it('shows the whole as it was then, although it has changed since', async () => {
    await writer.query(`update sale_order_line set price_unit = 2 where id = 1`);
    await writer.query(`begin; update sale_order set name = 'mid' where id = 1;
      update sale_order set name = 'later' where id = 1; commit`);
    await writer.query(`update sale_order set name = 'last' where id = 1`);
    const [page] = await pages();
    const sequence = page?.changes[0]?.sequence ?? '';
    expect(valuesOf(page?.wholeRows.get(`sale_order:1:${sequence}`), 'name')).toBe('S1');
  });

  it('makes none of a whole that is gone', async () => {
    await writer.query(`alter table sale_order_line drop constraint sale_order_line_order_id_fkey`);
    await writer.query(`update sale_order_line set order_id = 99 where id = 1`);
    const [page] = await pages();
    const sequence = page?.changes[0]?.sequence ?? '';
    expect(page?.wholeRows.get(`sale_order:99:${sequence}`)).toBeNull();
    await writer.query(`delete from sale_order_line where order_id = 99;
      alter table sale_order_line add foreign key (order_id) references sale_order on delete cascade`);
  });

  it('goes with all parts of the whole, sorted, numbers exact, no token', async () => {
    await writer.query(`insert into product_template (id, name) values (1, '{"en_US": "Box", "fr_FR": "Boîte"}')
      on conflict do nothing;
      insert into product_product (id, product_tmpl_id, default_code) values (1, 1, 'BX') on conflict do nothing;
      update sale_order set access_token = 'hidden' where id = 1;
      update sale_order_line set product_id = 1 where id = 1`);
    const [page] = await pages();
    const included = page?.included.get('sale_order:1') ?? '';
    const { order_line: lines } = JSON.parse(included) as { order_line: Record<string, unknown>[] };
    expect(lines.map(({ id }) => id)).toEqual([2, 1]);
    expect(lines[1]).toMatchObject({ product_default_code: 'BX', product_name: 'Box' });
    expect(included).toContain('12345678901234567890.123');
    expect(JSON.stringify(page?.changes)).not.toContain('hidden');
  });
});

describe('what leaves the database', () => {
  it('is without tokens and bytea', async () => {
    await writer.query(
      `insert into res_partner (name, signup_token, image) values ('a', 'secret', '\\x00ff')`,
    );
    const [change] = await readNew();
    expect(Object.keys(JSON.parse(change?.after ?? '') as object)).not.toEqual(
      expect.arrayContaining(['signup_token']),
    );
    expect(valuesOf(change?.after, 'image')).toBeUndefined();
  });
});
