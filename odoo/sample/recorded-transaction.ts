import type { Client, QueryResult } from 'pg';
import type { ColumnType, CommittedTransaction, RecordedChange, TextRow } from './recorded-change.js';

export type SqlValue =
  string | number | boolean | null | readonly number[] | Readonly<Record<string, unknown>>;

/** Where a delete cascades to: rows of `table` whose `column` points to the deleted record. */
export interface Cascade {
  table: string;
  column: string;
}

interface TableRecord {
  columnTypes: Readonly<Record<string, ColumnType>>;
  /** Rows as they were before this transaction; null for a record that it created. */
  before: Map<number, TextRow | null>;
}

/** Postgres' type oids of the columns that Odoo has. */
const columnTypesByOid: Readonly<Record<number, ColumnType>> = {
  16: 'boolean',
  20: 'bigint',
  23: 'integer',
  25: 'text',
  701: 'float',
  1043: 'text',
  1082: 'date',
  1114: 'timestamp',
  1700: 'numeric',
  3802: 'jsonb',
};

const asText = { getTypeParser: () => (value: unknown) => value } as const;

/** Columns by table as each connection found them. */
const columnTypesByClient = new WeakMap<Client, Map<string, TableRecord['columnTypes']>>();

/** Odoo's user who does all this. */
const userId = 2;
const nowUtc = `(now() AT TIME ZONE 'UTC')`;

/**
 * A transaction as Odoo makes it (REPEATABLE READ, write_date = its start) that keeps a record of what it does:
 * each touched row is read before the first statement on it and once more before COMMIT.
 */
export class RecordedTransaction {
  private readonly tables = new Map<string, TableRecord>();

  private constructor(
    private readonly client: Client,
    private readonly id: string,
  ) {}

  static async begin(client: Client): Promise<RecordedTransaction> {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const { rows } = await client.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id');
    return new RecordedTransaction(client, rows[0]?.id ?? '');
  }

  /** Rows in text form. */
  async select(sql: string, values: readonly SqlValue[] = []): Promise<TextRow[]> {
    return (await this.query(sql, values)).rows;
  }

  /** Creates a record the way the ORM does and returns its id. */
  async insert(table: string, fields: Readonly<Record<string, SqlValue>>): Promise<number> {
    const names = Object.keys(fields);
    const slots = names.map((_, index) => `$${index + 1}`);
    const { rows } = await this.query(
      `INSERT INTO ${table} (${[...names, 'create_uid', 'write_uid', 'create_date', 'write_date'].join(', ')})
       VALUES (${[...slots, userId, userId, nowUtc, nowUtc].join(', ')}) RETURNING id`,
      Object.values(fields),
    );
    const id = idOf(rows[0]);
    (await this.tableRecord(table)).before.set(id, null);
    return id;
  }

  /** Writes the same values to some records, and who wrote and when. */
  async update(
    table: string,
    ids: readonly number[],
    fields: Readonly<Record<string, SqlValue>>,
  ): Promise<void> {
    const sets = Object.keys(fields).map((name, index) => `${name} = $${index + 2}`);
    await this.raw(
      table,
      ids,
      `UPDATE ${table} SET ${[...sets, `write_uid = ${userId}`, `write_date = ${nowUtc}`].join(', ')} WHERE id = ANY($1)`,
      Object.values(fields),
    );
  }

  /** Runs a statement whose $1 is `ids` and that touches no other record of the table. */
  async raw(
    table: string,
    ids: readonly number[],
    sql: string,
    values: readonly SqlValue[] = [],
  ): Promise<void> {
    await this.remember(table, 'id', ids);
    await this.query(sql, [ids, ...values]);
  }

  /** Deletes records; Postgres deletes what cascades. */
  async remove(table: string, ids: readonly number[], cascades: readonly Cascade[] = []): Promise<void> {
    await this.remember(table, 'id', ids);
    for (const cascade of cascades) {
      await this.remember(cascade.table, cascade.column, ids);
    }
    await this.query(`DELETE FROM ${table} WHERE id = ANY($1)`, [ids]);
  }

  async commit(action: string): Promise<CommittedTransaction> {
    const changes: RecordedChange[] = [];
    for (const [table, record] of this.tables) {
      changes.push(...(await this.netChanges(table, record)));
    }
    await this.client.query('COMMIT');
    const committedAtMonotonicMs = performance.now();
    return { id: this.id, action, changes, committedAtMonotonicMs, committedAtMs: Date.now() };
  }

  async rollback(): Promise<void> {
    await this.client.query('ROLLBACK');
  }

  private async netChanges(table: string, record: TableRecord): Promise<RecordedChange[]> {
    const rows = await this.select(`SELECT * FROM ${table} WHERE id = ANY($1)`, [[...record.before.keys()]]);
    const after = new Map(rows.map((row) => [idOf(row), row]));
    return [...record.before].flatMap(([id, before]): RecordedChange[] => {
      const change = { table, id, before, after: after.get(id) ?? null, columnTypes: record.columnTypes };
      if (change.after === null) {
        return before === null ? [] : [{ ...change, op: 'd' }];
      }
      return [{ ...change, op: before === null ? 'c' : 'u' }];
    });
  }

  private async remember(table: string, column: string, ids: readonly number[]): Promise<void> {
    const record = await this.tableRecord(table);
    const unknown = column === 'id' ? ids.filter((id) => !record.before.has(id)) : ids;
    if (unknown.length === 0) {
      return;
    }
    for (const row of await this.select(`SELECT * FROM ${table} WHERE ${column} = ANY($1)`, [unknown])) {
      if (!record.before.has(idOf(row))) {
        record.before.set(idOf(row), row);
      }
    }
  }

  private async tableRecord(table: string): Promise<TableRecord> {
    let record = this.tables.get(table);
    if (record === undefined) {
      record = { columnTypes: await this.columnTypes(table), before: new Map() };
      this.tables.set(table, record);
    }
    return record;
  }

  private async columnTypes(table: string): Promise<TableRecord['columnTypes']> {
    const known = columnTypesByClient.get(this.client) ?? new Map<string, TableRecord['columnTypes']>();
    columnTypesByClient.set(this.client, known);
    let types = known.get(table);
    if (types === undefined) {
      const { fields } = await this.query(`SELECT * FROM ${table} LIMIT 0`, []);
      types = Object.fromEntries(
        fields.map(({ name, dataTypeID }) => [name, columnTypesByOid[dataTypeID] ?? 'text']),
      );
      known.set(table, types);
    }
    return types;
  }

  private query(
    text: string,
    values: readonly SqlValue[],
  ): Promise<QueryResult<Record<string, string | null>>> {
    return this.client.query<Record<string, string | null>>({ text, values: [...values], types: asText });
  }
}

function idOf(row: TextRow | undefined): number {
  return Number(row?.['id']);
}
