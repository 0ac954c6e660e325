import type { Condition, Operator, Parsed, Scalar } from './domain.js';
import { likePattern } from './like-pattern.js';
import { dateOf, momentOf, secondOf, spanOf, type Span } from './moments.js';

/** Of a field: number is whole or not; unknown, a value out of JSON, is taken for what it is compared with. */
export type FieldType = 'boolean' | 'number' | 'text' | 'date' | 'datetime' | 'unknown';
/** Dates as `YYYY-MM-DD`, moments as `YYYY-MM-DDTHH:MM:SS.ffffff` in UTC. */
export type FieldValue = Scalar | null;
export type ValueTest = (value: FieldValue) => boolean;

type SimpleOperator = Exclude<Operator, 'any' | 'not any'>;
type Inequality = '<' | '<=' | '>' | '>=';

/** Negations: what they negate. */
const negated: Partial<Record<Operator, SimpleOperator>> = {
  '!=': '=',
  'not in': 'in',
  'not like': 'like',
  'not ilike': 'ilike',
  'not =like': '=like',
  'not =ilike': '=ilike',
};

/** The operator that this one negates; undefined where it negates none. */
export function negatedBy(operator: Operator): SimpleOperator | undefined {
  return negated[operator];
}

/** What a condition asks of its field's value. Empty and false, 0 and '' are one, as in Odoo. */
export function valueTest(type: FieldType, condition: Condition): Parsed<ValueTest> {
  const { value, operator, position } = condition;
  const values = value.kind === 'list' ? value.values : value.kind === 'scalar' ? [value.value] : undefined;
  if (values === undefined || operator === 'any' || operator === 'not any') {
    return refused(position, 'any and not any are for relations');
  }
  const known = type === 'unknown' ? typeOfValues(values) : type;
  const positive = negated[operator];
  if (positive !== undefined) {
    const test = positiveTest(known, positive, values);
    return typeof test === 'string'
      ? refused(position, test)
      : { kind: 'ok', value: (given) => !test(given) };
  }
  const test = positiveTest(known, operator, values);
  return typeof test === 'string' ? refused(position, test) : { kind: 'ok', value: test };
}

function refused(position: string, message: string): Parsed<never> {
  return { kind: 'refused', problems: [{ position, message }] };
}

type KnownType = Exclude<FieldType, 'unknown'>;

function typeOfValues(values: readonly Scalar[]): KnownType {
  const telling = values.find((value) => typeof value !== 'boolean');
  if (telling === undefined) {
    return 'boolean';
  }
  if (typeof telling === 'number') {
    return 'number';
  }
  return spanOf(telling) === undefined ? 'text' : 'datetime';
}

/** The test, or what is wrong with what it compares with. */
function positiveTest(
  type: KnownType,
  operator: SimpleOperator,
  values: readonly Scalar[],
): ValueTest | string {
  const [value = false] = values;
  if (isLikeOperator(operator)) {
    return isLike(type, operator, value);
  }
  if (isInequality(operator)) {
    return compares(type, operator, value);
  }
  return operator === '=?' && !value ? () => true : isOneOf(type, values);
}

const expected: Readonly<Record<KnownType, string>> = {
  boolean: 'true or false',
  number: 'a number',
  text: 'a text',
  date: 'a date such as "2026-11-23"',
  datetime: 'a date or a moment of UTC such as "2026-11-23 16:14:23"',
};

function isOneOf(type: KnownType, values: readonly Scalar[]): ValueTest | string {
  const isEmptyWanted = values.some((value) => isEmpty(value));
  const filled = values.filter((value) => !isEmpty(value));
  if (type === 'datetime') {
    return isInSpans(filled, isEmptyWanted);
  }
  const wanted = new Set<FieldValue>();
  for (const value of filled) {
    const read = comparable(type, value);
    if (read === undefined) {
      return `it is compared with ${shown(value)}, not with ${expected[type]}`;
    }
    wanted.add(read);
  }
  return (given) => (isEmpty(given) ? isEmptyWanted : wanted.has(given));
}

