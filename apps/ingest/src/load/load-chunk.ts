import type { Client } from 'pg';
import type { CapturedTable } from '../captured-tables.js';
import { afterIdSql, hasIdSql, idOrderSql, idSql } from '../record-id.js';
import { quoted, rowOf } from '../row-sql.js';
import { idSetOf, type IdSet } from './id-set.js';
import type { LoadRequest } from './load-request.js';

export interface ChunkLimits {
  maxRows: number;
  maxBytes: number;
}

/** A row as the snapshot has it. */
export interface LoadedRow {
  recordId: string;
  /** JSON text. */
  row: string;
}

export interface Chunk {
  rows: readonly LoadedRow[];
  /** The last id that was looked at. */
  afterId: bigint | null;
  isLast: boolean;
}

const firstFetchRows = 20;

/** The next rows in the order of their ids, as many as fit the limits. Runs in the reader's transaction. */
export async function readChunk(
  client: Client,
  table: CapturedTable,
  request: LoadRequest,
  afterId: bigint | null,
  limits: ChunkLimits,
): Promise<Chunk> {
  const sql = request.ofSomeIds ? someRowsSql(table, request, afterId) : allRowsSql(table, afterId);
  await client.query(`declare loaded no scroll cursor for ${sql} limit ${limits.maxRows}`);
  const rows: LoadedRow[] = [];
  let [seen, bytes, wanted] = [0, 0, Math.min(firstFetchRows, limits.maxRows)];
  let last = afterId;
  let isEnd = false;
  while (!isEnd && seen < limits.maxRows && bytes < limits.maxBytes) {
    const fetched = await client.query<{ recordId: string; row: string | null }>(
      `fetch forward ${wanted} from loaded`,
    );
    for (const { recordId, row } of fetched.rows) {
      last = BigInt(recordId);
      if (row !== null) {
        rows.push({ recordId, row });
        bytes += row.length;
      }
    }
    seen += fetched.rows.length;
    isEnd = fetched.rows.length < wanted;
    // As many as are likely to fit: rows with large texts are fetched a few at a time.
    const rowBytes = Math.max(1, bytes / Math.max(1, seen));
    wanted = Math.max(1, Math.min(limits.maxRows - seen, Math.floor((limits.maxBytes - bytes) / rowBytes)));
  }
  await client.query('close loaded');
  return { rows, afterId: last, isLast: isEnd && seen < limits.maxRows };
}

function allRowsSql(table: CapturedTable, afterId: bigint | null): string {
  const after = afterId === null ? '' : `where ${afterIdSql('t', table, afterId)}`;
  return `select ${idSql('t', table)}::text as "recordId", ${rowOf('t', table)}::text as row
    from ${quoted(table.table)} t ${after} order by ${idOrderSql('t', table)}`;
}

/** Of ids that the table does not have the row is null. */
function someRowsSql(table: CapturedTable, request: LoadRequest, afterId: bigint | null): string {
  const after = afterId === null ? '' : `and id > ${afterId.toString()}`;
  return `select wanted.id::text as "recordId", ${rowOf('t', table)}::text as row
    from (select distinct id from ${wantedIdsSql(request)} where id is not null ${after}) wanted
    left join ${quoted(table.table)} t on ${hasIdSql('t', table, 'wanted.id')} order by wanted.id`;
}

/** All ids that are asked for. */
export async function wantedIds(client: Client, table: CapturedTable, request: LoadRequest): Promise<IdSet> {
  const { rows } = await client.query<{ id: string }>(
    `select id::text as id from ${wantedIdsSql(request)} where id is not null`,
  );
  const wanted = idSetOf(table);
  for (const { id } of rows) {
    wanted.add(BigInt(id));
  }
  return wanted;
}

function wantedIdsSql({ id }: LoadRequest): string {
  return `unnest((select record_ids from relay.load_request where id = ${id})) asked (id)`;
}

/** Those of the ids that the table does not have. */
export async function missingIds(
  client: Client,
  table: CapturedTable,
  ids: readonly bigint[],
): Promise<bigint[]> {
  const { rows } = await client.query<{ id: string }>(
    `select wanted.id::text as id from unnest($1::bigint[]) wanted (id)
     where not exists (select from ${quoted(table.table)} t where ${hasIdSql('t', table, 'wanted.id')})
     order by wanted.id`,
    [ids.map(String)],
  );
  return rows.map(({ id }) => BigInt(id));
}

/**
 * Whether the table is still stored where the transaction's snapshot saw it. After a TRUNCATE, an ALTER that
 * rewrites, or a DROP, an older snapshot finds the table empty: what is read then is wrong. The functions look at
 * what is, the row of pg_class is as the snapshot sees it. To be asked after the table was read, as the lock of the
 * reading keeps it as it is.
 */
export async function isAsSeen(client: Client, table: CapturedTable): Promise<boolean> {
  const { rows } = await client.query<{ same: boolean }>(
    `select relfilenode = pg_relation_filenode(oid::regclass) as same
     from pg_class where oid = to_regclass(quote_ident($1))`,
    [table.table],
  );
  return rows[0]?.same === true;
}
