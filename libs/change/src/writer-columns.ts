import type { Column } from './change.js';
import { connectNames } from './envelope-schema.js';

/** What a writer's schema says about its rows, or why it is no schema of a change. */
export type WriterColumns =
  { kind: 'columns'; columns: ReadonlyMap<string, Column> } | { kind: 'unreadable'; reason: string };

/** What of the envelope a reader cannot do without. */
const envelopeFields = { op: 'text', ts_ms: 'long' } as const;
const sourceFields = {
  version: 'text',
  connector: 'text',
  name: 'text',
  ts_ms: 'long',
  db: 'text',
  database: 'text',
  epoch: 'text',
  table: 'text',
  model: 'text',
  change_id: 'text',
  sequence: 'long',
} as const;

/** Derives the columns from the schema that a change was written with. */
export function writerColumns(schema: unknown): WriterColumns {
  const envelope = fieldsOf(schema);
  const source = fieldsOf(envelope?.get('source'));
  const row = fieldsOf(envelope?.get('before'));
  if (envelope === undefined || source === undefined || row === undefined || !envelope.has('after')) {
    return unreadable('its schema is no envelope with before, after and source');
  }
  const tx = fieldsOf(source.get('tx'));
  if (tx === undefined || !hasKinds(tx, { id: 'text', ordinal: 'long', total: 'long' })) {
    return unreadable('its schema has no source.tx with id, ordinal and total');
  }
  if (!hasKinds(envelope, envelopeFields) || !hasKinds(source, sourceFields)) {
    return unreadable('its schema lacks a field of the envelope or of source');
  }
  const columns = new Map<string, Column>();
  for (const [name, type] of row) {
    const column = columnOf(name, type);
    if (column === undefined) {
      return unreadable(`its schema has a type that is not known in column ${name}`);
    }
    columns.set(name, column);
  }
  return { kind: 'columns', columns };
}

function unreadable(reason: string): WriterColumns {
  return { kind: 'unreadable', reason };
}

function hasKinds(fields: ReadonlyMap<string, unknown>, kinds: Readonly<Record<string, string>>): boolean {
  return Object.entries(kinds).every(([name, kind]) => columnOf(name, fields.get(name))?.kind === kind);
}

/** The fields of a record schema by name, their types without the null of a union. */
function fieldsOf(schema: unknown): Map<string, unknown> | undefined {
  const type = notNull(schema);
  if (!isObject(type) || type['type'] !== 'record' || !Array.isArray(type['fields'])) {
    return undefined;
  }
  const fields = type['fields'].filter(isObject);
  return new Map(fields.map((field) => [String(field['name']), notNull(field['type'])]));
}

function columnOf(name: string, type: unknown): Column | undefined {
  const object: Record<string, unknown> = isObject(type) ? type : { type };
  switch (object['type']) {
    case 'int':
      return { name, kind: object['logicalType'] === 'date' ? 'date' : 'int' };
    case 'long':
      return { name, kind: object['logicalType'] === 'timestamp-micros' ? 'timestamp' : 'long' };
    case 'double':
    case 'float':
      return { name, kind: 'float' };
    case 'boolean':
      return { name, kind: 'boolean' };
    case 'string':
      return { name, kind: object['connect.name'] === connectNames.json ? 'json' : 'text' };
    case 'bytes':
      return object['logicalType'] === 'decimal'
        ? {
            name,
            kind: 'decimal',
            precision: Number(object['precision']),
            scale: Number(object['scale'] ?? 0),
          }
        : { name, kind: 'binary' };
    default:
      return undefined;
  }
}

function notNull(type: unknown): unknown {
  return Array.isArray(type) ? type.find((branch) => branch !== 'null') : type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