function isInSpans(values: readonly Scalar[], isEmptyWanted: boolean): ValueTest | string {
  const spans: Span[] = [];
  for (const value of values) {
    const span = typeof value === 'string' ? secondOf(value) : undefined;
    if (span === undefined) {
      return `it is compared with ${shown(value)}, not with ${expected.datetime}`;
    }
    spans.push(span);
  }
  return (given) => {
    const moment = typeof given === 'string' ? (momentOf(given) ?? given) : null;
    return moment === null ? isEmptyWanted : spans.some(({ from, to }) => moment >= from && moment < to);
  };
}

function isInequality(operator: SimpleOperator): operator is Inequality {
  return ['<', '<=', '>', '>='].includes(operator);
}

function compares(type: KnownType, operator: Inequality, value: Scalar): ValueTest | string {
  if (type === 'boolean') {
    return `${operator} is for numbers, texts and dates`;
  }
  if (type === 'date' || type === 'datetime') {
    return comparesTimes(type, operator, value);
  }
  const empty = type === 'number' ? 0 : '';
  const limit = isEmpty(value) ? empty : comparable(type, value);
  if (limit === undefined) {
    return `it is compared with ${shown(value)}, not with ${expected[type]}`;
  }
  return (given) => holds(operator, isEmpty(given) ? empty : given, limit);
}

/** An empty date or moment is neither before nor after any other. */
function comparesTimes(type: 'date' | 'datetime', operator: Inequality, value: Scalar): ValueTest | string {
  if (isEmpty(value)) {
    return () => false;
  }
  const text = typeof value === 'string' ? value : '';
  const date = dateOf(text);
  if (type === 'date' && date !== undefined) {
    return (given) => typeof given === 'string' && holds(operator, given, date);
  }
  const span = spanOf(text);
  if (type === 'date' || span === undefined) {
    return `it is compared with ${shown(value)}, not with ${expected[type]}`;
  }
  const isFromOn = operator === '>=' || operator === '>';
  const limit = operator === '>=' || operator === '<' ? span.from : span.to;
  return (given) => {
    const moment = typeof given === 'string' ? (momentOf(given) ?? given) : null;
    return moment !== null && (isFromOn ? moment >= limit : moment < limit);
  };
}

function holds(operator: Inequality, given: FieldValue, limit: FieldValue): boolean {
  if (given === null || limit === null || typeof given !== typeof limit) {
    return false;
  }
  switch (operator) {
    case '<':
      return given < limit;
    case '<=':
      return given <= limit;
    case '>':
      return given > limit;
    case '>=':
      return given >= limit;
  }
}

type LikeOperator = 'like' | 'ilike' | '=like' | '=ilike';

function isLikeOperator(operator: SimpleOperator): operator is LikeOperator {
  return operator in likeKinds;
}

function isLike(type: KnownType, operator: LikeOperator, value: Scalar): ValueTest | string {
  if (type !== 'text') {
    return `${operator} is for texts`;
  }
  const { isWhole, ignoresCase } = likeKinds[operator];
  if (isEmpty(value)) {
    return isWhole ? isEmpty : () => true;
  }
  const pattern = ignoresCase ? String(value).toLowerCase() : String(value);
  const matches = likePattern(pattern, isWhole ? 'whole' : 'part');
  return (given) => {
    const text = isEmpty(given) ? '' : String(given);
    return matches(ignoresCase ? text.toLowerCase() : text);
  };
}

const likeKinds: Readonly<Record<LikeOperator, { isWhole: boolean; ignoresCase: boolean }>> = {
  like: { isWhole: false, ignoresCase: false },
  ilike: { isWhole: false, ignoresCase: true },
  '=like': { isWhole: true, ignoresCase: false },
  '=ilike': { isWhole: true, ignoresCase: true },
};

function comparable(type: KnownType, value: Scalar): FieldValue | undefined {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'number':
      return typeof value === 'number' ? value : undefined;
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'date':
      return typeof value === 'string' ? dateOf(value) : undefined;
    case 'datetime':
      return typeof value === 'string' ? momentOf(value) : undefined;
  }
}

function isEmpty(value: FieldValue): boolean {
  return value === null || value === false || value === 0 || value === '';
}

function shown(value: Scalar): string {
  return JSON.stringify(value).slice(0, 80);
}
