import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo } from '../../../test/e2e/small-odoo.js';
import { testStack } from '../../../test/harness/stack.js';
import { defaultColumnRules, refuseBadColumnLists } from './column-types.js';
import { readCapturedTable } from './captured-tables.js';
import { defaultCaptureOptions, installCapture } from './install-capture.js';
import { rowOf } from './row-sql.js';
import { readTriggers } from './triggers.js';

const stack = testStack();
const rules = { ...defaultColumnRules, binaryColumns: ['res.partner.image'], binaryMaxBytes: 100 };

let client: Client;

beforeEach(async () => {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  client = await connect(databaseUrl);
  await client.query('alter table res_partner add column scan bytea');
});

afterEach(async () => {
  await client.end();
});

function install(more: Partial<typeof rules> = {}): ReturnType<typeof installCapture> {
  const options = { ...defaultCaptureOptions, ...rules, ...more };
  return installCapture(client, ['res.partner', 'sale.order'], silentLogger, options);
}

/** What the outbox holds of images: before and after, with what is told of omitted ones. */
async function images(): Promise<unknown[]> {
  const { rows } = await client.query<{ images: unknown }>(`
    select array[before ->> 'image', before ->> 'image__omitted', after ->> 'image', after ->> 'image__omitted'] as images
    from relay.outbox order by sequence`);
  return rows.map(({ images: one }) => one);
}

const bytesSql = (count: number): string => `decode(repeat('0a', ${count}), 'hex')`;
const base64 = (count: number): string => Buffer.alloc(count, 10).toString('base64');

describe('binary columns', () => {
  it('that are asked for are in the outbox up to the limit, beyond it their size', async () => {
    await install();
    await client.query(`insert into res_partner (id, name, image) values (1, 'a', ${bytesSql(100)})`);
    await client.query(`update res_partner set image = ${bytesSql(101)}, scan = ${bytesSql(7)}`);
    await client.query(`update res_partner set image = ''`);
    await client.query(`update res_partner set image = null; delete from res_partner`);
    const omitted = '101 bytes, over the limit of 100';
    expect(await images()).toEqual([
      [null, null, base64(100), null],
      [base64(100), null, null, omitted],
      [null, omitted, '', null],
      ['', null, null, null],
      [null, null, null, null],
    ]);
    const { rows } = await client.query(`select from relay.outbox where after ? 'scan' or before ? 'scan'`);
    expect(rows).toHaveLength(0);
  });

  it('are read by a load just as the trigger writes them', async () => {
    await install();
    await client.query(`insert into res_partner (id, name, image, scan, signup_token) values
      (1, 'a', ${bytesSql(100)}, ${bytesSql(7)}, 's'), (2, 'b', ${bytesSql(5000)}, null, null), (3, 'c', null, null, null)`);
    const table = await readCapturedTable(client, 'res.partner', rules);
    const { rows } = await client.query<{ loaded: string; captured: string }>(
      `select ${rowOf('t', table)}::text as loaded, after::text as captured
       from res_partner t join relay.outbox on record_id = t.id`,
    );
    expect(rows).toHaveLength(3);
    expect(rows.map(({ loaded }) => loaded)).toEqual(rows.map(({ captured }) => captured));
    const none = await client.query(
      `select ${rowOf('t', table)} as row from (select) one left join res_partner t on false`,
    );
    expect(none.rows).toEqual([{ row: null }]);
  });

  it('fault 14: of any size never make a writer fail, asked for or not, nor fill the outbox', async () => {
    await install();
    // jsonb takes 256 MB, and two digits for each byte.
    const megabytes = 140_000_000;
    await client.query(`insert into res_partner (id, name, image, scan) values (1, 'a', null, null)`);
    await client.query(`update res_partner set image = convert_to(repeat('x', ${megabytes}), 'UTF8')`);
    await client.query(`update res_partner set scan = image, image = null`);
    await client.query(`update res_partner set name = 'b'`);
    await client.query('delete from res_partner');
    const { rows } = await client.query<{ bytes: string; rows: string }>(
      'select sum(pg_column_size(o))::text as bytes, count(*) as rows from relay.outbox o',
    );
    expect(rows[0]?.rows).toBe('5');
    expect(Number(rows[0]?.bytes)).toBeLessThan(10_000);
    expect((await images())[1]).toEqual([null, null, null, `${megabytes} bytes, over the limit of 100`]);
  }, 120_000);

  it('that Odoo renames, converts, drops or adds never make a writer fail', async () => {
    await install();
    const write = `insert into res_partner (name) values ('a'); update res_partner set name = 'b'`;
    for (const change of [
      'rename column image to picture',
      'add column late bytea',
      'drop column scan',
      `alter column picture type text using encode(picture, 'hex')`,
      `rename column picture to image`,
      `alter column image type int using null`,
    ]) {
      await client.query(`alter table res_partner ${change}`);
      await expect(client.query(write)).resolves.toBeDefined();
    }
  });

  it('leave the other columns exact where Odoo adds and drops some in the transaction that writes them', async () => {
    await install();
    await client.query(`begin; insert into res_partner (id, name, comment) values (1, 'a', 'old');
      alter table res_partner add column x_new int; update res_partner set x_new = 7;
      alter table res_partner drop column comment; update res_partner set name = 'b'; commit`);
    const { rows } = await client.query<{ after: Record<string, unknown> }>(
      'select after from relay.outbox order by sequence',
    );
    expect(rows.map(({ after }) => [after['name'], after['x_new'], after['comment']])).toEqual([
      ['a', undefined, 'old'],
      ['a', 7, 'old'],
      ['b', 7, undefined],
    ]);
  });

  it('follow the settings: DENIED_COLUMNS comes first, a name that is taken is not asked for', async () => {
    const wantedOf = async (more: Partial<typeof rules>): Promise<unknown> => {
      const { tables } = await install(more);
      expect((await readTriggers(client, tables)).every(({ state }) => state === 'ok')).toBe(true);
      const [table] = tables;
      const columns = [...(table?.columns.keys() ?? [])].filter((name) => /^(image|scan)/.test(name));
      return [table?.binary?.wanted, columns, table?.denied];
    };
    expect(await wantedOf({ binaryColumns: ['*.image', 'res.partner.scan'] })).toEqual([
      ['image', 'scan'],
      ['image', 'image__omitted', 'scan', 'scan__omitted'],
      ['signup_token'],
    ]);
    expect(await wantedOf({ deniedColumns: ['*.image'] })).toEqual([
      [],
      [],
      ['signup_token', 'image', 'scan'],
    ]);
    await client.query('alter table res_partner add column image__omitted int');
    expect(await wantedOf({})).toEqual([[], ['image__omitted'], ['signup_token', 'image', 'scan']]);
    expect(() => {
      refuseBadColumnLists({ BINARY_COLUMNS: ['image'] });
    }).toThrow(/^BINARY_COLUMNS takes entries like/);
  });

  it('cost tables that have none nothing: their trigger is the plain one', async () => {
    const { tables } = await install();
    const calls = (await readTriggers(client, tables)).map(({ table, call }) => [table.table, call.name]);
    expect(calls).toEqual([
      ['res_partner', 'relay.capture_binary'],
      ['res_partner', 'relay.capture_truncate'],
      ['sale_order', 'relay.capture'],
      ['sale_order', 'relay.capture_truncate'],
    ]);
  });
});
