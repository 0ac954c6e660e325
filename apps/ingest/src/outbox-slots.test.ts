import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo, smallOdooModels } from '../../../test/e2e/small-odoo.js';
import { eventually } from '../../../test/harness/eventually.js';
import { testStack } from '../../../test/harness/stack.js';
import { installCapture } from './install-capture.js';
import { OutboxReader } from './outbox-reader.js';
import { unreadSql } from './outbox-sql.js';
import { OutboxRotation, readSlots } from './outbox-slots.js';
import { wholeRowSql } from './part-sql.js';
import { emptySnapshot, parseSnapshot, type Snapshot } from './snapshot.js';
import { TableCatalog } from './table-catalog.js';

const stack = testStack();

let writer: Client;
let other: Client;
let client: Client;
let reader: OutboxReader;
let catalog: TableCatalog;

beforeEach(async () => {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  [writer, other, client] = [
    await connect(databaseUrl),
    await connect(databaseUrl),
    await connect(databaseUrl),
  ];
  const { tables } = await installCapture(client, smallOdooModels, silentLogger);
  catalog = await TableCatalog.read(client, tables, { readAtMs: 0 });
  reader = await OutboxReader.over(client);
});

afterEach(async () => {
  await Promise.all([writer, other, client].map((one) => one.end()));
});

/** As if all that is visible now were published. */
async function published(): Promise<Snapshot> {
  return (await reader.poll(emptySnapshot)).snapshot;
}

async function turns(rotation: OutboxRotation, count: number, upTo?: Snapshot): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await rotation.turn(client, upTo ?? (await published()));
}

/** Leaves a slot for the next one at every turn. */
function eagerRotation(): OutboxRotation {
  return new OutboxRotation({ intervalMs: 0, slotBytes: 1, slotAgeMs: 0 });
}

async function insertPartners(count: number): Promise<void> {
  await writer.query(`insert into res_partner (name) select 'n' || i from generate_series(1, $1) i`, [count]);
}

async function namesInOutbox(): Promise<unknown[]> {
  const { rows } = await client.query<{ name: string }>(
    `select after ->> 'name' as name from relay.outbox order by sequence`,
  );
  return rows.map(({ name }) => name);
}

describe('the outbox', () => {
  it('is back to no bytes and no dead rows when 30,000 changes are published', async () => {
    const rotation = new OutboxRotation({ intervalMs: 0, slotBytes: 1_000_000, slotAgeMs: 60_000 });
    const slots = new Set<unknown>();
    for (let round = 0; round < 10; round += 1) {
      await insertPartners(3_000);
      slots.add((await readSlots(client)).current);
      await turns(rotation, 1);
    }
    expect(slots.size).toBeGreaterThan(1);
    await turns(eagerRotation(), 3);
    const { slots: left } = await readSlots(client);
    expect(left.reduce((sum, { heapBytes }) => sum + heapBytes, 0)).toBe(0);
    const { rows } = await client.query<{ dead: string }>(
      `select sum(n_dead_tup) as dead from pg_stat_user_tables where schemaname = 'relay' and relname like 'outbox%'`,
    );
    expect(rows[0]?.dead).toBe('0');
  });

  it('keeps what is not published, and what is not committed yet', async () => {
    await other.query(`begin; insert into res_partner (name) values ('uncommitted')`);
    await insertPartners(1_000);
    const upTo = await published();
    await writer.query(`insert into res_partner (name) values ('unpublished')`);
    await turns(eagerRotation(), 6, upTo);
    await other.query('commit');
    expect(await namesInOutbox()).toEqual(expect.arrayContaining(['uncommitted', 'unpublished']));
    await turns(eagerRotation(), 6, upTo);
    expect(await namesInOutbox()).toEqual(expect.arrayContaining(['uncommitted', 'unpublished']));
    await turns(eagerRotation(), 6);
    expect(await namesInOutbox()).toEqual([]);
  });

  it('stays where it is when no other slot is empty', async () => {
    await other.query('begin; select from relay.outbox');
    const rotation = eagerRotation();
    const used: unknown[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      await insertPartners(1);
      used.push((await readSlots(client)).current);
      await turns(rotation, 1);
    }
    expect(used).toEqual([0, 1, 2, 3, 3, 3]);
    await other.query('commit');
    await turns(rotation, 2);
    expect((await readSlots(client)).current).not.toBe(3);
  });

  it('of an installation that had no slots is read and emptied', async () => {
    await client.query(`insert into relay.outbox (relation, model, record_id, after)
      values ('res_partner', 'res.partner', 1, '{"id": 1, "name": "old"}')`);
    await client.query(
      `drop table relay.outbox_0, relay.outbox_1, relay.outbox_2, relay.outbox_3, relay.captured_table;
       drop sequence relay.outbox_slot; alter table relay.installation drop column script_version`,
    );
    await installCapture(client, smallOdooModels, silentLogger);
    await writer.query(`insert into res_partner (name) values ('new')`);
    expect(await namesInOutbox()).toEqual(['old', 'new']);
    await turns(eagerRotation(), 3);
    expect((await readSlots(client)).slots.every(({ heapBytes }) => heapBytes === 0)).toBe(true);
  });
});

