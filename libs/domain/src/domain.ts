/**
 * Odoo's domains, as parsed: what of a record must hold. Source of the language: Odoo's documentation, "Search
 * domains"; of its meaning: the answers of a recorded Odoo 19.
 */
export type Domain =
  | { kind: 'and' | 'or'; terms: readonly Domain[] }
  | { kind: 'not'; term: Domain }
  | { kind: 'constant'; value: boolean }
  | Condition;

export interface Condition {
  kind: 'condition';
  /** The field's path, e.g. `['order_line', 'product_id']`. */
  path: readonly string[];
  operator: Operator;
  value: DomainValue;
  /** Where it stands in the domain, e.g. `[2]`, or `[0][2][1]` inside of an `any`. */
  position: string;
}

export type Scalar = boolean | number | string;
/** A domain for any and not any; a list for in and not in. */
export type DomainValue =
  | { kind: 'scalar'; value: Scalar }
  | { kind: 'list'; values: readonly Scalar[] }
  | { kind: 'domain'; domain: Domain };

const isOperator = {
  '=': true,
  '!=': true,
  '>': true,
  '>=': true,
  '<': true,
  '<=': true,
  '=?': true,
  in: true,
  'not in': true,
  like: true,
  'not like': true,
  ilike: true,
  'not ilike': true,
  '=like': true,
  'not =like': true,
  '=ilike': true,
  'not =ilike': true,
  any: true,
  'not any': true,
} as const;

export type Operator = keyof typeof isOperator;
export const operators = Object.keys(isOperator) as readonly Operator[];

/** What is wrong with a domain, and where. */
export interface DomainProblem {
  position: string;
  message: string;
}

export type Parsed<T> = { kind: 'ok'; value: T } | { kind: 'refused'; problems: readonly DomainProblem[] };
