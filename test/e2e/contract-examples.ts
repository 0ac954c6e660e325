import { readdirSync, readFileSync } from 'node:fs';
import type { AvroSchema, IncomingRecord } from '#libs/kafka';

const folder = new URL('../../docs/contracts/', import.meta.url);

/** A record as an example file shows it. */
export interface ExampleRecord {
  about: string;
  /** JSON of an Avro record, text, or `{base64}` where it is neither. */
  key: unknown;
  headers: Record<string, string>;
  /** JSON of an Avro record, `{file}` for a body, `{base64}`, or null for a tombstone. */
  value: unknown;
}

export interface Example {
  topic: string;
  key: string;
  value: string;
  records: ExampleRecord[];
}

/** An example as text in another file: where the schema of a topic's keys or values is. */
const schemaMention = /^Avro, (schemas\/\S+\.avsc)$/;

export function exampleNames(): string[] {
  return readdirSync(new URL('topics/', folder)).map((file) => file.replace(/\.json$/, ''));
}

export function readExample(name: string): Example {
  return JSON.parse(contractFile(`topics/${name}.json`).toString()) as Example;
}

export function contractFile(path: string): Buffer {
  return readFileSync(new URL(path, folder));
}

/** The schema that an example names for its keys or values; undefined where they are no Avro. */
export function schemaOf(example: Example, part: 'key' | 'value'): AvroSchema | undefined {
  const [, path] = schemaMention.exec(example[part]) ?? [];
  return path === undefined ? undefined : (JSON.parse(contractFile(path).toString()) as AvroSchema);
}

/** A key or value that is not Avro as bytes. */
export function bytesOf(part: unknown): Buffer | null {
  if (part === null || typeof part === 'string') {
    return part === null ? null : Buffer.from(part);
  }
  const { file, base64 } = part as { file?: string; base64?: string };
  return file === undefined ? Buffer.from(base64 ?? '', 'base64') : contractFile(file.replace('../', ''));
}

/** As it would be read, for examples without Avro. */
export function incomingOf(example: Example, record: ExampleRecord): IncomingRecord {
  return {
    topic: example.topic,
    partition: 0,
    offset: 0n,
    timestampMs: 0,
    key: bytesOf(record.key),
    value: bytesOf(record.value),
    headers: record.headers,
    duplicateHeaders: [],
  };
}

type Named = Map<string, unknown>;
type JsonObject = Record<string, unknown>;

/** JSON as an example has it, in the types that Avro values have in memory: longs are bigints. */
export function fromJson(schema: unknown, json: unknown, named: Named = new Map()): unknown {
  if (Array.isArray(schema)) {
    return json === null
      ? null
      : fromJson(
          schema.find((branch) => branch !== 'null'),
          json,
          named,
        );
  }
  if (typeof schema === 'string') {
    const known = named.get(schema);
    return known === undefined ? plainFromJson(schema, json) : fromJson(known, json, named);
  }
  const type = schema as JsonObject;
  if (type['type'] === 'record') {
    return recordFromJson(type, json as JsonObject, named);
  }
  if (type['type'] === 'array') {
    return (json as unknown[]).map((item) => fromJson(type['items'], item, named));
  }
  // Dates, datetimes and decimals are text, as in memory.
  return type['logicalType'] === undefined ? plainFromJson(type['type'], json) : json;
}

function recordFromJson(schema: JsonObject, json: JsonObject, named: Named): JsonObject {
  named.set(`${String(schema['namespace'])}.${String(schema['name'])}`, schema);
  const fields = schema['fields'] as { name: string; type: unknown }[];
  const unknown = Object.keys(json).filter((name) => !fields.some((field) => field.name === name));
  if (unknown.length > 0) {
    throw new Error(`the schema has no field ${unknown.join(', ')}`);
  }
  return Object.fromEntries(fields.map(({ name, type }) => [name, fromJson(type, json[name], named)]));
}

function plainFromJson(type: unknown, json: unknown): unknown {
  return type === 'long' ? BigInt(json as number) : json;
}
