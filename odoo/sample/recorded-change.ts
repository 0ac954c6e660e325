/** A row in Postgres' own text form, e.g. numeric `'69.330'`, boolean `'t'`, timestamp `'2026-11-23 17:44:39.6'`. */
export type TextRow = Readonly<Record<string, string | null>>;

export type ColumnType =
  'integer' | 'bigint' | 'float' | 'numeric' | 'boolean' | 'text' | 'date' | 'timestamp' | 'jsonb';

/** What a committed transaction did to one record, all its statements joined. */
export interface RecordedChange {
  table: string;
  id: number;
  op: 'c' | 'u' | 'd';
  before: TextRow | null;
  after: TextRow | null;
  columnTypes: Readonly<Record<string, ColumnType>>;
}

/** A transaction as its own client saw it: read before and after its statements, not by any trigger. */
export interface CommittedTransaction {
  /** pg_current_xact_id(); rises in the order in which transactions wrote the same record. */
  id: string;
  action: string;
  changes: readonly RecordedChange[];
  /** performance.now() when COMMIT returned. */
  committedAtMonotonicMs: number;
  /** Milliseconds since 1970 when COMMIT returned. */
  committedAtMs: number;
}
