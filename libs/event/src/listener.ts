import type { Change, Column } from '#libs/change';
import type { Parsed } from '#libs/domain';
import { messageOf, RelayError } from '#libs/process';
import type { Subscription } from '#libs/subscription';
import { eventTypeNamed } from './event-catalogue.js';
import { EventTest, type EventType } from './event-type.js';
import { fieldChangeTest, type FieldChange } from './field-change.js';
import { Filter, listed } from './filter.js';
import type { Shape } from './shape.js';
import type { Subject } from './subject.js';

type Columns = ReadonlyMap<string, Column>;

/** What a listener asks of the changes of one model. */
export interface ModelWishes {
  /** In the order of the subscription's list: the first that a change bears names its delivery. */
  types: readonly EventTest[];
  filter: Filter | null;
  /** Of an update at least one must have happened; null: whatever changed. */
  fieldChanges: readonly EventTest[] | null;
}

/** What of a subscription decides. */
export type Part = 'eventTypes' | 'companyId' | 'fieldChanges' | 'filter';

/** What a subscription asks for, read once: which changes are for it, and what their bodies hold. */
export class Listener {
  readonly byModel: ReadonlyMap<string, ModelWishes>;
  readonly shape: Shape | null;

  /** @throws RelayError SUBSCRIPTION_UNREADABLE that says what is wrong with it */
  constructor(readonly subscription: Subscription) {
    const own = (parsed('ownEventTypes', subscription.ownEventTypes) ?? []) as EventType[];
    const filter = parsed('filter', subscription.filter);
    const changes = parsed('fieldChanges', subscription.fieldChanges) as FieldChange[] | null;
    this.shape = parsed('shape', subscription.shape) as Shape | null;
    const types = typesByModel(subscription.eventTypes, own.map(sameForAll));
    this.byModel = new Map(
      [...types].map(([model, tests]) => [
        model,
        {
          types: tests,
          filter: filter === null ? null : required('filter', Filter.of(model, filter)),
          fieldChanges:
            changes?.map((change) => required('fieldChanges', fieldChangeTest(model, change))) ?? null,
        },
      ]),
    );
  }

  /**
   * Whether it wants a change that bears one of its event types, or a record as it is.
   * @throws RelayError FILTER_NOT_APPLICABLE when records have no such fields (any more)
   * @throws RelayError VALUE_NOT_REPRESENTABLE when what it compares cannot be read
   */
  wants(subject: Subject, columns: Columns): boolean {
    return this.refusedBy(subject, columns) === undefined;
  }

  /** The part that says no, the first of those that do. @throws as {@link wants} */
  refusedBy(subject: Subject, columns: Columns): Part | undefined {
    const { change } = subject;
    const wishes = this.byModel.get(change.source.model);
    if (wishes === undefined) {
      return 'eventTypes';
    }
    if (!this.wantsCompany(change)) {
      return 'companyId';
    }
    // Only updates change fields: others are not asked.
    const { filter, fieldChanges } = wishes;
    if (change.op === 'u' && fieldChanges?.some((test) => test.isBorneBy(subject, columns)) === false) {
      return 'fieldChanges';
    }
    return filter?.holdsFor(subject, columns) === false ? 'filter' : undefined;
  }

  /** As Odoo's rule for several companies has it: records of no company are for all. */
  private wantsCompany({ source }: Change): boolean {
    const wanted = this.shape?.companyId ?? null;
    return wanted === null || source.company_id === null || source.company_id === wanted;
  }
}

/** The name of the event type that a change of one of its models bears; undefined where it bears none. @throws as Filter */
export function eventTypeOf(listener: Listener, subject: Subject, columns: Columns): string | undefined {
  const wishes = listener.byModel.get(subject.change.source.model);
  return wishes?.types.find((test) => test.isBorneBy(subject, columns))?.type.name;
}

function typesByModel(names: readonly string[], own: readonly EventType[]): Map<string, EventTest[]> {
  const byModel = new Map<string, EventTest[]>();
  for (const name of new Set(names)) {
    const type = own.find((one) => one.name === name) ?? eventTypeNamed(name);
    // A name that nobody knows (any more) is borne by nothing.
    if (type !== undefined) {
      const test = required(`event type ${name}`, testOf(type));
      byModel.set(type.model, [...(byModel.get(type.model) ?? []), test]);
    }
  }
  return byModel;
}

const maxOwnTypes = 10_000;
const ownTypes = new Map<string, EventType>();

/** Subscriptions to one event type hold one object, so that it is asked once for all of them. */
function sameForAll(type: EventType): EventType {
  const text = JSON.stringify(type);
  const known = ownTypes.get(text) ?? type;
  if (ownTypes.size >= maxOwnTypes) {
    ownTypes.clear();
  }
  ownTypes.set(text, known);
  return known;
}

/** Those of the catalogue are the same objects for ever, and 100,000 subscriptions share their tests. */
const knownTests = new WeakMap<EventType, Parsed<EventTest>>();

function testOf(type: EventType): Parsed<EventTest> {
  let test = knownTests.get(type);
  if (test === undefined) {
    test = EventTest.of(type);
    knownTests.set(type, test);
  }
  return test;
}

function parsed(name: string, text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch (error) {
    throw unreadable(name, messageOf(error), error);
  }
}

function required<T>(name: string, given: Parsed<T>): T {
  if (given.kind === 'refused') {
    throw unreadable(name, listed(given.problems));
  }
  return given.value;
}

function unreadable(name: string, reason: string, cause?: unknown): RelayError {
  return new RelayError('SUBSCRIPTION_UNREADABLE', `its ${name}: ${reason}`, { cause });
}
