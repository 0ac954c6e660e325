import { carriedNames, tableOf, type Change, type Column, type Row, type Value } from '#libs/change';
import { columnChanged, type ReadableChange } from '#libs/event';
import type { FieldError } from '../http/problem.js';

type Columns = ReadonlyMap<string, Column>;
type Given = Readonly<Record<string, unknown>>;

/** As a body of the format json-before-after has them; what is left out is made up. */
const members = [
  'type',
  'timestamp',
  'change_id',
  'sequence',
  'database',
  'model',
  'record_id',
  'op',
  'replay',
  'changed',
  'before',
  'after',
];

export type GivenChange =
  { kind: 'change'; read: ReadableChange } | { kind: 'refused'; errors: readonly FieldError[] };

/**
 * A change that was made up, or taken from a body of the format json-before-after, as the router would read it.
 * Columns that are not given are null. Numbers of more digits than JSON's readers keep can be given as text.
 */
export function readGivenChange(
  given: Given,
  place: { database: string; model: string },
  columns: Columns,
): GivenChange {
  const reader = new GivenReader(place.model, columns);
  reader.requireMembers(given);
  const before = reader.row('before', given['before']);
  const after = reader.row('after', given['after']);
  if (before === null && after === null) {
    reader.refuse('', 'must have "before" (of a delete), "after" (of a create), or both (of an update)');
  }
  const op = before === null ? 'c' : after === null ? 'd' : 'u';
  if (given['op'] !== undefined && given['op'] !== op) {
    reader.refuse('.op', `must be "${op}" or be left out: c has only "after", d only "before", u both`);
  }
  const recordId = given['record_id'] ?? (after ?? before)?.['id'] ?? 1;
  const change: Change = {
    before,
    after,
    op,
    source: sourceOf(given, place),
    ts_ms: BigInt(Date.now()),
    included: reader.includedOf(given[op === 'd' ? 'before' : 'after']),
    changed: null,
  };
  const changed = op === 'u' ? reader.changed(given['changed'], change) : null;
  const id = typeof recordId === 'number' && Number.isSafeInteger(recordId) ? BigInt(recordId) : undefined;
  if (id === undefined) {
    reader.refuse('.record_id', 'must be a whole number');
  }
  return reader.errors.length > 0
    ? { kind: 'refused', errors: reader.errors }
    : {
        kind: 'change',
        read: { kind: 'change', change: { ...change, changed }, columns, recordId: id ?? 1n },
      };
}

class GivenReader {
  readonly errors: FieldError[] = [];
  private readonly relations: ReadonlySet<string>;

  constructor(
    private readonly model: string,
    private readonly columns: Columns,
  ) {
    this.relations = carriedNames(model);
  }

  refuse(place: string, message: string): void {
    this.errors.push({ field: `change${place}`, code: 'invalid', message });
  }

  requireMembers(given: Given): void {
    for (const name of Object.keys(given).filter((member) => !members.includes(member))) {
      this.refuse(`.${name.slice(0, 64)}`, `is not known here: a change has ${members.join(', ')}`);
    }
  }

  row(side: 'before' | 'after', given: unknown): Row | null {
    if (given === undefined || given === null) {
      return null;
    }
    if (typeof given !== 'object' || Array.isArray(given)) {
      this.refuse(`.${side}`, 'must be an object with the values of the record');
      return null;
    }
    const row: Record<string, Value> = {};
    this.columns.forEach((_, name) => {
      row[name] = null;
    });
    for (const [name, value] of Object.entries(given)) {
      const column = this.columns.get(name);
      if (column !== undefined && !this.relations.has(name)) {
        row[name] = this.value(`.${side}.${name}`, column, value);
      } else if (!this.relations.has(name)) {
        this.refuse(`.${side}.${name.slice(0, 64)}`, `is no captured field of ${this.model}`);
      }
    }
    return row;
  }

  /** Related records stand beside the fields, as they do in bodies. */
  includedOf(row: unknown): string | null {
    const entries = Object.entries((row ?? {}) as Given).filter(([name]) => this.relations.has(name));
    return entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries));
  }

  changed(given: unknown, change: Change): readonly string[] {
    if (given === undefined || given === null) {
      return [...this.columns.keys()].filter((name) => columnChanged(change, name));
    }
    const isKnown = (name: unknown): boolean =>
      typeof name === 'string' && (this.columns.has(name) || this.relations.has(name));
    if (!Array.isArray(given) || !given.every(isKnown)) {
      this.refuse('.changed', `must be a list of captured fields of ${this.model}, or be left out`);
      return [];
    }
    return given as string[];
  }

  private value(place: string, column: Column, given: unknown): Value {
    if (given === null) {
      return null;
    }
    const value = valueOf(column, given);
    if (value === undefined) {
      this.refuse(place, `must be ${expected[column.kind]}, or null`);
    }
    return value ?? null;
  }
}

const expected: Readonly<Record<Column['kind'], string>> = {
  int: 'a whole number',
  long: 'a whole number, or one as text',
  float: 'a number',
  decimal: 'a number, or one as text such as "12.50"',
  boolean: 'true or false',
  text: 'a text',
  date: 'a date such as "2026-01-31"',
  timestamp: 'a moment in UTC such as "2026-01-31T09:30:00Z"',
  json: 'JSON',
  binary: 'base64',
};

const momentPattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z?$/;

/** undefined where it is no value of the column. */
function valueOf({ kind }: Column, given: unknown): Value | undefined {
  switch (kind) {
    case 'int':
      return Number.isSafeInteger(given) ? (given as number) : undefined;
    case 'long':
      return isWhole(given) ? BigInt(given) : undefined;
    case 'float':
      return typeof given === 'number' ? given : undefined;
    case 'decimal':
      return decimalOf(given);
    case 'boolean':
      return typeof given === 'boolean' ? given : undefined;
    case 'text':
      return typeof given === 'string' ? given : undefined;
    case 'date':
      return typeof given === 'string' && /^\d{4}-\d\d-\d\d$/.test(given) ? given : undefined;
    case 'timestamp': {
      const [, day, time, fraction = ''] = momentPattern.exec(typeof given === 'string' ? given : '') ?? [];
      return day === undefined ? undefined : `${day}T${String(time)}.${fraction.padEnd(6, '0')}`;
    }
    case 'json':
      return JSON.stringify(given);
    case 'binary':
      return typeof given === 'string' ? Buffer.from(given, 'base64') : undefined;
  }
}

function isWhole(given: unknown): given is number | string {
  return Number.isSafeInteger(given) || (typeof given === 'string' && /^-?\d{1,19}$/.test(given));
}

function decimalOf(given: unknown): string | undefined {
  const text = typeof given === 'number' ? String(given) : given;
  return typeof text === 'string' && /^-?(?:0|[1-9]\d{0,19})(?:\.\d{1,20})?$/.test(text) ? text : undefined;
}

function sourceOf(given: Given, { database, model }: { database: string; model: string }): Change['source'] {
  const { change_id: changeId, timestamp, sequence } = given;
  const readAtMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return {
    version: '0',
    connector: 'odoo-relay',
    name: `odoo.${database}`,
    ts_ms: BigInt(Number.isNaN(readAtMs) ? Date.now() : readAtMs),
    db: database,
    database,
    epoch: 'given',
    table: tableOf(model),
    model,
    change_id: typeof changeId === 'string' ? changeId : 'given-1',
    sequence: typeof sequence === 'number' && Number.isSafeInteger(sequence) ? BigInt(sequence) : 1n,
    tx: { id: '1', ordinal: 1n, total: 1n },
    user_id: null,
    company_id: null,
    snapshot: null,
  };
}
