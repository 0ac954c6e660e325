import type { Decoded, IncomingRecord, SchemaRegistry } from '#libs/kafka';
import type { Change, Column, Operation } from './change.js';
import { recordIdOf } from './record-id.js';
import { writerColumns, type WriterColumns } from './writer-columns.js';

export type ReadChange =
  | { kind: 'change'; change: Change; columns: ReadonlyMap<string, Column>; recordId: bigint }
  | { kind: 'tombstone'; recordId: bigint }
  | { kind: 'unreadable'; reason: string };

const operations: ReadonlySet<string> = new Set<Operation>(['c', 'u', 'd', 'r']);

/** Reads records of the change topics with whatever schema they were written. */
export class ChangeReader {
  private readonly columnsBySchemaId = new Map<number, WriterColumns>();

  constructor(private readonly registry: Pick<SchemaRegistry, 'decode' | 'decodeKnown'>) {}

  /**
   * Synchronous when both schemas are known.
   * @throws RelayError REGISTRY_UNAVAILABLE (as a rejection) when a schema cannot be looked up: try again.
   */
  read(record: IncomingRecord): ReadChange | Promise<ReadChange> {
    if (record.key === null) {
      return unreadable('it has no key');
    }
    const key = this.registry.decodeKnown(record.key);
    if (key === undefined) {
      return this.lookUpAndRead(record, record.key);
    }
    if (record.value === null) {
      return this.assemble(key, null);
    }
    const value = this.registry.decodeKnown(record.value);
    return value === undefined ? this.lookUpAndRead(record, record.key) : this.assemble(key, value);
  }

  private async lookUpAndRead(record: IncomingRecord, keyBytes: Buffer): Promise<ReadChange> {
    const key = await this.registry.decode(keyBytes);
    return this.assemble(key, record.value === null ? null : await this.registry.decode(record.value));
  }

  private assemble(key: Decoded, value: Decoded | null): ReadChange {
    if (key.kind === 'unreadable') {
      return unreadable(`its key cannot be read: ${key.reason}`);
    }
    const recordId = recordIdOf(key.value);
    if (recordId === undefined) {
      return unreadable('its key has neither an id nor a pair of them');
    }
    if (value === null) {
      return { kind: 'tombstone', recordId };
    }
    if (value.kind === 'unreadable') {
      return unreadable(`its value cannot be read: ${value.reason}`);
    }
    const writer = this.columnsOf(value.schemaId, value.schema);
    if (writer.kind === 'unreadable') {
      return writer;
    }
    return changeOf(value.value as Change, writer.columns, recordId);
  }

  private columnsOf(schemaId: number, schema: unknown): WriterColumns {
    let columns = this.columnsBySchemaId.get(schemaId);
    if (columns === undefined) {
      columns = writerColumns(schema);
      this.columnsBySchemaId.set(schemaId, columns);
    }
    return columns;
  }
}

/** The schema vouches for the fields; what it cannot say is checked here. */
function changeOf(decoded: Change, columns: ReadonlyMap<string, Column>, recordId: bigint): ReadChange {
  const { op, before, after } = decoded;
  if (!operations.has(op)) {
    return unreadable(`its op is ${JSON.stringify(op)}`);
  }
  if ((op === 'd' ? before : after) === null) {
    return unreadable(`its op is ${op} but the row is missing`);
  }
  // A writer of an older version may not have known the last two.
  const withDefaults = decoded as Partial<Change>;
  const change = {
    ...decoded,
    included: withDefaults.included ?? null,
    changed: withDefaults.changed ?? null,
  };
  return { kind: 'change', change, columns, recordId };
}

function unreadable(reason: string): ReadChange {
  return { kind: 'unreadable', reason };
}
