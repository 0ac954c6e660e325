import { tableOf, declaredParts, declaredTexts, type DeclaredPart, type RelatedText } from '#libs/change';
import type { CapturedTable } from './captured-tables.js';
import { literal, quoted, rowOf } from './row-sql.js';
import { seenBy, unseenBy } from './snapshot.js';
import type { Unread } from './outbox-sql.js';

/** Tables by name: those of the captured models, of declared parts and of what these point to. */
export type KnownTables = ReadonlyMap<string, CapturedTable>;

/** The parts of a whole that this database has. */
export function partsOf(table: string, tables: KnownTables): DeclaredPart[] {
  return declaredParts.filter(({ whole, part }) => tableOf(whole) === table && tables.has(tableOf(part)));
}

/** Whether records of a table have related ones to include. */
export function hasIncluded(table: string, tables: KnownTables): boolean {
  return partsOf(table, tables).length > 0 || textsOf(table, tables).length > 0;
}

function textsOf(table: string, tables: KnownTables): RelatedText[] {
  return declaredTexts
    .filter(({ model }) => tableOf(model) === table)
    .flatMap(({ model, related }) => knownRelated(model, related, tables));
}

/**
 * `included` of the records $1, as the snapshot has them: an object with one array for each declared relation, and
 * the texts of what the record points to.
 */
export function includedSql(table: string, tables: KnownTables, language: string): string {
  const relations = partsOf(table, tables).map((part) => {
    const related = knownRelated(part.part, part.related, tables);
    const columns = tables.get(tableOf(part.part))?.columns;
    const sort = part.order
      .filter((column) => columns?.has(column) === true)
      .map((column) => `part.${quoted(column)}`)
      .join(', ');
    return `${literal(part.field)}, coalesce((
      select jsonb_agg(${rowOf('part', tables.get(tableOf(part.part)))} || ${textsObject(related, tables, language)}
                       order by ${sort})
      from ${quoted(tableOf(part.part))} part ${joins(related, 'part')}
      where part.${quoted(part.link)} = wanted.id), '[]')`;
  });
  const texts = textsOf(table, tables);
  return `select wanted.id::text as "recordId",
                 (${textsObject(texts, tables, language)} || jsonb_build_object(${relations.join(', ')}))::text as included
          from unnest($1::bigint[]) wanted (id)
          left join ${quoted(table)} whole on whole.id = wanted.id ${joins(texts, 'whole')}`;
}

/**
 * The rows of wholes ($1 ids, $2 sequences) as they were after all that stands before these sequences in the
 * topic: what the next change of the record found, else what the table holds. Rows of one record are written by
 * one transaction after the other, as its lock goes from one to the next: so the first row of the next change is
 * the one behind the last row of another transaction. Each step is one look into an index.
 */
export function wholeRowSql(table: string, tables: KnownTables, unread: Unread): string {
  const later = unread.to === null ? '' : `or not ${seenBy(unread.to)}`;
  const ofRecord = (row: string): string =>
    `${row}.relation = ${literal(table)} and ${row}.record_id = wanted.id`;
  return `
select wanted.id::text as "recordId", wanted.sequence::text, coalesce(
  (select (
     select first.before from relay.outbox first
     where ${ofRecord('first')} and first.sequence > coalesce((
       select other.sequence from relay.outbox other
       where ${ofRecord('other')} and other.sequence < next.sequence and other.xact <> next.xact
       order by other.sequence desc limit 1), 0)
     order by first.sequence limit 1)
   from (
     select next.sequence, next.xact from relay.outbox next
     where ${ofRecord('next')} and ${unseenBy(unread.from)} and (next.sequence > wanted.sequence ${later})
     order by next.sequence limit 1
   ) next),
  (select ${rowOf('whole', tables.get(table))} from ${quoted(table)} whole where whole.id = wanted.id)
)::text as row
from unnest($1::bigint[], $2::bigint[]) wanted (id, sequence)`;
}

function textsObject(related: readonly RelatedText[], tables: KnownTables, language: string): string {
  const pairs = related.map((one) => {
    const last = one.path.at(-1);
    const column = last === undefined ? undefined : tables.get(tableOf(last.model))?.columns.get(one.text);
    const value = `${aliasOf(one, one.path.length)}.${quoted(one.text)}`;
    const text =
      column?.translations === undefined
        ? `${value}::text`
        : `coalesce(${value} ->> ${literal(language)}, ${value} ->> 'en_US')`;
    return `${literal(one.name)}, ${text}`;
  });
  return `jsonb_build_object(${pairs.join(', ')})`;
}

/** `start`: the alias of the table from which the paths go out. */
function joins(related: readonly RelatedText[], start: string): string {
  return related
    .flatMap((one) =>
      one.path.map(({ column, model }, step) => {
        const alias = aliasOf(one, step + 1);
        const from = step === 0 ? start : aliasOf(one, step);
        return `left join ${quoted(tableOf(model))} ${alias} on ${alias}.id = ${from}.${quoted(column)}`;
      }),
    )
    .join(' ');
}

/** Those whose tables and columns this database has. */
function knownRelated(model: string, related: readonly RelatedText[], tables: KnownTables): RelatedText[] {
  return related.filter(({ path, text }) => {
    const columns = [...path.map(({ column }) => column), text];
    const owners = [tableOf(model), ...path.map((step) => tableOf(step.model))];
    return owners.every((owner, step) => tables.get(owner)?.columns.has(columns[step] ?? '') === true);
  });
}

function aliasOf(related: RelatedText, step: number): string {
  return quoted(`${related.name}_${step}`);
}
