import { partsOf, textsOf, type Column } from '#libs/change';
import type { BodyFormat } from '#libs/subscription';
import type { EventType } from './event-type.js';

type JsonSchema = Readonly<Record<string, unknown>>;
type Columns = ReadonlyMap<string, Column>;

const dialect = 'https://json-schema.org/draft/2020-12/schema';
const text = { type: 'string' };
const moment = { type: 'string', format: 'date-time' };

/**
 * JSON Schema (2020-12) of the bodies of an event type without a shape; undefined of formats that are no JSON.
 * Columns that come later are allowed by it, as readers should allow them.
 */
export function bodySchema(
  format: BodyFormat,
  type: EventType,
  columns: Columns | undefined,
): JsonSchema | undefined {
  const record = recordSchema(type.model, columns);
  const head = { $schema: dialect, title: type.name, description: type.description };
  switch (format) {
    case 'json':
      return { ...head, ...object({ ...envelope(type), data: record }, optional) };
    case 'json-before-after': {
      const rows = { before: orNull(recordSchema(undefined, columns)), after: orNull(record) };
      return { ...head, ...object({ ...envelope(type), ...rows }, optional) };
    }
    case 'cloudevents':
      return { ...head, ...object({ ...cloudEvent(type), data: cloudEventData(type, record) }) };
    case 'cloudevents-binary':
      return { ...head, ...cloudEventData(type, record) };
    case 'xml':
    case 'form':
      return undefined;
  }
}

/** Stands only in what a replay sends. */
const optional = ['replay'];

function envelope(type: EventType): Record<string, JsonSchema> {
  return {
    type: { const: type.name },
    timestamp: moment,
    change_id: text,
    sequence: { type: 'integer', description: 'rises per record' },
    database: text,
    model: { const: type.model },
    record_id: { type: 'integer' },
    ...happening(type),
  };
}

function happening({ operations }: EventType): Record<string, JsonSchema> {
  return {
    op: {
      enum: [...operations, 'r'],
      description: 'c created, u updated, d deleted, r as it is, from a replay',
    },
    replay: { const: true, description: 'only of what a replay sends' },
    changed: {
      type: ['array', 'null'],
      items: text,
      description: 'fields that have another value than before; null of creates and deletes',
    },
  };
}

function cloudEvent(type: EventType): Record<string, JsonSchema> {
  return {
    specversion: { const: '1.0' },
    id: text,
    source: { type: 'string', format: 'uri-reference' },
    type: { const: type.name },
    subject: text,
    time: moment,
    datacontenttype: { const: 'application/json' },
    sequence: { type: 'string', pattern: '^[0-9]{19}$', description: 'rises per record, ordered as a text' },
  };
}

function cloudEventData(type: EventType, record: JsonSchema): JsonSchema {
  return object({ ...happening(type), record }, optional);
}

/** With the relations that a change of the model carries, in the place of columns of their names. */
function recordSchema(model = '', columns: Columns = new Map()): JsonSchema {
  const records = { type: 'array', items: { type: 'object' } };
  const included = {
    ...Object.fromEntries(partsOf(model).map(({ field }) => [field, records])),
    ...Object.fromEntries(textsOf(model).map(({ name }) => [name, { type: ['string', 'null'] }])),
  };
  const own = [...columns.values()].map((column) => [column.name, columnSchema(column)]);
  return { type: 'object', properties: { ...Object.fromEntries(own), ...included } };
}

function columnSchema({ kind }: Column): JsonSchema {
  switch (kind) {
    case 'int':
    case 'long':
      return { type: ['integer', 'null'] };
    case 'float':
      return { type: ['number', 'string', 'null'], description: 'a text where it is no finite number' };
    case 'decimal':
      return { type: ['number', 'null'], description: 'exact: read it as a decimal' };
    case 'boolean':
      return { type: ['boolean', 'null'] };
    case 'text':
      return { type: ['string', 'null'] };
    case 'date':
      return { type: ['string', 'null'], format: 'date' };
    case 'timestamp':
      return { type: ['string', 'null'], format: 'date-time' };
    case 'binary':
      return { type: ['string', 'null'], contentEncoding: 'base64' };
    case 'json':
      return { description: 'JSON as Odoo keeps it' };
  }
}

function object(properties: Record<string, JsonSchema>, notRequired: readonly string[] = []): JsonSchema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((name) => !notRequired.includes(name)),
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}
