import type { Column } from '#libs/change';
import type { DomainProblem, Parsed } from '#libs/domain';
import { EventTest } from './event-type.js';

type FieldValue = string | number | boolean;
export type FieldValues = FieldValue | FieldValue[];

/** That a field changed, from what to what where that is given. JSON in `Subscription.fieldChanges`. */
export interface FieldChange {
  /** A column, or a relation that the change carries. */
  field: string;
  /** A value, or a list of which one it was, as in a domain: false for empty. */
  from?: FieldValues;
  to?: FieldValues;
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

/** What is wrong with it for records with these columns, at `field`, `from` or `to`. */
export function fieldChangeProblems(
  model: string,
  change: FieldChange,
  columns: ReadonlyMap<string, Column>,
): readonly DomainProblem[] {
  const test = fieldChangeTest(model, change);
  const problems = test.kind === 'ok' ? test.value.problemsWith(columns) : test.problems;
  const unknown = problems.find(({ position }) => position.startsWith('changedAny'));
  // That there is no such field is said once.
  return unknown === undefined
    ? problems.map(({ position, message }) => ({
        position: position.startsWith('before') ? 'from' : 'to',
        message,
      }))
    : [{ position: 'field', message: unknown.message }];
}
