import type { Change, Column, Row, Value } from '#libs/change';
import { RelayError } from '#libs/process';

/** A change as an event of one type, ready to be written as a body. */
export interface Event {
  type: string;
  change: Change;
  columns: ReadonlyMap<string, Column>;
  recordId: bigint;
  /** It is sent by a replay, which its body says; that of live ones says nothing of it. */
  replay?: boolean;
}

/** What is made of each column of a schema, made once: the columns of a schema stay the same object. */
export function perColumn<T>(make: (column: Column) => T): (columns: Event['columns']) => readonly T[] {
  const known = new WeakMap<Event['columns'], readonly T[]>();
  return (columns) => {
    let made = known.get(columns);
    if (made === undefined) {
      made = [...columns.values()].map(make);
      known.set(columns, made);
    }
    return made;
  };
}

/** What `data` holds: the row after the change, or before it for a delete. */
export function dataRow(change: Change): Row {
  return (change.op === 'd' ? change.before : change.after) ?? {};
}

/** When the change was read from the database, as RFC 3339 with milliseconds. */
export function eventTimestamp(change: Change): string {
  const date = new Date(Number(change.source.ts_ms));
  if (Number.isNaN(date.getTime())) {
    throw notRepresentable('source.ts_ms', 'is no moment');
  }
  return date.toISOString();
}

/** Digits of the largest sequence. */
const sequenceDigits = 19;

/** A CloudEvent's `sequence` has to be a text, and ordered as one. */
export function orderedSequence(sequence: bigint): string {
  return String(sequence).padStart(sequenceDigits, '0');
}

/** `problem` goes on after the field's name. Without the value: reasons are logged, and rows are nobody's business. */
export function notRepresentable(field: string, problem: string, cause?: unknown): RelayError {
  return new RelayError('VALUE_NOT_REPRESENTABLE', `${field} ${problem}`, { cause });
}

/** Of a binary column's value. */
export function base64(value: Value): string {
  return Buffer.isBuffer(value) ? value.toString('base64') : '';
}

const surrogatePair = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

/** Halves of a surrogate pair are no characters: each becomes U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(surrogatePair, (match) => (match.length === 2 ? match : '\ufffd'));
}
