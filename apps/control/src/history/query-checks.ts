import { timeField } from '../http/time-field.js';
import { requireNone, type FieldError } from '../http/problem.js';
import { databaseErrors } from '../subscriptions/subscription-checks.js';
import type { ListAttemptsQuery, StatisticsQuery } from './attempt-queries.js';
import type { AttemptFilter, AttemptPlace } from './attempt-search.js';
import { dayMs } from './kept-days.js';
import { maxSteps, stepNames, stepsIn, type StatisticsPeriod } from './statistics.js';

/** @throws Problem */
export function filterOf(query: ListAttemptsQuery, databases: readonly string[]): AttemptFilter {
  const since = timeField('since', query.since);
  const until = timeField('until', query.until);
  requireNone([
    ...databaseErrors(query.database, databases),
    ...since.errors,
    ...until.errors,
    ...orderErrors(since.timeMs, until.timeMs),
  ]);
  const { subscriptionId, database, record, webhookId, changeId, eventType, outcome } = query;
  return {
    ...{ subscriptionId, database, record, webhookId, changeId, eventType },
    outcomes: outcome && [...new Set(outcome)],
    sinceMs: since.timeMs,
    untilMs: until.timeMs,
  };
}

/** @throws Problem */
export function periodOf(query: StatisticsQuery, nowMs: number): StatisticsPeriod {
  const since = timeField('since', query.since);
  const until = timeField('until', query.until);
  requireNone([...since.errors, ...until.errors]);
  const untilMs = until.timeMs ?? nowMs;
  const sinceMs = since.timeMs ?? untilMs - dayMs;
  const period = { sinceMs, untilMs, step: query.step ?? '1h' };
  requireNone(orderErrors(sinceMs, untilMs));
  const count = stepsIn(period);
  if (count > maxSteps) {
    const larger = stepNames.find((step) => stepsIn({ ...period, step }) <= maxSteps);
    const message = `makes ${String(count)} steps, more than ${String(maxSteps)}: ask for a shorter time${larger === undefined ? '' : ` or "${larger}"`}`;
    requireNone([{ field: 'step', code: 'too_many', message }]);
  }
  return period;
}

/** Where this one stands, as a cursor has it. */
export function placeTextOf({
  at_ms,
  topic_partition,
  topic_offset,
}: {
  at_ms: string;
  topic_partition: number;
  topic_offset: string;
}): string {
  return `${at_ms}-${String(topic_partition)}-${topic_offset}`;
}

export function placeOf(cursor: string | undefined): AttemptPlace | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  const [atMs = '', partition = '', offset = ''] = cursor.split('-');
  return { atMs: Number(atMs), partition: Number(partition), offset: BigInt(offset) };
}

function orderErrors(sinceMs = -Infinity, untilMs = Infinity): FieldError[] {
  return sinceMs < untilMs ? [] : [{ field: 'until', code: 'invalid', message: 'must be later than since' }];
}
