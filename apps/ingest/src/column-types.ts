import { columnName, type Column } from '#libs/change';
import { RelayError } from '#libs/process';

/** A column as Postgres's catalog and Odoo's `ir_model_fields` describe it. */
export interface DatabaseColumn {
  name: string;
  /** As `format_type` gives it, e.g. `numeric(16,2)`. */
  type: string;
  translated: boolean;
}

/** How one column of a table appears in its topic. */
export interface CapturedColumn {
  /** In Postgres. */
  name: string;
  column: Column;
  /** Of a translated column: where the texts of all languages go. */
  translations?: string;
  /** Its values are JSON strings in the rows: another value tells that its type has changed. */
  isText?: true;
}

/**
 * The scale of `numeric` without one, as Odoo makes them: it stores floats in full, 17 significant digits.
 * With 38 digits in all, the most that warehouses take, 18 remain before the point.
 */
export const unboundedNumeric = { precision: 38, scale: 20 } as const;

/**
 * | Postgres (Odoo) | column |
 * |---|---|
 * | smallint, integer (integer, many2one) | int |
 * | bigint | long |
 * | real, double precision (float without digits) | float |
 * | numeric (float with digits, monetary) | decimal(38,20); numeric(p,s) as declared |
 * | boolean, date | the same |
 * | timestamp with or without time zone (datetime) | timestamp in UTC, microseconds |
 * | jsonb of a translated field | text in the database's language, and `<column>__translations` as json |
 * | other json and jsonb (company-dependent, properties) | json |
 * | bytea | left out, or where it is asked for: binary, and `<column>__omitted` says what was too large |
 * | varchar, text (char, text, html, selection), anything else | text |
 */
export function capturedColumn({ name, type, translated }: DatabaseColumn): CapturedColumn | undefined {
  const base = type.replace(/\(.*\)/, '');
  const shown = columnName(name);
  switch (base) {
    case 'bytea':
      return undefined;
    case 'smallint':
    case 'integer':
      return { name, column: { name: shown, kind: 'int' } };
    case 'bigint':
      return { name, column: { name: shown, kind: 'long' } };
    case 'real':
    case 'double precision':
      return { name, column: { name: shown, kind: 'float' } };
    case 'boolean':
    case 'date':
      return { name, column: { name: shown, kind: base } };
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return { name, column: { name: shown, kind: 'timestamp' } };
    case 'numeric':
      return { name, column: { name: shown, kind: 'decimal', ...digitsOf(type) } };
    case 'json':
    case 'jsonb':
      return translated
        ? { name, column: { name: shown, kind: 'text' }, translations: `${shown}__translations` }
        : { name, column: { name: shown, kind: 'json' } };
    default:
      return {
        name,
        column: { name: shown, kind: 'text' },
        ...(textTypes.test(type) ? { isText: true } : {}),
      };
  }
}

/** All columns of a topic's rows. */
export function topicColumns(captured: Iterable<CapturedColumn>): Column[] {
  return [...captured].flatMap(({ column, translations }) =>
    translations === undefined ? [column] : [column, { name: translations, kind: 'json' as const }],
  );
}

/** Secrets that Odoo's tables hold are kept out of the outbox by their names. */
const secretName = /(^|_)(password|passwd|secret|token|api_key|private_key|crypt)(_|$)/;
const textTypes = /^(text|character varying|character)\b/;

/** What of a table's columns is captured. */
export interface ColumnRules {
  /** `model.column` or `*.column`: never in the outbox, beside the secrets that are known by their names. */
  deniedColumns: readonly string[];
  /** Likewise: binary columns that are captured, which others are not. */
  binaryColumns: readonly string[];
  /** Larger values are left out. */
  binaryMaxBytes: number;
}

export const defaultColumnRules: ColumnRules = {
  deniedColumns: [],
  binaryColumns: [],
  binaryMaxBytes: 262_144,
};

/** A binary column that is asked for, and the one beside it. The row in the outbox has both. */
export function binaryColumns(name: string): CapturedColumn[] {
  const [shown, omitted] = [columnName(name), omittedName(name)];
  return [
    { name, column: { name: shown, kind: 'binary' }, isText: true },
    { name: omitted, column: { name: columnName(omitted), kind: 'text' }, isText: true },
  ];
}

export function omittedName(name: string): string {
  return `${name}__omitted`;
}

/** Whether a list of `model.column` or `*.column` has a column. */
export function isListed(list: readonly string[], model: string, name: string): boolean {
  return list.includes(`${model}.${name}`) || list.includes(`*.${name}`);
}

/**
 * Whether a column must not leave the database: secrets, bytea, which would only fill the outbox, and what the
 * operator names.
 */
export function isDenied(
  { name, type }: DatabaseColumn,
  model: string,
  deniedColumns: readonly string[],
): boolean {
  return (
    type === 'bytea' ||
    (secretName.test(name) && textTypes.test(type)) ||
    isListed(deniedColumns, model, name)
  );
}

/** @throws RelayError CONFIG_INVALID */
export function refuseBadColumnLists(lists: Readonly<Record<string, readonly string[]>>): void {
  for (const [setting, list] of Object.entries(lists)) {
    refuseBadColumns(setting, list);
  }
}

function refuseBadColumns(setting: string, list: readonly string[]): void {
  const bad = list.filter(
    (entry) => !/^(\*|[a-z0-9_]+(\.[a-z0-9_]+)*)\.[^.*]+$/.test(entry) || entry.endsWith('.id'),
  );
  if (bad.length > 0) {
    throw new RelayError(
      'CONFIG_INVALID',
      `${setting} takes entries like res.partner.phone or *.phone, and never the id, not ${bad.join(', ')}`,
    );
  }
}

function digitsOf(type: string): { precision: number; scale: number } {
  const [, precision, scale] = /^numeric\((\d+),(-?\d+)\)$/.exec(type) ?? [];
  if (precision === undefined || Number(scale) < 0 || Number(scale) > Number(precision)) {
    return unboundedNumeric;
  }
  return { precision: Number(precision), scale: Number(scale) };
}
