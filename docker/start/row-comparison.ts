import type { Row, Value } from '#libs/change';
import type { ColumnType, TextRow } from '#sample';

/** The language that Odoo's translated columns stand in, beside `<column>__translations` with all of them. */
const language = 'en_US';

/**
 * Where a row of a topic differs from what its own client read from the database, e.g.
 * `list_price is 9.9 instead of 9.90`: empty when it does not.
 */
export function rowDifferences(
  expected: TextRow | null,
  columnTypes: Readonly<Record<string, ColumnType>>,
  actual: Row | null,
): string[] {
  if (expected === null || actual === null) {
    return expected === actual
      ? []
      : [`the row is ${actual === null ? 'missing' : 'there, but should not be'}`];
  }
  return Object.entries(expected).flatMap(([name, text]) => {
    const given = actual[name] ?? null;
    const type = columnTypes[name] ?? 'text';
    if (`${name}__translations` in actual) {
      return translatedDifferences(name, text, given, actual[`${name}__translations`] ?? null);
    }
    return same(type, text, given) ? [] : [differs(name, text, given)];
  });
}

function translatedDifferences(name: string, text: string | null, given: Value, all: Value): string[] {
  const expected = text === null ? null : (JSON.parse(text) as Record<string, string>);
  const differences = same('text', expected?.[language] ?? null, given) ? [] : [differs(name, text, given)];
  return same('jsonb', text, all)
    ? differences
    : [...differences, differs(`${name}__translations`, text, all)];
}

function differs(name: string, expected: string | null, given: Value): string {
  return `${name} is ${String(given)} instead of ${String(expected)}`;
}

function same(type: ColumnType, text: string | null, given: Value): boolean {
  if (text === null || given === null) {
    return text === given;
  }
  switch (type) {
    case 'numeric':
      return plainDecimal(text) === plainDecimal(String(given));
    case 'integer':
    case 'bigint':
      return text === String(given);
    case 'float':
      return Number(text) === given;
    case 'boolean':
      return (text === 't') === given;
    case 'timestamp':
      return sixDigits(text.replace(' ', 'T')) === given;
    case 'jsonb':
      return typeof given === 'string' && sorted(JSON.parse(text)) === sorted(JSON.parse(given));
    case 'date':
    case 'text':
      return text === given;
  }
}

/** Without a sign on zero, without zeros at the end: `-0.00` -> `0`, `12.50` -> `12.5`. */
function plainDecimal(text: string): string {
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return plain === '-0' ? '0' : plain;
}

/** Postgres leaves out zeros at the end of a second's fraction. */
function sixDigits(text: string): string {
  const [seconds = '', fraction = ''] = text.split('.');
  return `${seconds}.${fraction.padEnd(6, '0')}`;
}

/** JSON text with the keys of every object in order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
