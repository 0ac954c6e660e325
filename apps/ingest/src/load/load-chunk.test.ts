import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { idOfPair, pairOfId } from '#libs/change';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo } from '../../../../test/e2e/small-odoo.js';
import { eventually } from '../../../../test/harness/eventually.js';
import { testStack } from '../../../../test/harness/stack.js';
import { readRelationTable, type CapturedTable } from '../captured-tables.js';
import { defaultColumnRules } from '../column-types.js';
import { installCapture } from '../install-capture.js';
import { parseSnapshot, type Snapshot } from '../snapshot.js';
import { isAsSeen, missingIds, readChunk, type Chunk } from './load-chunk.js';
import { nextRequest, requestLoad, type LoadRequest } from './load-request.js';
import { hasPassed, markSequence } from './sequence-mark.js';

const stack = testStack();
const limits = { maxRows: 100, maxBytes: 1_000_000 };

let databaseUrl: string;
let reader: Client;
let writer: Client;
let table: CapturedTable;

beforeAll(async () => {
  databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  [reader, writer] = [await connect(databaseUrl), await connect(databaseUrl)];
  const { tables } = await installCapture(reader, ['res.partner'], silentLogger);
  [table] = tables as [CapturedTable];
});

beforeEach(async () => {
  await writer.query(`insert into res_partner (id, name) select i, 'p' from generate_series(1, 250) i`);
  await reader.query('begin isolation level repeatable read, read only');
});

afterEach(async () => {
  await reader.query('rollback');
  await writer.query('delete from res_partner; delete from relay.load_request');
});

afterAll(async () => {
  await reader.end();
  await writer.end();
});

const all: LoadRequest = { id: '1', relation: 'res_partner', reason: 'requested', ofSomeIds: false };

async function chunks(request: LoadRequest, most = limits): Promise<Chunk[]> {
  const read: Chunk[] = [];
  for (let afterId: bigint | null = null; read.at(-1)?.isLast !== true;) {
    const chunk = await readChunk(reader, table, request, afterId, most);
    read.push(chunk);
    ({ afterId } = chunk);
  }
  return read;
}

async function snapshotNow(client: Client): Promise<Snapshot> {
  const { rows } = await client.query<{ text: string }>('select pg_current_snapshot()::text as text');
  return parseSnapshot(rows[0]?.text ?? '');
}

describe('the chunks of a load', () => {
  it('have every row once, no more in one than fit it', async () => {
    const read = await chunks(all);
    expect(read.map(({ rows }) => rows.length)).toEqual([100, 100, 50]);
    expect(read.flatMap(({ rows }) => rows.map(({ recordId }) => Number(recordId)))).toEqual(
      Array.from({ length: 250 }, (_none, n) => n + 1),
    );
    const small = await chunks(all, { ...limits, maxBytes: 3_000 });
    expect(small.flatMap(({ rows }) => rows)).toHaveLength(250);
    expect(small.length).toBeGreaterThan(5);
  });

  it('end with the last row also where that fills one, or where there is none', async () => {
    expect((await chunks(all, { ...limits, maxRows: 125 })).map(({ rows }) => rows.length)).toEqual([
      125, 125, 0,
    ]);
    await reader.query('rollback');
    await writer.query('delete from res_partner');
    await reader.query('begin isolation level repeatable read, read only');
    expect(await chunks(all)).toEqual([{ rows: [], afterId: null, isLast: true }]);
  });

  it('of some ids have those that the table has', async () => {
    await requestLoad(writer, { relation: 'res_partner', recordIds: [3, 900n, '2', 3] });
    const request = await nextRequest(writer);
    const read = await chunks(request ?? all, { ...limits, maxRows: 2 });
    expect(read.flatMap(({ rows }) => rows.map(({ recordId }) => recordId))).toEqual(['2', '3']);
  });

  it('of a table that was truncated after the snapshot are not taken for its rows', async () => {
    await snapshotNow(reader);
    await writer.query('truncate res_partner');
    expect((await readChunk(reader, table, all, null, limits)).rows).toEqual([]);
    expect(await isAsSeen(reader, table)).toBe(false);
    await reader.query('rollback; begin isolation level repeatable read, read only');
    await readChunk(reader, table, all, null, limits);
    expect(await isAsSeen(reader, table)).toBe(true);
  });
});

describe('the chunks of a load of a relation table', () => {
  it('go on behind each pair, and find those that are asked for', async () => {
    await reader.query('rollback');
    await writer.query(`create table pairs (b int not null, a int not null, primary key (b, a));
      insert into pairs select b, a from generate_series(-2, 4) a, generate_series(-3, 3) b;
      insert into pairs values (2147483647, 2147483647)`);
    await reader.query('begin isolation level repeatable read, read only');
    const pairs = await readRelationTable(reader, { table: 'pairs', pair: ['a', 'b'] }, defaultColumnRules);
    const read: Chunk[] = [];
    for (let afterId: bigint | null = null; read.at(-1)?.isLast !== true;) {
      const chunk = await readChunk(reader, pairs, all, afterId, { ...limits, maxRows: 3 });
      read.push(chunk);
      ({ afterId } = chunk);
    }
    const rows = read.flatMap((chunk) => chunk.rows);
    const told = rows.map(({ recordId, row }) => {
      const [a, b] = pairOfId(BigInt(recordId)).map(Number);
      expect(JSON.parse(row)).toEqual({ a, b });
      return recordId;
    });
    expect(new Set(told).size).toBe(50);
    expect(await missingIds(reader, pairs, [...told.map(BigInt), idOfPair(9n, 9n)])).toEqual([
      idOfPair(9n, 9n),
    ]);
    await reader.query('rollback');
    await writer.query('drop table pairs');
  });
});

describe('a mark of the change sequence', () => {
  it('is passed when all have ended who had taken a number, the youngest one too', async () => {
    const [older, younger] = [await connect(databaseUrl), await connect(databaseUrl)];
    await older.query(`begin; update res_partner set name = 'a' where id = 1`);
    await younger.query(`begin; update res_partner set name = 'b' where id = 2`);
    const { rows } = await younger.query<{ taken: string }>(
      'select last_value::text as taken from relay.change_sequence',
    );
    const mark = await markSequence(writer);
    expect(mark.sequence).toBe(BigInt(rows[0]?.taken ?? -1));
    expect(hasPassed(mark, await snapshotNow(writer))).toBe(false);
    await older.query('commit');
    expect(hasPassed(mark, await snapshotNow(writer))).toBe(false);
    await younger.query('commit');
    // Other tests write to databases of the same cluster, and a snapshot knows of all.
    await eventually(async () => hasPassed(mark, await snapshotNow(writer)));
    await Promise.all([older.end(), younger.end()]);
  });
});
