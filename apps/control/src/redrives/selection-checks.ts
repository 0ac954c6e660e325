import type { FieldError } from '../http/problem.js';
import { databaseErrors } from '../subscriptions/subscription-checks.js';
import type { CreateRedriveBody } from './redrive-bodies.js';
import type { Selection } from './selection.js';

export type CheckedSelection =
  { kind: 'selection'; selection: Selection } | { kind: 'wrong'; errors: FieldError[] };

/** What only several fields together, or the configuration, can tell. */
export function checkSelection(body: CreateRedriveBody, databases: readonly string[]): CheckedSelection {
  const from = timeOf('from', body.from);
  const to = timeOf('to', body.to);
  const errors = [
    ...scopeErrors(body),
    ...databaseErrors(body.database, databases),
    ...from.errors,
    ...to.errors,
    ...orderErrors(from.timeMs, to.timeMs),
  ];
  if (errors.length > 0) {
    return { kind: 'wrong', errors };
  }
  const { subscriptionId, database, reason, webhookIds } = body;
  return {
    kind: 'selection',
    selection: {
      ...(subscriptionId === undefined ? {} : { subscriptionId }),
      ...(database === undefined ? {} : { database }),
      ...(from.timeMs === undefined ? {} : { fromMs: from.timeMs }),
      ...(to.timeMs === undefined ? {} : { toMs: to.timeMs }),
      ...(reason === undefined ? {} : { reason }),
      ...(webhookIds === undefined ? {} : { webhookIds }),
    },
  };
}

function scopeErrors({ subscriptionId, database }: CreateRedriveBody): FieldError[] {
  const field = 'subscriptionId';
  if (subscriptionId === undefined && database === undefined) {
    return [
      { field, code: 'missing', message: 'must be given, or database instead: whose letters are meant?' },
    ];
  }
  return subscriptionId !== undefined && database !== undefined
    ? [{ field, code: 'invalid', message: 'must not stand beside database: give one of them' }]
    : [];
}

function orderErrors(fromMs = -Infinity, toMs = Infinity): FieldError[] {
  return fromMs < toMs ? [] : [{ field: 'to', code: 'invalid', message: 'must be later than from' }];
}

const rfc3339 =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

function timeOf(field: string, text: string | undefined): { timeMs?: number; errors: FieldError[] } {
  if (text === undefined) {
    return { errors: [] };
  }
  const [, day] = rfc3339.exec(text) ?? [];
  if (day === undefined || !isDay(day)) {
    const message = 'must be a time with its zone as RFC 3339 has it, e.g. "2026-11-24T08:00:00Z"';
    return { errors: [{ field, code: 'invalid', message }] };
  }
  return { timeMs: Date.parse(text.toUpperCase()), errors: [] };
}

/** The 30th of February would be taken for the 2nd of March. */
function isDay(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}
