/**
 * A value of a row in memory. By the column's kind: int -> number; long -> bigint; float -> number; decimal ->
 * string in plain notation, exact; boolean; text -> string; date -> 'YYYY-MM-DD'; timestamp ->
 * 'YYYY-MM-DDTHH:MM:SS.ffffff' (naive UTC, six digits always); json -> string with the JSON text; binary -> Buffer.
 */
export type Value = null | boolean | number | bigint | string | Buffer;

export type Row = Readonly<Record<string, Value>>;

export type Column =
  | {
      name: string;
      kind: 'int' | 'long' | 'float' | 'boolean' | 'text' | 'date' | 'timestamp' | 'json' | 'binary';
    }
  | { name: string; kind: 'decimal'; precision: number; scale: number };

export type ColumnKind = Column['kind'];

/** c created, u updated, d deleted, r read by a snapshot. */
export type Operation = 'c' | 'u' | 'd' | 'r';

/** Where a change comes from. Field names are those of the Avro record. */
export interface ChangeSource {
  version: string;
  connector: 'odoo-relay';
  /** `odoo.<database>`: the topics' prefix, Debezium's logical name. */
  name: string;
  /** Milliseconds since 1970 at which the commit was read, by the database's clock. */
  ts_ms: bigint;
  /** The name of the Postgres database. */
  db: string;
  /** The slug in the topic names. */
  database: string;
  epoch: string;
  table: string;
  /** Odoo's model name, e.g. `sale.order`; empty of a relation table, which no model has. */
  model: string;
  change_id: string;
  /** Rises per record. */
  sequence: bigint;
  tx: { id: string; ordinal: bigint; total: bigint };
  /** `write_uid` or `create_uid` of the row, where it has them. */
  user_id: number | null;
  company_id: number | null;
  /** 'true' for what a load has read: rows (r), and deletes of records that only the topic had. */
  snapshot: string | null;
}

/** One committed create, update or delete of one record. */
export interface Change {
  before: Row | null;
  after: Row | null;
  op: Operation;
  source: ChangeSource;
  /** Milliseconds since 1970 at which ingest made the change, by its own clock. */
  ts_ms: bigint;
  /** JSON text of related records by field name, e.g. `{"order_line": [{…}]}`, or null. */
  included: string | null;
  /** Columns whose value differs, and relations whose parts changed; null for creates, deletes and reads. */
  changed: readonly string[] | null;
}
