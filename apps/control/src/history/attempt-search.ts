import type { DataSource } from 'typeorm';
import type { Principal } from '../access/principal.js';
import { Problem } from '../http/problem.js';
import { isOutOfTime } from '../persistence/postgres-errors.js';
import { controlSchema } from '../persistence/rows.js';
import { SqlConditions, type IndexedColumn } from './sql-conditions.js';
import { addVisible } from './visible-attempts.js';

/** Which attempts are asked for: those to which all of this applies. Times in milliseconds since 1970. */
export interface AttemptFilter {
  subscriptionId?: string | undefined;
  database?: string | undefined;
  record?: string | undefined;
  webhookId?: string | undefined;
  changeId?: string | undefined;
  eventType?: string | undefined;
  outcomes?: readonly string[] | undefined;
  sinceMs?: number | undefined;
  /** This one no more. */
  untilMs?: number | undefined;
}

/** Where an attempt stands in the order of the pages. */
export interface AttemptPlace {
  atMs: number;
  partition: number;
  offset: bigint;
}

/** As it is stored; bigints are texts. */
export interface StoredAttempt {
  at_ms: string;
  topic_partition: number;
  topic_offset: string;
  sequence: string;
  committed_at_ms: string;
  attempt: number;
  duration_ms: number;
  status: number | null;
  outcome: string;
  subscription_id: string;
  database: string;
  event_type: string;
  record: string;
  webhook_id: string;
  change_id: string;
  error: string | null;
  reason: string | null;
  redrive: string | null;
  response: string | null;
  erased: boolean;
  /** That was asked. Where the attempt does not say which, that of its subscription now; null where neither is known. */
  url: string | null;
}

const columns =
  'at_ms, topic_partition, topic_offset, sequence, committed_at_ms, attempt, duration_ms, status, outcome, ' +
  'subscription_id, database, event_type, record, webhook_id, change_id, error, reason, redrive, response, erased, ' +
  'url_hash';
const latestFirst = 'ORDER BY at_ms DESC, topic_partition DESC, topic_offset DESC';

/** Reads the history. */
export class AttemptSearch {
  constructor(private readonly dataSource: DataSource) {}

  /** Those behind `after`, the latest first. @throws Problem where it takes too long */
  async page(
    by: Principal,
    filter: AttemptFilter,
    { after, limit }: { after: AttemptPlace | undefined; limit: number },
  ): Promise<StoredAttempt[]> {
    const conditions = conditionsOf(by, filter);
    if (after !== undefined) {
      // The first alone says which days need not be looked at.
      conditions.add('at_ms <= ?', after.atMs);
      const place = [after.atMs, after.partition, String(after.offset)].map((part) =>
        conditions.parameter(part),
      );
      conditions.addText(`(at_ms, topic_partition, topic_offset) < (${place.join(', ')})`);
    }
    const found = isOfFew(conditions) ? among(conditions, filter, limit) : byKind(conditions, filter, limit);
    const searching: Promise<StoredAttempt[]> = this.dataSource.query(
      `SELECT found.*, coalesce(asked.url, subscription.url) AS url FROM (${found}) found
       LEFT JOIN ${controlSchema}.subscription_urls asked
         ON asked.subscription_id = found.subscription_id AND asked.url_hash = found.url_hash
       LEFT JOIN ${controlSchema}.subscriptions subscription
         ON subscription.id = found.subscription_id AND found.url_hash IS NULL
       ${latestFirst}`,
      conditions.parameters,
    );
    return searching.catch((error: unknown) => {
      throw isOutOfTime(error) ? tooMany() : error;
    });
  }
}

/** Where what is asked for together is rare, and each alone is frequent. */
function tooMany(): Problem {
  const message =
    'must be given: without it more attempts have to be looked at than there is time for; or name a subscription';
  return Problem.ofFields([{ field: 'since', code: 'too_many', message }]);
}

export function conditionsOf(by: Principal, filter: AttemptFilter): SqlConditions {
  const conditions = new SqlConditions()
    .addEqual('subscription_id', filter.subscriptionId)
    .addEqual('database', filter.database)
    .addEqual('record', filter.record)
    .addEqual('webhook_id', filter.webhookId)
    .addEqual('change_id', filter.changeId)
    .addEqual('event_type', filter.eventType)
    .add('at_ms >= ?', filter.sinceMs)
    .add('at_ms < ?', filter.untilMs);
  addVisible(conditions, by);
  return conditions;
}

const ofFew: readonly (IndexedColumn | undefined)[] = ['webhook_id', 'record', 'change_id'];

/** A record, a delivery or a change has so few attempts that they can all be looked at. */
function isOfFew({ by }: SqlConditions): boolean {
  return ofFew.includes(by);
}

function among(conditions: SqlConditions, { outcomes }: AttemptFilter, limit: number): string {
  conditions.add('outcome = ANY(?::text[])', outcomes);
  return `SELECT ${columns} FROM ${controlSchema}.attempts WHERE ${conditions.sql}
          ${latestFirst} LIMIT ${conditions.parameter(limit)}`;
}

/**
 * So many of each outcome, and of these the latest: the index of each has them in this order, so that a few that
 * are dead are found among millions that were delivered. Where nothing else is asked for, of each database's.
 */
function byKind(conditions: SqlConditions, { outcomes }: AttemptFilter, limit: number): string {
  const isOfAll = conditions.by === undefined;
  const asked = outcomes === undefined ? 'true' : `outcome = ANY(${conditions.parameter(outcomes)}::text[])`;
  const kind = isOfAll ? 'database, outcome' : 'DISTINCT outcome';
  const most = conditions.parameter(limit);
  return `SELECT latest.* FROM (
            SELECT ${kind} FROM ${controlSchema}.attempt_kinds WHERE ${asked}
          ) kind CROSS JOIN LATERAL (
            SELECT ${columns} FROM ${controlSchema}.attempts
            WHERE attempts.outcome = kind.outcome ${isOfAll ? 'AND attempts.database = kind.database' : ''}
              AND ${conditions.sql} ${latestFirst} LIMIT ${most}
          ) latest ${latestFirst} LIMIT ${most}`;
}
