import type { Column } from '#libs/change';
import { isEvent } from './event-type.js';
import { eventTypeOf, type Listener } from './listener.js';
import type { Subject } from './subject.js';

type Columns = ReadonlyMap<string, Column>;

/** Whether a change is for a subscription, and what decided that. */
export interface Explanation {
  matches: boolean;
  /** The event type that names its delivery. */
  eventType: string | null;
  decidedBy: readonly Reason[];
}

/** `filter`: at `position` of the domain, where the record had `found`. */
export type Reason =
  | { part: 'eventTypes' | 'fieldChanges' | 'companyId'; message: string }
  | { part: 'filter'; position: string; holds: boolean; found: unknown };

/**
 * The same steps as the router's, one after the other, so that the first that says no is told.
 * @throws RelayError FILTER_NOT_APPLICABLE, VALUE_NOT_REPRESENTABLE
 */
export function explain(listener: Listener, subject: Subject, columns: Columns): Explanation {
  const { change } = subject;
  if (!isEvent(change)) {
    return no(
      'eventTypes',
      'it changed nothing but who wrote last and when, or is a row as a load has read it',
    );
  }
  const eventType = eventTypeOf(listener, subject, columns);
  const wishes = listener.byModel.get(change.source.model);
  if (eventType === undefined || wishes === undefined) {
    const wanted = listener.subscription.eventTypes.join(', ');
    return no('eventTypes', `the change (${change.source.model}, ${change.op}) bears none of ${wanted}`);
  }
  if (!listener.wantsCompany(change)) {
    return no('companyId', `the record belongs to company ${String(change.source.company_id)}`);
  }
  if (!listener.wantsFieldChange(subject, columns)) {
    return no(
      'fieldChanges',
      `none of them happened; changed are ${change.changed?.join(', ') ?? 'all fields'}`,
    );
  }
  const decision = wishes.filter?.explain(subject, columns);
  return {
    matches: decision?.holds !== false,
    eventType,
    decidedBy: decision?.decidedBy.map((deciding) => ({ part: 'filter', ...deciding })) ?? [],
  };
}

function no(part: 'eventTypes' | 'fieldChanges' | 'companyId', message: string): Explanation {
  return { matches: false, eventType: null, decidedBy: [{ part, message }] };
}
