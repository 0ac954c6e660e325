import type { EntityManager } from 'typeorm';
import { controlSchema } from '../persistence/rows.js';

/** An attempt in the order of the history: when it was, its partition and its offset. */
type Place = readonly [atMs: string, partition: number, offset: string];

/** Up to where an erasure is. */
export interface ErasureProgress {
  /** Which of the records, counted from 0. */
  record: number;
  /** Outcomes are taken by name; empty before the first one. */
  outcome: string;
  /** The last attempt that was looked at; null where all of this outcome were. */
  place: Place | null;
}

export interface Erased {
  database: string;
  records: readonly string[];
  /** What was committed in Odoo after this time stays. */
  at: Date;
  progress: ErasureProgress;
}

export interface Slice {
  attempts: number;
  /** Where the next one begins; undefined after the last one. */
  next?: ErasureProgress;
}

export const fromTheBeginning: ErasureProgress = { record: 0, outcome: '', place: null };

/** Some of the attempts, at one place in the order of their index. */
interface Range {
  records: readonly string[];
  outcome?: string;
  /** Behind this one. */
  after?: Place | null;
  /** Up to this one. */
  last?: Place | undefined;
}

const table = `${controlSchema}.attempts`;
const order = '(at_ms, topic_partition, topic_offset)';

/**
 * Looks at no more than `rows` attempts. In general these are all; where there are more, it walks along the index of
 * the attempts of a record, outcome by outcome, so that none is looked at twice.
 */
export async function eraseSlice(manager: EntityManager, erased: Erased, rows: number): Promise<Slice> {
  const { records, progress } = erased;
  const left = records.slice(progress.record);
  if (progress.outcome === '' && (await areFew(manager, left, rows))) {
    return { attempts: await erase(manager, erased, { records: left }) };
  }
  const outcome = progress.place === null ? await outcomeAfter(manager, erased) : progress.outcome;
  if (outcome === undefined) {
    const record = progress.record + 1;
    return { attempts: 0, ...(record < records.length && { next: { ...fromTheBeginning, record } }) };
  }
  const range = { records: left.slice(0, 1), outcome, after: progress.place };
  const last = await lastOf(manager, range, rows);
  const attempts = await erase(manager, erased, { ...range, last });
  return { attempts, next: { ...progress, outcome, place: last ?? null } };
}

async function areFew(manager: EntityManager, records: readonly string[], rows: number): Promise<boolean> {
  const [found] = await manager.query<{ count: number }[]>(
    `SELECT count(*)::integer AS count
     FROM (SELECT FROM ${table} WHERE record = ANY($1::text[]) LIMIT $2) AS attempt`,
    [records, rows + 1],
  );
  return (found?.count ?? 0) <= rows;
}

async function outcomeAfter(
  manager: EntityManager,
  { database, progress }: Erased,
): Promise<string | undefined> {
  const [found] = await manager.query<{ outcome: string }[]>(
    `SELECT outcome FROM ${controlSchema}.attempt_kinds WHERE database = $1 AND outcome > $2
     ORDER BY outcome LIMIT 1`,
    [database, progress.outcome],
  );
  return found?.outcome;
}

/** The one behind which the next slice begins; undefined where there are fewer. */
async function lastOf(manager: EntityManager, range: Range, rows: number): Promise<Place | undefined> {
  const parameters: unknown[] = [];
  const [found] = await manager.query<{ at_ms: string; topic_partition: number; topic_offset: string }[]>(
    `SELECT at_ms, topic_partition, topic_offset FROM ${table} WHERE ${within(range, parameters)}
     ORDER BY at_ms DESC, topic_partition DESC, topic_offset DESC
     OFFSET $${String(parameters.push(rows - 1))} LIMIT 1`,
    parameters,
  );
  return found && [found.at_ms, found.topic_partition, found.topic_offset];
}

async function erase(manager: EntityManager, { database, at }: Erased, range: Range): Promise<number> {
  const parameters: unknown[] = [];
  const [, count] = await manager.query<[unknown, number]>(
    // An expression has no index: the one of the records is to be used.
    `UPDATE ${table} SET response = NULL, error = NULL, erased = true
     WHERE ${within(range, parameters)} AND NOT erased
       AND database || '' = $${String(parameters.push(database))}
       AND committed_at_ms <= $${String(parameters.push(at.getTime()))}`,
    parameters,
  );
  return count;
}

/** SQL; its parameters come behind those that are there. */
function within({ records, outcome, after, last }: Range, parameters: unknown[]): string {
  const add = (value: unknown): string => `$${String(parameters.push(value))}`;
  const place = (one: Place): string => `(${one.map(add).join(', ')})`;
  return [
    `record = ANY(${add(records)}::text[])`,
    ...(outcome === undefined ? [] : [`outcome = ${add(outcome)}`]),
    // The time alone says which days need not be looked at.
    ...(after ? [`at_ms <= ${add(after[0])}`, `${order} < ${place(after)}`] : []),
    ...(last ? [`at_ms >= ${add(last[0])}`, `${order} >= ${place(last)}`] : []),
  ].join(' AND ');
}
