import {
  operators,
  type Condition,
  type Domain,
  type DomainProblem,
  type DomainValue,
  type Operator,
  type Parsed,
  type Scalar,
} from './domain.js';

/** What a domain may have, so that none takes long to look at. */
export const domainLimits = {
  conditions: 100,
  /** `&`, `|` and `!` together. */
  operators: 200,
  /** `any` inside of `any`. */
  depth: 4,
  listValues: 1_000,
  textLength: 1_000,
  pathSteps: 4,
} as const;

const logicalOperators: ReadonlySet<unknown> = new Set(['&', '|', '!']);
const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/**
 * Reads a domain in Odoo's prefix notation, from parsed JSON. An empty one matches everything; terms without an
 * operator between them are joined by and.
 */
export function parseDomain(given: unknown): Parsed<Domain> {
  const reader = new DomainReader();
  const value = reader.read(given, '', 0);
  return reader.problems.length === 0
    ? { kind: 'ok', value }
    : { kind: 'refused', problems: reader.problems };
}

/** A piece of a domain that is read, and where it stands. */
interface Cursor {
  items: readonly unknown[];
  next: number;
  position: string;
}

const nothing: Domain = { kind: 'constant', value: false };

class DomainReader {
  readonly problems: DomainProblem[] = [];
  private conditions = 0;
  private operators = 0;

  read(given: unknown, position: string, depth: number): Domain {
    if (!Array.isArray(given)) {
      return this.refuse(
        position,
        'a domain is a list such as ["&", ["state", "=", "sale"], ["amount_total", ">", 100]]',
      );
    }
    if (depth > domainLimits.depth) {
      return this.refuse(position, `"any" stands in at most ${domainLimits.depth} others`);
    }
    const cursor: Cursor = { items: given, next: 0, position };
    const terms: Domain[] = [];
    while (cursor.next < given.length && this.problems.length === 0) {
      terms.push(this.term(cursor, depth));
    }
    return terms.length === 1 && terms[0] !== undefined ? terms[0] : conjunction(terms);
  }

  /** What one item of the list stands for, with the operands behind it. */
  private term(cursor: Cursor, depth: number): Domain {
    const at = `${cursor.position}[${cursor.next}]`;
    const item = cursor.items[cursor.next++];
    if (logicalOperators.has(item)) {
      return this.combination(item as string, cursor, { at, depth });
    }
    if (typeof item === 'boolean') {
      return { kind: 'constant', value: item };
    }
    return this.condition(item, at, depth);
  }

  private combination(
    operator: string,
    cursor: Cursor,
    { at, depth }: { at: string; depth: number },
  ): Domain {
    const terms: Domain[] = [];
    if (++this.operators > domainLimits.operators) {
      return this.refuse(at, `a domain has at most ${domainLimits.operators} operators`);
    }
    for (let operands = operator === '!' ? 1 : 2; operands > 0; operands--) {
      if (cursor.next >= cursor.items.length) {
        return this.refuse(at, `"${operator}" stands before ${operator === '!' ? 'one term' : 'two terms'}`);
      }
      terms.push(this.term(cursor, depth));
    }
    const [first = nothing, second] = terms;
    return second === undefined
      ? { kind: 'not', term: first }
      : { kind: operator === '&' ? 'and' : 'or', terms: [first, second] };
  }

  private condition(item: unknown, position: string, depth: number): Domain {
    if (!Array.isArray(item) || item.length !== 3) {
      return this.refuse(position, 'a term is "&", "|", "!" or [field, operator, value]');
    }
    const [field, operator, value] = item as [unknown, unknown, unknown];
    if (++this.conditions > domainLimits.conditions) {
      return this.refuse(position, `a domain has at most ${domainLimits.conditions} conditions`);
    }
    const path = typeof field === 'string' ? field.split('.') : [];
    if (!path.every((step) => namePattern.test(step)) || path.length === 0) {
      return this.refuse(`${position}[0]`, 'a field is a name, or a path such as "order_line.product_id"');
    }
    if (path.length > domainLimits.pathSteps) {
      return this.refuse(`${position}[0]`, `a path has at most ${domainLimits.pathSteps} steps`);
    }
    const known = operatorNamed(operator);
    if (known === undefined) {
      return this.refuse(`${position}[1]`, `an operator is one of ${operators.join(', ')}`);
    }
    const read = this.value(known, value, { position: `${position}[2]`, depth });
    return read === undefined ? nothing : { kind: 'condition', path, ...read, position };
  }

  private value(
    operator: Operator,
    given: unknown,
    { position, depth }: { position: string; depth: number },
  ): Pick<Condition, 'operator' | 'value'> | undefined {
    if (operator === 'any' || operator === 'not any') {
      return { operator, value: { kind: 'domain', domain: this.read(given, position, depth + 1) } };
    }
    if (Array.isArray(given)) {
      return this.list(operator, given, position);
    }
    const scalar = this.scalar(given, position);
    if (scalar === undefined) {
      return undefined;
    }
    // As Odoo has it: `in` with one value is a list of it.
    return isListOperator(operator)
      ? { operator, value: { kind: 'list', values: [scalar] } }
      : { operator, value: { kind: 'scalar', value: scalar } };
  }

  private list(
    operator: Operator,
    given: readonly unknown[],
    position: string,
  ): { operator: Operator; value: DomainValue } | undefined {
    const asList = listOperator[operator];
    if (asList === undefined) {
      this.refuse(position, `"${operator}" takes one value; "in" and "not in" take a list`);
      return undefined;
    }
    if (given.length > domainLimits.listValues) {
      this.refuse(position, `a list has at most ${domainLimits.listValues} values`);
      return undefined;
    }
    const values = given.map((value, index) => this.scalar(value, `${position}[${index}]`));
    return values.includes(undefined)
      ? undefined
      : { operator: asList, value: { kind: 'list', values: values as Scalar[] } };
  }

  /** null stands for false, as None does in Odoo. */
  private scalar(given: unknown, position: string): Scalar | undefined {
    if (given === null) {
      return false;
    }
    if (typeof given === 'string' && given.length > domainLimits.textLength) {
      this.refuse(position, `a text has at most ${domainLimits.textLength} characters`);
      return undefined;
    }
    if (typeof given === 'boolean' || typeof given === 'string' || Number.isFinite(given)) {
      return given as Scalar;
    }
    this.refuse(position, 'a value is a text, a number, true, false, null, or a list of those');
    return undefined;
  }

  private refuse(position: string, message: string): Domain {
    this.problems.push({ position, message });
    return nothing;
  }
}

/** As in Odoo, = and != with a list mean in and not in. */
const listOperator: Partial<Record<Operator, Operator>> = {
  in: 'in',
  'not in': 'not in',
  '=': 'in',
  '!=': 'not in',
};

function isListOperator(operator: Operator): boolean {
  return operator === 'in' || operator === 'not in';
}

/** Odoo takes `<>` and `==`, too. */
const otherSpellings: Readonly<Record<string, Operator>> = { '<>': '!=', '==': '=' };

function operatorNamed(given: unknown): Operator | undefined {
  const name = typeof given === 'string' ? given.toLowerCase() : '';
  return (
    operators.find((operator) => operator === name) ??
    (Object.hasOwn(otherSpellings, name) ? otherSpellings[name] : undefined)
  );
}

function conjunction(terms: readonly Domain[]): Domain {
  return terms.length === 0 ? { kind: 'constant', value: true } : { kind: 'and', terms };
}
