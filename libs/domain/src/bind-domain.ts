import type { Condition, Domain, DomainProblem, Parsed, Scalar } from './domain.js';
import { negatedBy, valueTest, type FieldType, type FieldValue } from './value-tests.js';

/** The fields of records of one kind: what a path's step leads to. */
export interface Scope<S> {
  /** What it is called in messages, e.g. `sale.order`. */
  name: string;
  /** A reason for a field that there is not, or that cannot be compared. */
  field(name: string): Field<S> | { kind: 'refused'; reason: string };
}

export type Field<S> = ValueField<S> | RelationField<S> | NamesField<S>;

export interface ValueField<S> {
  kind: 'value';
  type: FieldType;
  read(subject: S): FieldValue;
}

/** A many2one, one2many or many2many: records, none, one or many. */
export interface RelationField<S> {
  kind: 'relation';
  ids(subject: S): readonly number[];
  /** What is known of its records; undefined where that is nothing but their ids. */
  records: Related<S> | undefined;
}

/** Some field of the records that a relation leads to holds for one of them. */
export interface Related<S> {
  scope: Scope<never>;
  some(subject: S, test: (record: never) => boolean): boolean;
}

/** A set of names, e.g. of the fields that changed. */
export interface NamesField<S> {
  kind: 'names';
  read(subject: S): readonly string[];
}

/** Puts a relation together, whatever its records are. */
export function related<S, R>(scope: Scope<R>, records: (subject: S) => readonly R[]): Related<S> {
  return {
    scope: scope,
    some: (subject, test) => records(subject).some(test as (record: R) => boolean),
  };
}

export type Predicate<S> = (subject: S) => boolean;

/** A domain over these fields, ready to be asked; or all that is wrong with it. */
export function bindDomain<S>(domain: Domain, scope: Scope<S>): Parsed<Predicate<S>> {
  switch (domain.kind) {
    case 'constant': {
      const { value } = domain;
      return ok(() => value);
    }
    case 'not':
      return map(bindDomain(domain.term, scope), (term) => (subject) => !term(subject));
    case 'and':
      return map(all(domain.terms, scope), (terms) => (subject) => terms.every((term) => term(subject)));
    case 'or':
      return map(all(domain.terms, scope), (terms) => (subject) => terms.some((term) => term(subject)));
    case 'condition':
      return bindCondition(domain, scope);
  }
}

function bindCondition<S>(condition: Condition, scope: Scope<S>): Parsed<Predicate<S>> {
  const [name = '', ...rest] = condition.path;
  const field = scope.field(name);
  if (field.kind === 'refused') {
    return refused(`${condition.position}[0]`, field.reason);
  }
  if (rest.length > 0) {
    return field.kind === 'relation'
      ? bindRelated(field, { ...condition, path: rest }, name)
      : refused(`${condition.position}[0]`, `${name} is no relation, so nothing is behind it`);
  }
  switch (field.kind) {
    case 'value':
      return map(valueTest(field.type, condition), (test) => (subject) => test(field.read(subject)));
    case 'names':
      return bindNames(field, condition);
    case 'relation':
      return bindRelation(field, condition, name);
  }
}

/** As in Odoo: a path holds where it does for one of the records. */
function bindRelated<S>({ records }: RelationField<S>, rest: Condition, name: string): Parsed<Predicate<S>> {
  if (records === undefined) {
    return refused(`${rest.position}[0]`, `a change does not carry what ${name} points to, only its id`);
  }
  return map(bindDomain(rest, records.scope), (test) => (subject) => records.some(subject, test));
}

function bindRelation<S>(field: RelationField<S>, condition: Condition, name: string): Parsed<Predicate<S>> {
  const { operator, value, position } = condition;
  if (value.kind === 'domain') {
    const { records } = field;
    if (records === undefined) {
      return refused(`${position}[0]`, `a change does not carry what ${name} points to, only its id`);
    }
    return map(bindDomain(value.domain, records.scope), (test): Predicate<S> =>
      operator === 'any'
        ? (subject) => records.some(subject, test)
        : (subject) => !records.some(subject, test),
    );
  }
  const values = value.kind === 'list' ? value.values : [value.value];
  const wrong = values.find((one) => typeof one !== 'number' && one !== false);
  const positive = negatedBy(operator) ?? operator;
  if (wrong !== undefined || !['=', 'in', '=?'].includes(positive)) {
    return refused(
      position,
      `${name} is a relation: it is compared with ids by =, !=, in and not in; for a text take a field of it, e.g. "${name}.name"`,
    );
  }
  if (operator === '=?' && !values[0]) {
    return ok(() => true);
  }
  const test = hasOneOf(field, values);
  return ok(positive === operator ? test : (subject) => !test(subject));
}

function hasOneOf<S>(field: RelationField<S>, values: readonly Scalar[]): Predicate<S> {
  const ids = new Set(values.filter((value) => typeof value === 'number'));
  const isEmptyWanted = values.includes(false);
  return (subject) => {
    const given = field.ids(subject);
    return given.length === 0 ? isEmptyWanted : given.some((id) => ids.has(id));
  };
}

function bindNames<S>(field: NamesField<S>, { operator, value, position }: Condition): Parsed<Predicate<S>> {
  const values = value.kind === 'list' ? value.values : value.kind === 'scalar' ? [value.value] : [];
  const names = values.filter((one) => typeof one === 'string');
  const positive = negatedBy(operator) ?? operator;
  if (names.length !== values.length || names.length === 0 || (positive !== '=' && positive !== 'in')) {
    return refused(
      position,
      'it is a list of fields: it is compared with their names by =, !=, in and not in',
    );
  }
  const wanted = new Set(names);
  const test: Predicate<S> = (subject) => field.read(subject).some((name) => wanted.has(name));
  return ok(positive === operator ? test : (subject) => !test(subject));
}

function all<S>(domains: readonly Domain[], scope: Scope<S>): Parsed<readonly Predicate<S>[]> {
  const predicates: Predicate<S>[] = [];
  const problems: DomainProblem[] = [];
  for (const domain of domains) {
    const bound = bindDomain(domain, scope);
    if (bound.kind === 'ok') {
      predicates.push(bound.value);
    } else {
      problems.push(...bound.problems);
    }
  }
  return problems.length === 0 ? ok(predicates) : { kind: 'refused', problems };
}

function ok<T>(value: T): Parsed<T> {
  return { kind: 'ok', value };
}

function refused(position: string, message: string): Parsed<never> {
  return { kind: 'refused', problems: [{ position, message }] };
}

function map<T, U>(parsed: Parsed<T>, make: (value: T) => U): Parsed<U> {
  return parsed.kind === 'ok' ? ok(make(parsed.value)) : parsed;
}
