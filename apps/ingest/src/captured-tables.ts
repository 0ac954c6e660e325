import type { Client } from 'pg';
import { tableOf, type Column, type PairColumns } from '#libs/change';
import {
  binaryColumns,
  capturedColumn,
  isDenied,
  isListed,
  omittedName,
  topicColumns,
  type CapturedColumn,
  type ColumnRules,
  type DatabaseColumn,
} from './column-types.js';
import type { RelationTable } from './relation-tables.js';

/** A table whose rows are captured, with its columns as they were last read. */
export interface CapturedTable {
  /** Empty of a relation table. */
  model: string;
  table: string;
  /** Of a relation table, which has no id: the columns that are its key. */
  pair?: PairColumns;
  columns: ReadonlyMap<string, CapturedColumn>;
  /** Of the rows in the topic. */
  topicColumns: readonly Column[];
  /** Columns that the trigger takes out of the rows. */
  denied: readonly string[];
  /** Where it has binary columns, which must not be read as others are: those that are asked for. */
  binary?: { wanted: readonly string[]; maxBytes: number };
}

const columnsSql = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
         coalesce(to_jsonb(f) ->> 'translate', 'false') not in ('false', '') as translated
  from pg_attribute a
  left join ir_model_fields f on f.model = $2 and f.name = a.attname
  where a.attrelid = to_regclass(quote_ident($1)) and a.attnum > 0 and not a.attisdropped
  order by a.attnum`;

/** Reads a model's table; undefined when the database has none, or one without an `id`. */
export async function readCapturedTable(
  client: Client,
  model: string,
  rules: ColumnRules,
): Promise<CapturedTable | undefined> {
  const table = tableOf(model);
  const { rows } = await client.query<DatabaseColumn>(columnsSql, [table, model]);
  if (!rows.some(({ name }) => name === 'id')) {
    return undefined;
  }
  const wanted = wantedBinary(rows, model, rules);
  const isBinary = rows.some(({ type }) => type === 'bytea');
  const binary = isBinary ? { binary: { wanted, maxBytes: rules.binaryMaxBytes } } : {};
  return capturedTable({ model, table, ...binary }, rows, rules);
}

export async function readRelationTable(
  client: Client,
  { table, pair }: RelationTable,
  rules: ColumnRules,
): Promise<CapturedTable> {
  const { rows } = await client.query<DatabaseColumn>(columnsSql, [table, '']);
  return capturedTable({ model: '', table, pair }, rows, rules);
}

/** What a table is called where others go by their model: a relation table by its own name. */
export function modelOrTable({ model, table }: Pick<CapturedTable, 'model' | 'table'>): string {
  return model === '' ? table : model;
}

function capturedTable(
  named: Pick<CapturedTable, 'model' | 'table' | 'pair' | 'binary'>,
  rows: readonly DatabaseColumn[],
  { deniedColumns }: ColumnRules,
): CapturedTable {
  const columns = new Map<string, CapturedColumn>();
  const isHidden = (column: DatabaseColumn): boolean =>
    named.pair?.includes(column.name) !== true && isDenied(column, modelOrTable(named), deniedColumns);
  const wanted = new Set(named.binary?.wanted);
  for (const row of rows) {
    const captured = isHidden(row) ? undefined : capturedColumn(row);
    const all = wanted.has(row.name) ? binaryColumns(row.name) : captured === undefined ? [] : [captured];
    for (const one of all) {
      columns.set(one.name, one);
    }
  }
  const denied = rows.filter((row) => isHidden(row) && !wanted.has(row.name)).map(({ name }) => name);
  return { ...named, columns, topicColumns: topicColumns(columns.values()), denied };
}

/** DENIED_COLUMNS comes first; a column must not take the place of what is told of another. */
function wantedBinary(rows: readonly DatabaseColumn[], model: string, rules: ColumnRules): string[] {
  const names = new Set(rows.map(({ name }) => name));
  return rows
    .filter(({ name, type }) => type === 'bytea' && isListed(rules.binaryColumns, model, name))
    .map(({ name }) => name)
    .filter((name) => !isListed(rules.deniedColumns, model, name) && !names.has(omittedName(name)));
}

/** Differs when the columns of these tables do; far cheaper than reading them. */
export async function columnsDigest(client: Client, tables: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ digest: string }>(
    `select coalesce(md5(string_agg(concat_ws(' ', attrelid, attnum, attname, atttypid, atttypmod), ','
                                    order by attrelid, attnum)), '') as digest
     from pg_attribute
     where attrelid = any (array(select to_regclass(quote_ident(name)) from unnest($1::text[]) name)::oid[])
       and attnum > 0 and not attisdropped`,
    [tables],
  );
  return rows[0]?.digest ?? '';
}

/**
 * The language whose texts stand in translated columns: that of the main company, en_US where Odoo's tables
 * do not say.
 */
export async function readLanguage(client: Client): Promise<string> {
  const { rows: tables } = await client.query<{ complete: boolean }>(
    `select to_regclass('res_company') is not null and to_regclass('res_partner') is not null as complete`,
  );
  if (tables[0]?.complete !== true) {
    return 'en_US';
  }
  const { rows } = await client.query<{ lang: string | null }>(
    `select to_jsonb(p) ->> 'lang' as lang
     from res_company c join res_partner p on p.id = c.partner_id order by c.id limit 1`,
  );
  return rows[0]?.lang ?? 'en_US';
}
