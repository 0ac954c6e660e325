import type { Column, Row, Value } from '#libs/change';
import { RelayError } from '#libs/process';
import type { CapturedColumn } from './column-types.js';
import { splitRow, stringOf, valuesOf, type RowKeys } from './row-text.js';

/** Columns by their name in Postgres. */
export type CapturedColumns = ReadonlyMap<string, CapturedColumn>;

/** A row with the texts it was made of. */
export interface TypedRow {
  row: Row;
  shape: RowShape;
  texts: readonly string[];
  /** Whether it has just the columns that are known, of the types that are known. */
  fits: boolean;
}

/** What rows with the same keys have in common. */
interface RowShape {
  keys: RowKeys;
  /** By the key's index; undefined for a column whose type is not known. */
  columns: readonly (CapturedColumn | undefined)[];
  fits: boolean;
}

/** Gives the rows of one table their types. */
export class RowTyper {
  private shape: RowShape = { keys: [], columns: [], fits: true };

  constructor(
    private readonly columns: CapturedColumns,
    private readonly language: string,
  ) {}

  /**
   * The row in its typed form; a column that it does not have is written as null, and one that is not known is
   * left out: then it does not fit. Values whose text is that of `before` are taken from there.
   * @throws RelayError VALUE_NOT_REPRESENTABLE when a value does not fit its column's type; it is never rounded.
   */
  typed(text: string, before: TypedRow | null = null, refusedValues: 'throw' | 'null' = 'throw'): TypedRow {
    const texts = valuesOf(text, this.shape.keys) ?? this.learn(text);
    const { shape } = this;
    const row: Record<string, Value> = {};
    const earlier = before?.shape === shape ? before : null;
    let { fits } = shape;
    for (let index = 0; index < texts.length; index += 1) {
      const captured = shape.columns[index];
      const value = texts[index] ?? 'null';
      if (captured === undefined) {
        continue;
      }
      const { column, translations } = captured;
      if (earlier !== null && earlier.texts[index] === value) {
        row[column.name] = earlier.row[column.name] ?? null;
      } else {
        fits &&= hasForm(captured, value);
        row[column.name] = this.valueOf(captured, value, refusedValues);
      }
      if (translations !== undefined) {
        row[translations] = value === 'null' ? null : value;
      }
    }
    return { row, shape, texts, fits };
  }

  /** A row as it was before a change: what does not fit its column is null, as it is `after` that counts. */
  earlier(text: string): TypedRow {
    try {
      return this.typed(text);
    } catch (error) {
      if (!isRefusal(error)) {
        throw error;
      }
      // Without its texts, so that the row after does not take a null for a value that is refused there, too.
      return { ...this.typed(text, null, 'null'), texts: [], fits: false };
    }
  }

  private valueOf(
    { column, translations }: CapturedColumn,
    text: string,
    refusedValues: 'throw' | 'null',
  ): Value {
    try {
      return translations === undefined ? typedValue(column, text) : translatedText(text, this.language);
    } catch (error) {
      if (refusedValues === 'throw' || !isRefusal(error)) {
        throw error;
      }
      return null;
    }
  }

  private learn(text: string): string[] {
    const fields = splitRow(text);
    const names = [...fields.keys()];
    const columns = names.map((name) => this.columns.get(name));
    const fits = columns.length === this.columns.size && columns.every((column) => column !== undefined);
    this.shape = { keys: names.map((name) => `${JSON.stringify(name)}: `), columns, fits };
    return [...fields.values()];
  }
}

/** Names of the typed columns that differ. Equal texts are equal values; others may be, as 1.0 and 1.00. */
export function changedColumns(before: TypedRow, after: TypedRow): string[] {
  const names = new Set(
    before.shape === after.shape ? namesOfOtherTexts(before, after) : allNames(before, after),
  );
  return [...names].filter((name) => !isSame(before.row[name] ?? null, after.row[name] ?? null));
}

function isSame(a: Value, b: Value): boolean {
  return a === b || (Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b));
}

function namesOfOtherTexts(before: TypedRow, after: TypedRow): string[] {
  const names: string[] = [];
  for (let index = 0; index < after.texts.length; index += 1) {
    const captured = after.shape.columns[index];
    if (captured !== undefined && before.texts[index] !== after.texts[index]) {
      names.push(captured.column.name);
      if (captured.translations !== undefined) {
        names.push(captured.translations);
      }
    }
  }
  return names;
}

function allNames(before: TypedRow, after: TypedRow): string[] {
  return [...Object.keys(before.row), ...Object.keys(after.row)];
}

