import { partsOf, type Change, type Column, type Row, type Value } from '#libs/change';
import type { DomainProblem, Parsed } from '#libs/domain';
import { Filter } from './filter.js';
import type { Subject } from './subject.js';

export type Happening = 'c' | 'u' | 'd';

/** A name for a kind of change, as data: which changes of which model bear it. All of it must apply. */
export interface EventType {
  name: string;
  model: string;
  description: string;
  operations: readonly Happening[];
  /**
   * At least one of these columns or relations changed. A create changes what it fills, a delete what it empties:
   * neither counts a column that is null, false, 0 or the empty text.
   */
  changedAny?: readonly string[];
  /** An Odoo domain that the record fulfilled before the change; before a create all its fields are empty. */
  before?: object;
  /** An Odoo domain that the record fulfils after the change. */
  after?: object;
}

/** An event type that is ready to be asked. */
export class EventTest {
  private constructor(
    readonly type: EventType,
    private readonly before: Filter | undefined,
    private readonly after: Filter | undefined,
  ) {}

  /** Its conditions read, or what is wrong with them. */
  static of(type: EventType): Parsed<EventTest> {
    const problems: DomainProblem[] = [];
    const filterOf = (side: 'before' | 'after'): Filter | undefined => {
      if (type[side] === undefined) {
        return undefined;
      }
      const filter = Filter.of(type.model, type[side], side);
      if (filter.kind === 'ok') {
        return filter.value;
      }
      problems.push(...at(side, filter.problems));
      return undefined;
    };
    const [before, after] = [filterOf('before'), filterOf('after')];
    return problems.length === 0
      ? { kind: 'ok', value: new EventTest(type, before, after) }
      : { kind: 'refused', problems };
  }

  /** Whether a change of its model bears it. The caller has made sure of {@link isEvent}. @throws as Filter */
  isBorneBy(subject: Subject, columns: ReadonlyMap<string, Column>): boolean {
    const { change } = subject;
    const { operations, changedAny } = this.type;
    return (
      operations.some((operation) => operation === change.op) &&
      changedAny?.some((column) => columnChanged(change, column)) !== false &&
      this.before?.holdsFor(subject, columns) !== false &&
      this.after?.holdsFor(subject, columns) !== false
    );
  }

  /** What it asks for and records with these columns do not have, e.g. at `after[0][0]`. */
  problemsWith(columns: ReadonlyMap<string, Column>): readonly DomainProblem[] {
    const { model, changedAny = [] } = this.type;
    const isKnown = (name: string): boolean =>
      columns.has(name) || partsOf(model).some(({ field }) => field === name);
    const unknown = changedAny.flatMap((name, index) =>
      isKnown(name)
        ? []
        : [{ position: `changedAny[${index}]`, message: `${model} has no captured field ${name}` }],
    );
    return [
      ...unknown,
      ...at('before', this.before?.problemsWith(columns) ?? []),
      ...at('after', this.after?.problemsWith(columns) ?? []),
    ];
  }
}

function at(side: string, problems: readonly DomainProblem[]): DomainProblem[] {
  return problems.map(({ position, message }) => ({ position: side + position, message }));
}

/** Columns that Odoo writes whatever was changed. */
const bookkeepingColumns: ReadonlySet<string> = new Set(['write_date', 'write_uid']);

/**
 * Whether a change is an event at all: rows read by a snapshot are none, nor are updates that changed nothing
 * but who wrote last and when.
 */
export function isEvent(change: Change): boolean {
  switch (change.op) {
    case 'c':
    case 'd':
      return true;
    case 'u':
      return change.changed?.some((column) => !bookkeepingColumns.has(column)) ?? true;
    case 'r':
      return false;
  }
}

/** Whether a column or relation has another value than before. */
export function columnChanged(change: Change, column: string): boolean {
  if (change.op === 'u') {
    return (
      change.changed?.includes(column) ?? valueOf(change.before, column) !== valueOf(change.after, column)
    );
  }
  return !isEmpty(valueOf(change.op === 'd' ? change.before : change.after, column));
}

function valueOf(row: Row | null, column: string): Value {
  return row?.[column] ?? null;
}

/** Decimals are text: 0, 0.00 and -0.0 are all nothing. */
function isEmpty(value: Value): boolean {
  return !value || (typeof value === 'string' && /^-?0+(\.0+)?$/.test(value));
}
