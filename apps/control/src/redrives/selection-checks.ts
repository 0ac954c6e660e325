import type { FieldError } from '../http/problem.js';
import { databaseErrors } from '../subscriptions/subscription-checks.js';
import { timeField } from '../http/time-field.js';
import type { CreateRedriveBody } from './redrive-bodies.js';
import type { Selection } from './selection.js';

export type CheckedSelection =
  { kind: 'selection'; selection: Selection } | { kind: 'wrong'; errors: FieldError[] };

/** What only several fields together, or the configuration, can tell. */
export function checkSelection(body: CreateRedriveBody, databases: readonly string[]): CheckedSelection {
  const from = timeField('from', body.from);
  const to = timeField('to', body.to);
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
