import type { Column } from '#libs/change';
import {
  bindDomain,
  decidedBy,
  parseDomain,
  requiredValues,
  type Decision,
  type Domain,
  type DomainProblem,
  type Parsed,
  type Predicate,
  type RequiredValues,
  type Scope,
} from '#libs/domain';
import { RelayError } from '#libs/process';
import { beforeScope, changeScope, type ColumnsOfModel } from './scopes.js';
import type { Subject } from './subject.js';

/** What its fields are: those of the record after the change, with all else that a change tells, or before it. */
type Side = 'before' | 'after';

type Columns = ReadonlyMap<string, Column>;

/**
 * An Odoo domain over the changes of a model. What it compares is looked up once for each schema that changes were
 * written with.
 */
export class Filter {
  /** What a change's row certainly has where it holds; undefined where that is not known. */
  readonly equality: RequiredValues | undefined;
  private readonly bound = new WeakMap<Columns, Parsed<Predicate<Subject>>>();

  private constructor(
    private readonly model: string,
    private readonly domain: Domain,
    private readonly side: Side,
  ) {
    this.equality = requiredValues(domain);
  }

  /** `given`: as parsed from JSON. */
  static of(model: string, given: unknown, side: Side = 'after'): Parsed<Filter> {
    const parsed = parseDomain(given);
    return parsed.kind === 'ok' ? { kind: 'ok', value: new Filter(model, parsed.value, side) } : parsed;
  }

  /** What it asks for and records with these columns do not have; none where it can be used. */
  problemsWith(columns: Columns, columnsOf?: ColumnsOfModel): readonly DomainProblem[] {
    const bound = this.bind(columns, columnsOf);
    return bound.kind === 'ok' ? [] : bound.problems;
  }

  /**
   * @throws RelayError FILTER_NOT_APPLICABLE when the record has no such fields (any more)
   * @throws RelayError VALUE_NOT_REPRESENTABLE when `included` cannot be read
   */
  holdsFor(subject: Subject, columns: Columns): boolean {
    let bound = this.bound.get(columns);
    if (bound === undefined) {
      bound = this.bind(columns);
      this.bound.set(columns, bound);
    }
    if (bound.kind === 'refused') {
      throw new RelayError('FILTER_NOT_APPLICABLE', listed(bound.problems));
    }
    return bound.value(subject);
  }

  /** Whether it holds, and which conditions decided. @throws RelayError as {@link holdsFor} */
  explain(subject: Subject, columns: Columns): Decision {
    const decision = decidedBy(this.domain, this.scope(columns), subject);
    if (decision.kind === 'refused') {
      throw new RelayError('FILTER_NOT_APPLICABLE', listed(decision.problems));
    }
    return decision.value;
  }

  private scope(columns: Columns, columnsOf?: ColumnsOfModel): Scope<Subject> {
    return this.side === 'after'
      ? changeScope(this.model, columns, columnsOf)
      : beforeScope(this.model, columns);
  }

  private bind(columns: Columns, columnsOf?: ColumnsOfModel): Parsed<Predicate<Subject>> {
    return bindDomain(this.domain, this.scope(columns, columnsOf));
  }
}

/** Problems as one text: `[2][0]: sale.order has no captured field x`. */
export function listed(problems: readonly DomainProblem[]): string {
  return problems
    .map(({ position, message }) => `${position === '' ? '' : `${position}: `}${message}`)
    .join('; ');
}