describe('nobody who writes waits', () => {
  beforeEach(async () => {
    // A statement that has to wait for a lock fails, and with it the test.
    await writer.query(`set lock_timeout = '50ms'`);
  });

  it('for the rotation, while a dump reads all tables and a transaction that has written stays open', async () => {
    const dump = await connectTo(client);
    await dump.query(`begin isolation level repeatable read`);
    await dump.query(`select count(*) from relay.outbox`);
    await other.query(`begin; insert into res_partner (name) values ('open')`);
    const rotation = eagerRotation();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([insertPartners(10), turns(rotation, 2)]);
    }
    expect(await namesInOutbox()).toHaveLength(200);
    await Promise.all([dump.query('commit'), other.query('commit')]);
    await turns(rotation, 3);
    expect((await readSlots(client)).slots.filter(({ heapBytes }) => heapBytes > 0)).toHaveLength(0);
    await dump.end();
  });

  it('for the installation, which comes when the open transaction has ended', async () => {
    await client.query('drop schema relay cascade');
    await other.query(`begin; insert into res_partner (name) values ('open')`);
    const installer = await connectTo(client);
    const installed = installCapture(installer, smallOdooModels, silentLogger);
    await eventually(async () => (await captureTriggers('sale_order')) === 0 && (await hasSchema()));
    for (let round = 0; round < 20; round += 1) {
      await insertPartners(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await captureTriggers('res_partner')).toBe(0);
    await other.query('commit');
    await installed;
    expect(await captureTriggers('res_partner')).toBe(2);
    await installer.end();
  });

  it('for an installation that finds everything as it should be', async () => {
    await other.query(`begin; insert into res_partner (name) values ('open')`);
    await client.query(`update relay.installation set script_version = ''`);
    await Promise.all([installCapture(client, smallOdooModels, silentLogger), insertPartners(10)]);
    expect(await captureTriggers('res_partner')).toBe(2);
    await other.query('rollback');
  });
});

describe('the plans of what is asked of the outbox', () => {
  it('look into every slot by an index', async () => {
    const unread = { from: parseSnapshot('20:20:10'), to: null, afterSequence: 0n };
    const statements = [
      unreadSql(unread),
      wholeRowSql('sale_order', catalog.known, unread).replace('$1', `'{1}'`).replace('$2', `'{1}'`),
      `select xact from relay.outbox where xact >= '20'::xid8 order by xact limit 1`,
    ];
    for (const statement of statements) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${statement}`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/outbox_3_(pkey|xact|wholes_\w+)/);
      expect(plan).not.toMatch(/Seq Scan on outbox/);
    }
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `explain (costs off) select from relay.outbox where relation = 'sale_order' and record_id = 1`,
    );
    expect(rows.filter((row) => /outbox_\d_wholes/.test(row['QUERY PLAN']))).toHaveLength(4);
  });
});

async function connectTo(like: Client): Promise<Client> {
  const { rows } = await like.query<{ name: string }>('select current_database() as name');
  const url = new URL(stack.databaseUrl);
  url.pathname = `/${rows[0]?.name ?? ''}`;
  return connect(url.href);
}

async function captureTriggers(table: string): Promise<number> {
  const { rowCount } = await writer.query(
    `select from pg_trigger where tgrelid = $1::regclass and tgname like 'relay_capture%'`,
    [table],
  );
  return rowCount ?? 0;
}

async function hasSchema(): Promise<boolean> {
  return (
    (await writer.query(`select from pg_class where oid = to_regclass('relay.outbox_3')`)).rowCount === 1
  );
}
