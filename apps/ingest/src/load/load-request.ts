import type { Client } from 'pg';

/** Why a load is wanted; what `relay.load_request` allows. */
export type LoadReason = 'requested' | 'installed' | 'truncated' | 'gap' | 'resumed' | 'schema';

/** A row of `relay.load_request` that is not finished. */
export interface LoadRequest {
  id: string;
  /** The table's name. */
  relation: string;
  reason: LoadReason;
  /** Whether only some records are wanted. */
  ofSomeIds: boolean;
}

export interface WantedLoad {
  /** The table's name, e.g. `sale_order`. */
  relation: string;
  /** Without them the whole table is loaded, and records that only the topic has are deleted in it. */
  recordIds?: readonly (bigint | number | string)[];
  /** By default 'requested'. */
  reason?: LoadReason;
}

/** Asks for a load; ingest sees it within a second. Gives the request's id. */
export async function requestLoad(client: Client, wanted: WantedLoad): Promise<string> {
  const { relation, recordIds, reason = 'requested' } = wanted;
  const { rows } = await client.query<{ id: string }>(
    `insert into relay.load_request (relation, record_ids, reason)
     values ($1, $2::bigint[], $3) returning id::text`,
    [relation, recordIds?.map(String) ?? null, reason],
  );
  return rows[0]?.id ?? '';
}

/** Asks for the tables that were never loaded since the capture was installed. */
export async function requestFirstLoads(client: Client, relations: readonly string[]): Promise<void> {
  await client.query(
    `insert into relay.load_request (relation, reason)
     select relation, 'installed' from unnest($1::text[]) with ordinality wanted (relation, place)
     where not exists (select from relay.load_request earlier
                       where earlier.relation = wanted.relation and earlier.reason = 'installed')
     order by place`,
    [relations],
  );
}

/** The oldest that is not finished. */
export async function nextRequest(client: Client): Promise<LoadRequest | undefined> {
  const { rows } = await client.query<LoadRequest>(
    `select id::text, relation, reason, record_ids is not null as "ofSomeIds"
     from relay.load_request where finished_at is null order by id limit 1`,
  );
  return rows[0];
}

/** Gives the number of rows that are expected. */
export async function startRequest(client: Client, { id, relation }: LoadRequest): Promise<number> {
  const { rows } = await client.query<{ estimate: string }>(
    `update relay.load_request set started_at = coalesce(started_at, clock_timestamp()),
       rows_estimated = coalesce(cardinality(record_ids), (
         select reltuples::bigint from pg_class where oid = to_regclass(quote_ident($2)) and reltuples >= 0))
     where id = $1 returning coalesce(rows_estimated, -1)::text as estimate`,
    [id, relation],
  );
  const estimate = Number(rows[0]?.estimate ?? 0);
  return estimate >= 0 ? estimate : countRows(client, id, relation);
}

/** Of a table that Postgres has never counted. */
async function countRows(client: Client, id: string, relation: string): Promise<number> {
  const { rows } = await client.query<{ estimate: string }>(
    `update relay.load_request set rows_estimated = (select count(*) from ${client.escapeIdentifier(relation)})
     where id = $1 returning rows_estimated::text as estimate`,
    [id],
  );
  return Number(rows[0]?.estimate ?? 0);
}

/** False when somebody has finished or removed the request meanwhile: it is to be dropped. */
export async function noteProgress(client: Client, id: string, rowsDone: bigint): Promise<boolean> {
  const { rowCount } = await client.query(
    'update relay.load_request set rows_done = $2 where id = $1 and finished_at is null',
    [id, rowsDone.toString()],
  );
  return rowCount === 1;
}

/** `problem` says why it could not be done. */
export async function finishRequest(
  client: Client,
  id: string,
  rowsDone: bigint,
  problem: string | null = null,
): Promise<void> {
  await client.query(
    `update relay.load_request set finished_at = clock_timestamp(), rows_done = $2, problem = $3
     where id = $1 and finished_at is null`,
    [id, rowsDone.toString(), problem],
  );
}
