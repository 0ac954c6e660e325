import { beforeAll, describe, expect, it } from '@jest/globals';
import { SchemaRegistry, type AvroCodec, type IncomingRecord } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import { ChangeReader } from './change-reader.js';
import type { Change, Column } from './change.js';
import { columnName, envelopeSchema, keySchema } from './envelope-schema.js';

const stack = testStack();
const shape = { database: 'acme-1', table: 'sale_order' };
const columns: Column[] = [
  { name: 'id', kind: 'int' },
  { name: 'big', kind: 'long' },
  { name: 'rate', kind: 'float' },
  { name: 'amount', kind: 'decimal', precision: 38, scale: 20 },
  { name: 'active', kind: 'boolean' },
  { name: 'name', kind: 'text' },
  { name: 'day', kind: 'date' },
  { name: 'write_date', kind: 'timestamp' },
  { name: 'properties', kind: 'json' },
];
const change: Change = {
  before: null,
  after: {
    id: 7,
    big: 9007199254740993n,
    rate: 0.1,
    amount: '76.67917649363673',
    active: false,
    name: 'Ünï',
    day: '0001-01-01',
    write_date: '2026-11-23T17:44:39.636911',
    properties: '{"1": 100.0}',
  },
  op: 'c',
  source: {
    version: '0.1.0',
    connector: 'odoo-relay',
    name: 'odoo.acme-1',
    ts_ms: 1n,
    db: 'acme',
    database: 'acme-1',
    epoch: 'e',
    table: 'sale_order',
    model: 'sale.order',
    change_id: 'e-1',
    sequence: 1n,
    tx: { id: '5', ordinal: 1n, total: 1n },
    user_id: 2,
    company_id: null,
    snapshot: null,
  },
  ts_ms: 2n,
  included: '{"order_line": []}',
  changed: null,
};

let registry: SchemaRegistry;
let key: AvroCodec;
let value: AvroCodec;

function newRegistry(): SchemaRegistry {
  return new SchemaRegistry({
    url: stack.schemaRegistryUrl,
    topicPrefix: stack.topicPrefix,
    logger: silentLogger,
  });
}

beforeAll(async () => {
  registry = newRegistry();
  key = await registry.register('odoo.acme-1.sale_order', 'key', keySchema(shape));
  value = await registry.register('odoo.acme-1.sale_order', 'value', envelopeSchema({ ...shape, columns }));
});

function record(parts: Partial<IncomingRecord> = {}): IncomingRecord {
  return {
    topic: 'odoo.acme-1.sale_order',
    partition: 0,
    offset: 0n,
    timestampMs: 0,
    key: key.encode({ id: 7n }),
    value: value.encode(change),
    headers: {},
    duplicateHeaders: [],
    ...parts,
  };
}

/** Without the classes of the decoder. */
function plain(from: unknown): unknown {
  return JSON.parse(
    JSON.stringify(from, (_key, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)),
  );
}

describe('ChangeReader', () => {
  it('reads a change as it was written, with the columns of its writer', async () => {
    const read = await new ChangeReader(newRegistry()).read(record());
    expect(plain(read)).toMatchObject({ kind: 'change', recordId: '7n', change: plain(change) as object });
    expect(read.kind === 'change' && [...read.columns.values()]).toEqual(columns);
  });

  it('reads without waiting once the schema is known', async () => {
    const reader = new ChangeReader(newRegistry());
    expect(reader.read(record())).toBeInstanceOf(Promise);
    await reader.read(record());
    expect(reader.read(record())).toMatchObject({ kind: 'change' });
  });

  it('tells a tombstone', () => {
    expect(new ChangeReader(registry).read(record({ value: null }))).toEqual({
      kind: 'tombstone',
      recordId: 7n,
    });
  });

  it.each<[string, Partial<IncomingRecord>]>([
    ['has no key', { key: null }],
    ['has a key that is no Avro', { key: Buffer.from('x') }],
    ['has an empty value', { value: Buffer.alloc(0) }],
    ['has a value of four bytes', { value: Buffer.alloc(4) }],
    ['has a value that is no Avro', { value: Buffer.from('{"a": 1}') }],
    ['names a schema that does not exist', { value: Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1]) }],
  ])('calls a record unreadable that %s', async (_what, parts) => {
    expect(await new ChangeReader(registry).read(record(parts))).toMatchObject({
      kind: 'unreadable',
      reason: expect.any(String),
    });
  });

  it('calls a record unreadable that was written with another kind of schema, is cut off, or lacks its row', async () => {
    const reader = new ChangeReader(registry);
    const bytes = value.encode(change);
    for (const wrong of [
      key.encode({ id: 7n }),
      bytes.subarray(0, bytes.length - 3),
      value.encode({ ...change, op: 'd' }),
      value.encode({ ...change, op: 'x' }),
    ]) {
      expect(await reader.read(record({ value: wrong }))).toMatchObject({ kind: 'unreadable' });
    }
  });
});

describe('the schema of a change topic', () => {
  it('takes more and fewer columns as new versions', async () => {
    const more: Column[] = [...columns, { name: 'x_studio_size', kind: 'decimal', precision: 10, scale: 2 }];
    for (const next of [more, columns.slice(0, 3)]) {
      await expect(
        registry.register('odoo.acme-1.sale_order', 'value', envelopeSchema({ ...shape, columns: next })),
      ).resolves.toMatchObject({ schemaId: expect.any(Number) });
    }
  });

  it('refuses a column whose type readers could not take', async () => {
    const other: Column[] = [{ name: 'id', kind: 'boolean' }];
    await expect(
      registry.register('odoo.acme-1.sale_order', 'value', envelopeSchema({ ...shape, columns: other })),
    ).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' });
  });

  it('has names that Avro allows, and refuses two columns of one name', () => {
    expect(columnName('x_studio_größe$')).toBe('x_studio_gr_xf6__xdf_e_x24_');
    expect(columnName('1st')).toBe('_1st');
    const twice: Column[] = [
      { name: 'a', kind: 'int' },
      { name: 'a', kind: 'text' },
    ];
    expect(() => envelopeSchema({ ...shape, columns: twice })).toThrow(/two columns of sale_order/);
  });
});
