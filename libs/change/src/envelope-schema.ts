import { RelayError } from '#libs/process';
import type { AvroSchema } from '#libs/kafka';
import type { Column } from './change.js';
import type { PairColumns } from './record-id.js';

export interface TableShape {
  /** The slug in the topic names. */
  database: string;
  table: string;
  columns: readonly Column[];
  /** Of a relation table. */
  pair?: PairColumns | undefined;
}

/** Schema names that Kafka Connect gives types that Avro has no word for. */
export const connectNames = {
  timestamp: 'io.debezium.time.MicroTimestamp',
  json: 'io.debezium.data.Json',
  decimal: 'org.apache.kafka.connect.data.Decimal',
} as const;

/**
 * The name of a Postgres column in rows and schemas: the column's own, where it is a name in Avro. Of the
 * characters that Odoo allows only `$` is none; it and all others that are none become `_x<code point in
 * hexadecimal>_`, e.g. `x_a$b` -> `x_a_x24_b`. A digit in front gets a `_`.
 */
export function columnName(postgresColumn: string): string {
  const name = postgresColumn.replaceAll(
    /[^A-Za-z0-9_]/gu,
    (character) => `_x${(character.codePointAt(0) ?? 0).toString(16)}_`,
  );
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/**
 * The value schema of a change topic, Debezium-shaped. A new version with more or fewer columns is compatible
 * BACKWARD: every column is nullable with the default null.
 * @throws RelayError SCHEMA_INCOMPATIBLE when two columns get the same name.
 */
export function envelopeSchema({ database, table, columns }: TableShape): AvroSchema {
  const namespace = namespaceOf(database, table);
  const row = {
    type: 'record',
    name: 'Value',
    namespace,
    fields: [...columns].map((column) => nullable(column.name, columnType(column))),
  };
  refuseSameNames(table, columns);
  return {
    type: 'record',
    name: 'Envelope',
    namespace,
    'connect.name': `${namespace}.Envelope`,
    fields: [
      nullable('before', row),
      nullable('after', `${namespace}.Value`),
      { name: 'op', type: 'string' },
      { name: 'source', type: sourceType },
      { name: 'ts_ms', type: 'long' },
      nullable('included', { type: 'string', 'connect.name': connectNames.json }),
      nullable('changed', { type: 'array', items: 'string' }),
    ],
  };
}

type KeyShape = Pick<TableShape, 'database' | 'table'> & { pair?: readonly string[] | undefined };

/** The key schema of a change topic: the record's id, or the pair of a relation table. */
export function keySchema({ database, table, pair = ['id'] }: KeyShape): AvroSchema {
  const namespace = namespaceOf(database, table);
  return {
    type: 'record',
    name: 'Key',
    namespace,
    'connect.name': `${namespace}.Key`,
    fields: pair.map((column) => ({ name: columnName(column), type: 'long' })),
  };
}

const sourceType = {
  type: 'record',
  name: 'Source',
  namespace: 'odoo.relay',
  'connect.name': 'odoo.relay.Source',
  fields: [
    { name: 'version', type: 'string' },
    { name: 'connector', type: 'string' },
    { name: 'name', type: 'string' },
    { name: 'ts_ms', type: 'long' },
    { name: 'db', type: 'string' },
    { name: 'database', type: 'string' },
    { name: 'epoch', type: 'string' },
    { name: 'table', type: 'string' },
    { name: 'model', type: 'string' },
    { name: 'change_id', type: 'string' },
    { name: 'sequence', type: 'long' },
    {
      name: 'tx',
      type: {
        type: 'record',
        name: 'Transaction',
        'connect.name': 'odoo.relay.Transaction',
        fields: [
          { name: 'id', type: 'string' },
          { name: 'ordinal', type: 'long' },
          { name: 'total', type: 'long' },
        ],
      },
    },
    nullable('user_id', 'int'),
    nullable('company_id', 'int'),
    nullable('snapshot', 'string'),
  ],
} as const;

function columnType(column: Column): unknown {
  switch (column.kind) {
    case 'int':
    case 'long':
    case 'boolean':
      return column.kind;
    case 'float':
      return 'double';
    case 'text':
      return 'string';
    case 'binary':
      return 'bytes';
    case 'date':
      // No connect.name: with one the registry's converter fails.
      return { type: 'int', logicalType: 'date' };
    case 'timestamp':
      return { type: 'long', logicalType: 'timestamp-micros', 'connect.name': connectNames.timestamp };
    case 'json':
      return { type: 'string', 'connect.name': connectNames.json };
    case 'decimal':
      return decimalType(column.precision, column.scale);
  }
}

function decimalType(precision: number, scale: number): unknown {
  return {
    type: 'bytes',
    logicalType: 'decimal',
    precision,
    scale,
    'connect.name': connectNames.decimal,
    'connect.version': 1,
    'connect.parameters': { scale: String(scale), 'connect.decimal.precision': String(precision) },
  };
}

function nullable(name: string, type: unknown): { name: string; type: unknown[]; default: null } {
  return { name, type: ['null', type], default: null };
}

/** A slug may hold `-` and begin with a digit, a name in Avro may not. */
function namespaceOf(database: string, table: string): string {
  return ['odoo', database, table].map((part) => columnName(part)).join('.');
}

function refuseSameNames(table: string, columns: readonly Column[]): void {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new RelayError(
      'SCHEMA_INCOMPATIBLE',
      `two columns of ${table} would be called ${twice} in its topic: rename one of them`,
    );
  }
}