/** Most digits that Postgres writes of a float: a number with more is none. */
const floatDigits = 17;

/** Tells by a value that the column has become another type, where the value could be taken for one of the old. */
function hasForm({ column, translations, isText }: CapturedColumn, text: string): boolean {
  if (text === 'null') {
    return true;
  }
  if (translations !== undefined) {
    return text.startsWith('{');
  }
  if (isText === true) {
    return text.startsWith('"');
  }
  return (
    column.kind !== 'float' ||
    text.length <= floatDigits ||
    text.replaceAll(/[-.]/g, '').replaceAll(/^0+|0+$/g, '').length <= floatDigits
  );
}

function typedValue(column: Column, text: string): Value {
  if (text === 'null') {
    return null;
  }
  switch (column.kind) {
    case 'int':
      return integer(column, text);
    case 'long':
      return isWhole(text) ? BigInt(text) : refuse(column, text);
    case 'float':
      return float(column, text);
    case 'decimal':
      return decimal(column, text);
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : refuse(column, text);
    case 'text':
      return textOf(text);
    case 'date':
      return date(column, text);
    case 'timestamp':
      return timestamp(column, text);
    case 'json':
      return text;
    case 'binary':
      return text.startsWith('"') ? Buffer.from(stringOf(text), 'base64') : refuse(column, text);
  }
}

function refuse(column: Column, text: string): never {
  const type = column.kind === 'decimal' ? `decimal(${column.precision},${column.scale})` : column.kind;
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  throw new RelayError('VALUE_NOT_REPRESENTABLE', `${shown} in column ${column.name} is no ${type}`);
}

/** Whether it says that a value does not fit its column. */
export function isRefusal(error: unknown): error is RelayError {
  return error instanceof RelayError && error.code === 'VALUE_NOT_REPRESENTABLE';
}

function isWhole(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function integer(column: Column, text: string): number {
  const value = Number(text);
  return Number.isInteger(value) && (value | 0) === value ? value : refuse(column, text);
}

/** Postgres writes the three values that JSON has no number for as strings. */
function float(column: Column, text: string): number {
  const value = Number(text.startsWith('"') ? stringOf(text) : text);
  return Number.isNaN(value) && text !== '"NaN"' ? refuse(column, text) : value;
}

/** Without zeros at the end of the fraction, so that equal numbers are equal texts. */
function decimal(column: Column & { kind: 'decimal' }, text: string): string {
  const plain = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (plain === null) {
    return refuse(column, text);
  }
  const [, sign = '', whole = '', fraction = ''] = plain;
  const digits = fraction.replace(/0+$/, '');
  const wholeDigits = whole === '0' ? 0 : whole.length;
  if (digits.length > column.scale || wholeDigits > column.precision - column.scale) {
    return refuse(column, text);
  }
  return digits === '' ? sign + whole : `${sign}${whole}.${digits}`;
}

/** Years of four digits; 'infinity' and years before Christ do not fit. */
function date(column: Column, text: string): string {
  return /^"\d{4}-\d\d-\d\d"$/.test(text) ? text.slice(1, -1) : refuse(column, text);
}

const timestampPattern =
  /^"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d(?::\d\d)?(?::\d\d)?)?"$/;

function timestamp(column: Column, text: string): string {
  const [, seconds, fraction = '', offset] = timestampPattern.exec(text) ?? [];
  if (seconds === undefined) {
    return refuse(column, text);
  }
  return `${offset === undefined ? seconds : inUtc(seconds, offset)}.${fraction.padEnd(6, '0')}`;
}

function inUtc(seconds: string, offset: string): string {
  const [hours = 0, minutes = 0, offsetSeconds = 0] = offset.slice(1).split(':').map(Number);
  const offsetMs = ((hours * 60 + minutes) * 60 + offsetSeconds) * 1000 * (offset.startsWith('-') ? -1 : 1);
  return new Date(Date.parse(`${seconds}Z`) - offsetMs).toISOString().slice(0, 19);
}

/** Odoo keeps en_US as the source text of every translation. */
function translatedText(text: string, language: string): string | null {
  if (!text.startsWith('{')) {
    return text === 'null' ? null : textOf(text);
  }
  const texts = splitRow(text);
  const chosen = texts.get(language) ?? texts.get('en_US') ?? texts.values().next().value ?? 'null';
  return chosen === 'null' ? null : textOf(chosen);
}

function textOf(text: string): string {
  return text.startsWith('"') ? stringOf(text) : text;
}
