import type { Client } from 'pg';
import type { PairColumns } from '#libs/change';
import { RelayError } from '#libs/process';

/** Which relation tables are captured: all of the captured models, or these, of whatever model. */
export type RelationTables = 'all' | readonly string[];

/** A table of a many2many field: no model has it, and its key is a pair of ids. */
export interface RelationTable {
  table: string;
  pair: PairColumns;
}

export interface FoundRelations {
  tables: readonly RelationTable[];
  /** Tables whose rows no pair of 32-bit ids tells apart. */
  withoutPair: readonly string[];
}

/** @throws RelayError CONFIG_INVALID */
export function parseRelationTables(given: readonly string[]): RelationTables {
  const [only = 'false', ...more] = given;
  if (more.length === 0 && (only === 'true' || only === 'false')) {
    return only === 'true' ? 'all' : [];
  }
  const bad = given.filter(
    (name) => !/^[a-z_][a-z0-9_$]*$/.test(name) || name === 'true' || name === 'false',
  );
  if (bad.length > 0) {
    throw new RelayError(
      'CONFIG_INVALID',
      `RELATION_TABLES takes true, false or names of tables like sale_order_tag_rel, not ${bad.join(', ')}`,
    );
  }
  return given;
}

/** By jsonb, as old versions of Odoo lack some of these columns. Tables with an id are those of models. */
const relationsSql = `
  select distinct on (relation) relation as table, pair,
         (select count(*) from pg_attribute a
          where a.attrelid = found.oid and a.attname = any (pair) and a.attnotnull
            and a.atttypid in ('int2'::regtype, 'int4'::regtype)) = 2
         and exists (select from pg_index i
                     where i.indrelid = found.oid and i.indisunique and i.indisvalid and i.indpred is null
                       and i.indnkeyatts = 2
                       and (select count(*) from pg_attribute a
                            where a.attrelid = found.oid and a.attname = any (pair) and a.attnum = any (i.indkey)) = 2)
         as "hasPair"
  from (select to_jsonb(f) ->> 'relation_table' as relation,
               array[to_jsonb(f) ->> 'column1', to_jsonb(f) ->> 'column2'] as pair
        from ir_model_fields f where f.ttype = 'many2many' and ($2::text[] is not null or f.model = any ($1))) declared
  join pg_class found on found.oid = to_regclass(quote_ident(relation)) and found.relkind in ('r', 'p')
  where ($2::text[] is null or relation = any ($2))
    and not exists (select from pg_attribute a
                    where a.attrelid = found.oid and a.attname = 'id' and a.attnum > 0 and not a.attisdropped)
  order by relation`;

/** The relation tables that Odoo has declared and made. */
export async function findRelationTables(
  client: Client,
  models: readonly string[],
  wanted: RelationTables,
): Promise<FoundRelations> {
  if (wanted !== 'all' && wanted.length === 0) {
    return { tables: [], withoutPair: [] };
  }
  const { rows } = await client.query<{ table: string; pair: [string, string]; hasPair: boolean }>(
    relationsSql,
    [models, wanted === 'all' ? null : wanted],
  );
  const [tables, others] = [rows.filter(({ hasPair }) => hasPair), rows.filter(({ hasPair }) => !hasPair)];
  return {
    tables: tables.map(({ table, pair }) => ({ table, pair: inOrder(pair) })),
    withoutPair: others.map(({ table }) => table),
  };
}

/** Of their names, as the fields of both models declare the table, each with its own column first. */
function inOrder([first, second]: PairColumns): PairColumns {
  return first < second ? [first, second] : [second, first];
}
