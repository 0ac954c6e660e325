import { tableOf, declaredParts } from '#libs/change';
import { seenBy, unseenBy, type Snapshot } from './snapshot.js';

/** What of the outbox is to be read: what `from` did not see and `to` did (null: all that can be seen now). */
export interface Unread {
  from: Snapshot;
  to: Snapshot | null;
  /** Only joined changes that end after this sequence. */
  afterSequence: bigint;
}

/** `part` relation -> how it names its whole, as rows of SQL. */
const partsSql = declaredParts
  .map(({ whole, field, part, link }) => `('${tableOf(part)}', '${link}', '${tableOf(whole)}', '${field}')`)
  .join(', ');

/**
 * The net changes of each record in each transaction, in the order of their last writes:
 * - `unread`: the rows, without their contents.
 * - `net`: the rows of one record in one transaction joined; created and deleted is nothing.
 * - `links`: for net changes of parts, the wholes they belonged to before and belong to after.
 * - `wholes`: one for each transaction and whole, at the sequence of the last change of its parts.
 * A whole that changed itself in that transaction is told which relations changed (`own_fields`); one that did
 * not goes with the part's row (`wholes`), so that a page is never cut between the two. Contents are read last,
 * row by row as they are fetched, so that a large backlog is sorted without them.
 */
export function unreadSql(unread: Unread): string {
  const seen = unread.to === null ? '' : `and ${seenBy(unread.to)}`;
  return `
with unread as materialized (
  select sequence, xact, relation, model, record_id, before is null as created, after is null as deleted
  from relay.outbox where ${unseenBy(unread.from)} ${seen}
), net as materialized (
  select *, row_number() over (partition by xact order by last) as ordinal,
         count(*) over (partition by xact) as total
  from (
    select xact, relation, model, record_id, min(sequence) as first, max(sequence) as last
    from unread group by xact, relation, model, record_id
    having min(sequence) is distinct from min(sequence) filter (where created)
        or max(sequence) is distinct from max(sequence) filter (where deleted)
  ) joined
), links as (
  select net.xact, declared.whole, declared.field, linked.whole_id, net.last, linked.is_left
  from net join (values ${partsSql}) declared (part, link, whole, field) on declared.part = net.relation
  cross join lateral (
    select (select (before ->> declared.link)::bigint from relay.outbox where sequence = net.first) as old_id,
           (select (after ->> declared.link)::bigint from relay.outbox where sequence = net.last) as new_id
    offset 0
  ) ids
  cross join lateral (
    values (ids.new_id, false), (nullif(ids.old_id, ids.new_id), ids.new_id is not null)
  ) linked (whole_id, is_left)
  where linked.whole_id is not null
), wholes as (
  select xact, whole, whole_id, max(last) as last, array_agg(distinct field) as fields,
         (array_agg(is_left order by last desc))[1] as is_left
  from links group by xact, whole, whole_id
), with_own as (
  select wholes.*, net.last as own_last
  from wholes left join net
    on net.xact = wholes.xact and net.relation = wholes.whole and net.record_id = wholes.whole_id
), parts_only as (
  select last, json_agg(json_build_object('table', whole, 'recordId', whole_id::text, 'fields', fields,
                                          'isLeft', is_left)) as wholes
  from with_own where own_last is null group by last
)
select last::text as sequence, xact::text as xact, relation as "table", model, record_id::text as "recordId",
       ordinal::text, total::text,
       (select before from relay.outbox where sequence = ordered.first)::text as before,
       (select after from relay.outbox where sequence = ordered.last)::text as after,
       own_fields as "ownFields", wholes
from (
  select net.*, own.fields as own_fields, parts_only.wholes
  from net
  left join with_own own on own.own_last = net.last
  left join parts_only on parts_only.last = net.last
  where net.last > ${unread.afterSequence.toString()}
  order by net.last offset 0
) ordered`;
}
