import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { changeTopic, type Change, type ChangeReader } from '#libs/change';
import type { Kafka } from '#libs/kafka';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { ingestFixture, type IngestFixture } from './ingest-fixture.js';

const stack = testStack();

/** The columns that Odoo makes of its kinds of fields; a name in `ir_model_fields` is translated. */
const tables = `
  create table x_values (
    id bigint primary key, char varchar, text text, html text, selection varchar, many2one int, flag boolean,
    float double precision, real real, digits numeric, monetary numeric, quantity numeric(16, 3), price numeric(38, 20),
    day date, moment timestamp, properties jsonb, by_company jsonb, translated jsonb, file bytea);
  insert into ir_model_fields (model, name, translate) values ('x.values', 'translated', 'standard')`;

let fixture: IngestFixture;
let kafka: Kafka;
let reader: ChangeReader;
let odoo: Client;
let ingest: StartedApp;

beforeAll(async () => {
  fixture = await ingestFixture(stack, 'values');
  ({ kafka, reader, writer: odoo } = fixture);
  await odoo.query(tables);
  const settings = {
    MODELS: 'x.values',
    // Where clocks change twice a year and a naive time may exist twice or never.
    TZ: 'Europe/Berlin',
    PGTZ: 'America/New_York',
  };
  ingest = await startApp('ingest', fixture.environment(settings));
});

afterAll(async () => {
  await ingest.stop();
  await fixture.close();
});

/** Changes of a record in order; its key's id beside each, and null for a tombstone. */
async function changesOf(recordId: bigint): Promise<(Change | null)[]> {
  const changes: (Change | null)[] = [];
  for (const record of await kafka.readToEnd(changeTopic('values', 'x_values'))) {
    const read = await reader.read(record);
    if (read.kind === 'unreadable') throw new Error(read.reason);
    if (read.recordId === recordId) changes.push(read.kind === 'change' ? read.change : null);
  }
  return changes;
}

function changesUntil(recordId: bigint, count: number): Promise<(Change | null)[]> {
  return eventually(async () => {
    const changes = await changesOf(recordId);
    return changes.length >= count ? changes : false;
  });
}

/** How often a change was put aside with such a reason. */
async function refused(recordId: bigint, reason: RegExp): Promise<number> {
  const records = await kafka.readToEnd('relay.rejected.ingest');
  return records.filter(
    ({ key, headers }) => key?.toString() === String(recordId) && reason.test(headers['reason'] ?? ''),
  ).length;
}

async function landed(recordId: number, columns: Record<string, string>): Promise<Change['after']> {
  const names = ['id', ...Object.keys(columns)].join(', ');
  await odoo.query(
    `insert into x_values (${names}) values (${[recordId, ...Object.values(columns)].join(', ')})`,
  );
  const [created] = await changesUntil(BigInt(recordId), 1);
  return created?.after ?? null;
}

