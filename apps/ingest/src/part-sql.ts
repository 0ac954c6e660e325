import { tableOf } from '#libs/change';
import type { CapturedTable } from './captured-tables.js';
import { declaredParts, type DeclaredPart, type RelatedText } from './declared-parts.js';
import { seenBy, unseenBy } from './snapshot.js';
import type { Unread } from './outbox-sql.js';

/** Tables by name: those of the captured models, of declared parts and of what these point to. */
export type KnownTables = ReadonlyMap<string, CapturedTable>;

/** The parts of a whole that this database has. */
export function partsOf(table: string, tables: KnownTables): DeclaredPart[] {
  return declaredParts.filter(({ whole, part }) => tableOf(whole) === table && tables.has(tableOf(part)));
}

/** `included` of the records $1: an object of one array for each declared relation, as the snapshot has them. */
export function includedSql(table: string, tables: KnownTables, language: string): string {
  const relations = partsOf(table, tables).map((part) => {
    const sort = part.order.map((column) => `part.${quoted(column)}`).join(', ');
    return `${literal(part.field)}, coalesce((
      select jsonb_agg(${rowOf('part', tables.get(tableOf(part.part)))} ${relatedObject(part, tables, language)}
                       order by ${sort})
      from ${quoted(tableOf(part.part))} part ${relatedJoins(part, tables)}
      where part.${quoted(part.link)} = wanted.id), '[]')`;
  });
  return `select wanted.id::text as "recordId", jsonb_build_object(${relations.join(', ')})::text as included
          from unnest($1::bigint[]) wanted (id)`;
}

/**
 * The rows of wholes ($1 ids, $2 sequences) as they were after all that stands before these sequences in the
 * topic: what the next change of the record found, else what the table holds.
 */
export function wholeRowSql(table: string, tables: KnownTables, unread: Unread): string {
  const later = unread.to === null ? '' : `or not ${seenBy(unread.to)}`;
  return `
select wanted.id::text as "recordId", wanted.sequence::text, coalesce(
  (select found.before
   from relay.outbox next
   cross join lateral (
     select before from relay.outbox first
     where first.relation = ${literal(table)} and first.record_id = wanted.id and first.xact = next.xact
     order by first.sequence limit 1
   ) found
   where next.relation = ${literal(table)} and next.record_id = wanted.id and ${unseenBy(unread.from)}
     and (next.sequence > wanted.sequence ${later})
   order by next.sequence limit 1),
  (select ${rowOf('whole', tables.get(table))} from ${quoted(table)} whole where whole.id = wanted.id)
)::text as row
from unnest($1::bigint[], $2::bigint[]) wanted (id, sequence)`;
}

function rowOf(alias: string, table: CapturedTable | undefined): string {
  const denied = table?.denied ?? [];
  return denied.length === 0
    ? `to_jsonb(${alias})`
    : `(to_jsonb(${alias}) - array[${denied.map(literal).join(', ')}]::text[])`;
}

function relatedObject(part: DeclaredPart, tables: KnownTables, language: string): string {
  const pairs = knownRelated(part, tables).map((related) => {
    const last = related.path.at(-1);
    const column =
      last === undefined ? undefined : tables.get(tableOf(last.model))?.columns.get(related.text);
    const value = `${aliasOf(related, related.path.length)}.${quoted(related.text)}`;
    const text =
      column?.translations === undefined
        ? `${value}::text`
        : `coalesce(${value} ->> ${literal(language)}, ${value} ->> 'en_US')`;
    return `${literal(related.name)}, ${text}`;
  });
  return pairs.length === 0 ? '' : `|| jsonb_build_object(${pairs.join(', ')})`;
}

function relatedJoins(part: DeclaredPart, tables: KnownTables): string {
  return knownRelated(part, tables)
    .flatMap((related) =>
      related.path.map(({ column, model }, step) => {
        const alias = aliasOf(related, step + 1);
        const from = step === 0 ? 'part' : aliasOf(related, step);
        return `left join ${quoted(tableOf(model))} ${alias} on ${alias}.id = ${from}.${quoted(column)}`;
      }),
    )
    .join(' ');
}

/** Those whose tables and columns this database has. */
function knownRelated(part: DeclaredPart, tables: KnownTables): RelatedText[] {
  return part.related.filter(({ path, text }) => {
    const columns = [...path.map(({ column }) => column), text];
    const owners = [tableOf(part.part), ...path.map(({ model }) => tableOf(model))];
    return owners.every((owner, step) => tables.get(owner)?.columns.has(columns[step] ?? '') === true);
  });
}

function aliasOf(related: RelatedText, step: number): string {
  return quoted(`${related.name}_${step}`);
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
