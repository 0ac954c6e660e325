import { partsOf, tableOf, type Change, type Column, type Value } from '#libs/change';
import { parseDomain, type Domain, type DomainValue } from '#libs/domain';
import { EventTest, type EventType } from './event-type.js';
import type { Event } from './event.js';
import { Subject } from './subject.js';

type Columns = ReadonlyMap<string, Column>;

const exampleId = 42;
const exampleMoment = '2026-01-31T09:30:00.000000';

/**
 * An invented event of a type, to see what its bodies look like; undefined where its conditions are more than
 * values of fields that can be put in.
 */
export function exampleEvent(type: EventType, database: string, columns: Columns): Event | undefined {
  const [op = 'u'] = type.operations;
  const before = op === 'c' ? null : rowThat(type.before, columns);
  const after = op === 'd' ? null : rowThat(type.after, columns);
  const changed = op === 'u' ? changedIn(type, columns) : null;
  if (before !== null && after !== null) {
    for (const name of changed ?? []) {
      const column = columns.get(name);
      // What changed differs, where the conditions do not say so already.
      if (column !== undefined && before[name] === after[name] && type.before === undefined) {
        before[name] = otherValue(column, after[name] ?? null);
      }
    }
  }
  const change = { ...exampleChange(type.model, database), op, before, after, changed };
  return bears(type, change, columns)
    ? { type: type.name, change, columns, recordId: BigInt(exampleId) }
    : undefined;
}

function bears(type: EventType, change: Change, columns: Columns): boolean {
  const test = EventTest.of(type);
  return (
    test.kind === 'ok' &&
    test.value.problemsWith(columns).length === 0 &&
    test.value.isBorneBy(new Subject(change), columns)
  );
}

function changedIn({ changedAny, after, model }: EventType, columns: Columns): string[] {
  const ofDomain = leaves(after).map(({ field }) => field);
  const candidates = changedAny ?? [...ofDomain, 'name', 'write_date'];
  const isThere = (name: string): boolean =>
    columns.has(name) || partsOf(model).some(({ field }) => field === name);
  return candidates.filter(isThere).slice(0, 1);
}

function rowThat(domain: unknown, columns: Columns): Record<string, Value> {
  const row: Record<string, Value> = {};
  columns.forEach((column, name) => {
    row[name] = exampleValue(column);
  });
  for (const { field, operator, value } of leaves(domain)) {
    const column = columns.get(field);
    if (column !== undefined) {
      row[field] = fitting(column, operator, value) ?? row[field] ?? null;
    }
  }
  return row;
}

interface Leaf {
  field: string;
  operator: string;
  value: DomainValue;
}

/** What must hold of the record's own fields. */
function leaves(domain: unknown): Leaf[] {
  const parsed = parseDomain(domain ?? []);
  return parsed.kind === 'ok' ? leavesOf(parsed.value) : [];
}

function leavesOf(domain: Domain): Leaf[] {
  if (domain.kind === 'and') {
    return domain.terms.flatMap(leavesOf);
  }
  if (domain.kind !== 'condition' || domain.path.length !== 1) {
    return [];
  }
  return [{ field: domain.path[0] ?? '', operator: domain.operator, value: domain.value }];
}

/** A value with which a condition holds; undefined where none is known. */
function fitting(column: Column, operator: string, given: DomainValue): Value | undefined {
  const value = given.kind === 'scalar' ? given.value : given.kind === 'list' ? given.values[0] : undefined;
  if (operator === '=' || operator === 'in') {
    return typed(column, value);
  }
  if (operator === '!=' && value === false) {
    return exampleValue(column);
  }
  const steps: Readonly<Record<string, number>> = { '>': 1, '>=': 0, '<': -1, '<=': 0 };
  const step = steps[operator];
  return step === undefined || typeof value !== 'number' ? undefined : typed(column, value + step);
}

function typed({ kind }: Column, value: unknown): Value | undefined {
  if (typeof value === 'number') {
    return kind === 'decimal' ? String(value) : kind === 'long' ? BigInt(Math.trunc(value)) : value;
  }
  return value === false && kind !== 'boolean' ? null : (value as Value | undefined);
}

function exampleValue(column: Column): Value {
  switch (column.kind) {
    case 'int':
      return column.name === 'id' ? exampleId : 1;
    case 'long':
      return 1n;
    case 'float':
      return 12.5;
    case 'decimal':
      return '112.7';
    case 'boolean':
      return true;
    case 'text':
      return column.name;
    case 'date':
      return exampleMoment.slice(0, 10);
    case 'timestamp':
      return exampleMoment;
    case 'json':
    case 'binary':
      return null;
  }
}

function otherValue({ kind }: Column, value: Value): Value {
  const others: Partial<Record<Column['kind'], Value>> = {
    boolean: value !== true,
    float: 10,
    decimal: '99.9',
  };
  return others[kind] ?? null;
}

function exampleChange(model: string, database: string): Omit<Change, 'op' | 'before' | 'after' | 'changed'> {
  const readAtMs = BigInt(Date.parse(`${exampleMoment}Z`));
  return {
    source: {
      version: '0',
      connector: 'odoo-relay',
      name: `odoo.${database}`,
      ts_ms: readAtMs,
      db: database,
      database,
      epoch: 'example',
      table: tableOf(model),
      model,
      change_id: 'example-1',
      sequence: 1n,
      tx: { id: '1', ordinal: 1n, total: 1n },
      user_id: null,
      company_id: null,
      snapshot: null,
    },
    ts_ms: readAtMs,
    included: includedOf(model),
  };
}

function includedOf(model: string): string | null {
  const parts = partsOf(model);
  return parts.length === 0
    ? null
    : JSON.stringify(Object.fromEntries(parts.map(({ field }) => [field, [{ id: 1 }]])));
}
