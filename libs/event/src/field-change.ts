import type { Parsed } from '#libs/domain';
import { EventTest } from './event-type.js';

/** That a field changed, from what to what where that is given. JSON in `Subscription.fieldChanges`. */
export interface FieldChange {
  /** A column, or a relation that the change carries. */
  field: string;
  /** A value, or a list of which one it was, as in a domain: false for empty. */
  from?: unknown;
  to?: unknown;
}

/** A field change of an update, ready to be asked: it is an event type without a name. */
export function fieldChangeTest(model: string, { field, from, to }: FieldChange): Parsed<EventTest> {
  return EventTest.of({
    name: '',
    model,
    description: '',
    operations: ['u'],
    changedAny: [field],
    ...(from === undefined ? {} : { before: [[field, 'in', from]] }),
    ...(to === undefined ? {} : { after: [[field, 'in', to]] }),
  });
}