describe('a value of Odoo', () => {
  it("fault 12: Odoo's empty fields, times and amounts are the same typed values wherever ingest runs", async () => {
    const empty = await landed(1, { flag: 'false', char: `''` });
    expect(Object.fromEntries(Object.entries(empty ?? {}).filter(([, value]) => value !== null))).toEqual({
      id: 1n,
      flag: false,
      char: '',
    });
    expect(
      await landed(2, { float: `'-0.0'::float8`, monetary: '-0.00', digits: '0.1 + 0.2' }),
    ).toMatchObject({
      float: 0,
      monetary: '0',
      digits: '0.3',
    });
    const shortest = ['0.1', '304.79999999999995', '5e-324', '1.7976931348623157e308', '-1e23'];
    for (const [index, float] of shortest.entries()) {
      expect((await landed(10 + index, { float: `'${float}'` }))?.['float']).toBe(Number(float));
    }
    expect((await landed(15, { real: '0.1' }))?.['real']).toBe(0.1);
    const moments = [
      // Does not exist in Berlin, exists twice there, and the last that Odoo can store.
      '2026-03-29T02:30:00.000001',
      '2026-10-25T02:30:00.999999',
      '9999-12-31T23:59:59.999999',
      '0001-01-01T00:00:00.000000',
    ];
    for (const [index, moment] of moments.entries()) {
      const row = await landed(20 + index, { moment: `'${moment}'`, day: `'${moment.slice(0, 10)}'` });
      expect(row).toMatchObject({ moment, day: moment.slice(0, 10) });
    }
    expect(
      await landed(30, {
        selection: `'sale'`,
        many2one: '2147483647',
        html: `'<p>a &amp; b</p>'`,
        properties: `'[{"name": "a", "value": 1.50}]'`,
        by_company: `'{"1": 8.25, "2": 12345678901234567890.5}'`,
        translated: `'{"en_US": "Box", "fr_FR": "Boîte"}'`,
        monetary: '1.005',
      }),
    ).toMatchObject({
      selection: 'sale',
      many2one: 2_147_483_647,
      html: '<p>a &amp; b</p>',
      properties: '[{"name": "a", "value": 1.50}]',
      by_company: '{"1": 8.25, "2": 12345678901234567890.5}',
      translated: 'Box',
      translated__translations: '{"en_US": "Box", "fr_FR": "Boîte"}',
      monetary: '1.005',
    });
  });

  it('fault 13: ids beyond 2^53 and decimals of 38 digits are exact, longer ones are refused with the reason', async () => {
    const id = 9_007_199_254_740_993n;
    await odoo.query(
      `insert into x_values (id, digits, price) values
        (${id}, 123456789012345678.90123456789012345678, -999999999999999999.99999999999999999999),
        (${id - 1n}, 0.00000000000000000001, 1)`,
    );
    const [created] = await changesUntil(id, 1);
    expect(created?.after).toMatchObject({
      id,
      digits: '123456789012345678.90123456789012345678',
      price: '-999999999999999999.99999999999999999999',
    });
    const [other] = await changesUntil(id - 1n, 1);
    expect(other?.after).toMatchObject({ id: id - 1n, digits: '0.00000000000000000001', price: '1' });

    await odoo.query(
      `insert into x_values (id, digits) values (40, 1234567890123456789), (41, 1e-21), (42, 'NaN')`,
    );
    await odoo.query('insert into x_values (id) values (43)');
    await changesUntil(43n, 1);
    for (const refusedId of [40n, 41n, 42n]) {
      expect(await refused(refusedId, /in column digits is no decimal\(38,20\)/)).toBe(1);
      expect(await changesOf(refusedId)).toEqual([]);
    }
  });

  it('that was refused keeps its record out of its topic only as long as it lasts', async () => {
    await odoo.query(
      `insert into x_values (id, day) values (50, 'infinity'), (51, '2026-01-01'), (52, '0044-03-15 BC')`,
    );
    await odoo.query(`update x_values set day = '2026-02-02', char = 'now' where id = 50`);
    await odoo.query(`update x_values set day = '-infinity' where id = 51`);
    await odoo.query('delete from x_values where id = 51');
    const [mended] = await changesUntil(50n, 1);
    expect(mended).toMatchObject({
      op: 'u',
      before: { id: 50n, day: null },
      after: { day: '2026-02-02', char: 'now' },
    });
    expect(mended?.changed).toEqual(expect.arrayContaining(['char', 'day']));
    const [created, deleted, tombstone] = await changesUntil(51n, 3);
    expect([created?.op, deleted?.op, tombstone]).toEqual(['c', 'd', null]);
    expect(await refused(50n, /"infinity" in column day is no date/)).toBe(1);
    expect(await refused(51n, /"-infinity" in column day is no date/)).toBe(1);
    expect(await refused(52n, /BC" in column day is no date/)).toBe(1);
  });

  it('fault 14: a file of 50 MB never enters the outbox, and a text of 50 MB holds nobody up', async () => {
    const bytes = 50 * 1024 * 1024;
    await odoo.query(
      `insert into x_values (id, char, file) values (60, 'small', decode(repeat('00', ${bytes}), 'hex'))`,
    );
    const [withFile] = await changesUntil(60n, 1);
    expect(withFile?.after).not.toHaveProperty('file');
    await odoo.query(`insert into x_values (id) values (62)`);
    await odoo.query(
      `update x_values set text = repeat('YmFzZTY0', ${bytes / 8}), char = 'large' where id = 62`,
    );
    await odoo.query(`insert into x_values (id) values (61)`);
    await changesUntil(61n, 1);
    expect(await refused(62n, /the change has \d+ bytes, its topic takes 10485760/)).toBe(1);
    expect(await changesOf(62n)).toHaveLength(1);
    await odoo.query(`update x_values set text = repeat('x', 11000000) where id = 62`);
    await odoo.query(`update x_values set text = null where id = 62`);
    const [, small] = await changesUntil(62n, 2);
    expect(small).toMatchObject({
      op: 'u',
      before: null,
      after: { char: 'large', text: null },
      changed: ['text'],
    });
    await odoo.query(`update x_values set text = repeat('x', 11000000) where id = 62`);
    await odoo.query('delete from x_values where id = 62');
    const [, , deleted, tombstone] = await changesUntil(62n, 4);
    expect({ ...deleted?.before }).toMatchObject({ id: 62n, text: null });
    expect([deleted?.op, tombstone]).toEqual(['d', null]);
  }, 120_000);

  it('fault 22: changes that only together are larger than a broker takes are written, those that alone are go aside', async () => {
    const megabytes = (n: number): string => `repeat('x', ${n} * 1000000)`;
    // Of 13 records at least three are in the same of six partitions: 12 MB.
    await odoo.query(
      `insert into x_values (id, text) select n, ${megabytes(4)} from generate_series(100, 112) n`,
    );
    await odoo.query(
      `insert into x_values (id, text) select n, ${megabytes(11)} from generate_series(120, 122) n`,
    );
    await eventually(async () => (await refused(122n, /bytes, its topic takes 10485760/)) === 1);
    expect(await refused(120n, /bytes, its topic takes 10485760/)).toBe(1);
    const written = await kafka.readToEnd(changeTopic('values', 'x_values'));
    expect(written.filter(({ value }) => (value?.length ?? 0) > 4_000_000)).toHaveLength(13);
    await odoo.query('insert into x_values (id) values (126)');
    await changesUntil(126n, 1);
  }, 120_000);
});
