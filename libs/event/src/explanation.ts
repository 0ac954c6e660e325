import type { Change, Column } from '#libs/change';
import { isEvent } from './event-type.js';
import { eventTypeOf, type Listener, type Part } from './listener.js';
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
 * What the router decides of a change, and why.
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
  const part = eventType === undefined ? 'eventTypes' : listener.refusedBy(subject, columns);
  if (part !== undefined && part !== 'filter') {
    return no(part, messages[part](change, listener));
  }
  const decision = listener.byModel.get(change.source.model)?.filter?.explain(subject, columns);
  return {
    matches: part === undefined,
    eventType: eventType ?? null,
    decidedBy: decision?.decidedBy.map((deciding) => ({ part: 'filter', ...deciding })) ?? [],
  };
}

type WithMessage = Exclude<Part, 'filter'>;

const messages: Readonly<Record<WithMessage, (change: Change, listener: Listener) => string>> = {
  eventTypes: ({ op, source }, { subscription }) =>
    `the change (${source.model}, ${op}) bears none of ${subscription.eventTypes.join(', ')}`,
  companyId: ({ source }) => `the record belongs to company ${String(source.company_id)}`,
  fieldChanges: ({ changed }) => `none of them happened; changed are ${changed?.join(', ') ?? 'all fields'}`,
};

function no(part: WithMessage, message: string): Explanation {
  return { matches: false, eventType: null, decidedBy: [{ part, message }] };
}
