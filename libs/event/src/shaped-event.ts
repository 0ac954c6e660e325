import { partsOf, type Change, type Column, type Row, type Value } from '#libs/change';
import { bindDomain, parseDomain, type Predicate } from '#libs/domain';
import { RelayError } from '#libs/process';
import type { Event } from './event.js';
import { listed } from './filter.js';
import { exactIncluded, plainIncluded, type ExactEntries, type RelatedRecord } from './included.js';
import { exactJsonText, parseExactJson, type ExactJson } from './json-text.js';
import { recordScope } from './scopes.js';
import type { ChosenField, Shape, ShapedRelation } from './shape.js';

type Columns = ReadonlyMap<string, Column>;
type ExactObject = Extract<ExactJson, { kind: 'object' }>;

/** How one field of a shaped row comes about. */
interface Picked {
  as: string;
  read: (row: Row) => Value;
}

interface Plan {
  columns: Columns;
  picked: readonly Picked[];
}

/**
 * The event as a shape wants it: its rows hold the chosen columns under their new names, `included` the chosen
 * records, so that every format writes it like any other.
 * @throws RelayError SHAPE_NOT_APPLICABLE when records have no such field (any more)
 * @throws RelayError VALUE_NOT_REPRESENTABLE when what has to be looked into is no JSON
 */
export function shapedEvent(event: Event, shape: Shape): Event {
  const { change } = event;
  const plan = planOf(shape, event.columns, change.source.model);
  const shaped = (row: Row | null): Row | null =>
    row && Object.fromEntries(plan.picked.map(({ as, read }) => [as, read(row)]));
  return {
    ...event,
    columns: plan.columns,
    change: {
      ...change,
      before: shaped(change.before),
      after: shaped(change.after),
      included: shapedIncluded(change, shape),
    },
  };
}

const plans = new WeakMap<Shape, WeakMap<Columns, Plan>>();

/** The columns of a schema stay the same object, and so do those of a plan: writers keep what they know of them. */
function planOf(shape: Shape, columns: Columns, model: string): Plan {
  const ofShape = plans.get(shape) ?? new WeakMap<Columns, Plan>();
  plans.set(shape, ofShape);
  let plan = ofShape.get(columns);
  if (plan === undefined) {
    plan = newPlan(shape, columns, model);
    ofShape.set(columns, plan);
  }
  return plan;
}

function newPlan(shape: Shape, columns: Columns, model: string): Plan {
  // In every format a relation takes the place of a column of its name.
  const taken = new Set(Object.values(shape.included ?? {}).map(({ as }) => as));
  const all = [...columns.keys()].filter((name) => !taken.has(name));
  const chosen = shape.fields ?? all.map((field) => ({ field, as: field }));
  const shaped = new Map<string, Column>();
  const picked = chosen.map(({ field, as }) => {
    const column = columns.get(field);
    if (column === undefined) {
      throw new RelayError('SHAPE_NOT_APPLICABLE', `${model} has no captured field ${field}`);
    }
    shaped.set(as, { ...column, name: as });
    return { as, read: readerOf(column, shape, columns) };
  });
  return { columns: shaped, picked };
}

function readerOf({ name, kind }: Column, { language, companyId }: Shape, columns: Columns): Picked['read'] {
  const plain = (row: Row): Value => row[name] ?? null;
  const translations = `${name}__translations`;
  if (language !== null && columns.has(translations)) {
    return (row) => translated(row[translations] ?? null, language, translations) ?? plain(row);
  }
  if (companyId !== null && kind === 'json' && !neverByCompany.has(name)) {
    return (row) => ofCompany(plain(row), companyId, name);
  }
  return plain;
}

function translated(text: Value, language: string, field: string): string | undefined {
  const value = typeof text === 'string' ? entryOf(parseExactJson(field, text), language) : undefined;
  return value?.kind === 'string' ? value.value : undefined;
}

/** Percentages by id of an analytic account: they look like values by company, and are none. */
const neverByCompany: ReadonlySet<string> = new Set(['analytic_distribution']);

/** Of a column that Odoo keeps by company, `{"1": 8.25}`, what this one has; other JSON stays as it is. */
function ofCompany(text: Value, companyId: number, field: string): Value {
  if (typeof text !== 'string') {
    return null;
  }
  const json = parseExactJson(field, text);
  if (json.kind !== 'object' || !json.entries.every(([key]) => /^\d+$/.test(key))) {
    return text;
  }
  const value = entryOf(json, String(companyId));
  return value === undefined || value.kind === 'null' ? null : exactJsonText(value);
}

function entryOf(json: ExactJson, name: string): ExactJson | undefined {
  return json.kind === 'object' ? json.entries.find(([key]) => key === name)?.[1] : undefined;
}

/** Unchanged where nothing is chosen: then its text is written as it is, and no number is read. */
function shapedIncluded(change: Change, { included: wanted }: Shape): string | null {
  const { included, source } = change;
  if (included === null || wanted === null) {
    return included;
  }
  const exact = exactOf(change, included);
  const isFiltered = Object.values(wanted).some(({ filter }) => filter !== null);
  const plain = isFiltered ? plainIncluded(included) : {};
  const entries = Object.entries(wanted).flatMap(([name, relation]): ExactEntries => {
    const found = exact.find(([key]) => key === name)?.[1];
    const keep = keeper(relation, { model: source.model, name, plain });
    return found === undefined ? [] : [[relation.as, shapedRecords(found, relation, keep)]];
  });
  return exactJsonText({ kind: 'object', entries });
}

const exactByChange = new WeakMap<Change, ExactEntries>();

/** Read once for all who choose of it. */
function exactOf(change: Change, included: string): ExactEntries {
  const known = exactByChange.get(change) ?? exactIncluded(included);
  exactByChange.set(change, known);
  return known;
}

/** Whether the record at a place of a relation's list is kept. */
type Keep = (place: number) => boolean;

function shapedRecords(found: ExactJson, { fields }: ShapedRelation, keep: Keep): ExactJson {
  if (found.kind !== 'array') {
    return found;
  }
  const kept = found.items.filter((_, place) => keep(place));
  return {
    kind: 'array',
    items: fields === null ? kept : kept.map((record) => withFields(record, fields)),
  };
}

/** A field that a record lacks is null, as in rows. */
function withFields(record: ExactJson, fields: readonly ChosenField[]): ExactObject {
  return {
    kind: 'object',
    entries: fields.map(({ field, as }) => [as, entryOf(record, field) ?? { kind: 'null' }]),
  };
}

const tests = new WeakMap<ShapedRelation, Predicate<RelatedRecord>>();

function keeper(
  relation: ShapedRelation,
  { model, name, plain }: { model: string; name: string; plain: RelatedRecord },
): Keep {
  if (relation.filter === null) {
    return () => true;
  }
  const test = tests.get(relation) ?? newTest(relation, model, name);
  tests.set(relation, test);
  const records = Array.isArray(plain[name]) ? (plain[name] as RelatedRecord[]) : [];
  return (place) => test(records[place] ?? {});
}

function newTest({ filter }: ShapedRelation, model: string, name: string): Predicate<RelatedRecord> {
  const part = partsOf(model).find(({ field }) => field === name);
  const parsed = parseDomain(filter);
  const bound =
    parsed.kind === 'ok'
      ? bindDomain(parsed.value, recordScope(part?.part ?? name, part?.related ?? [], undefined))
      : parsed;
  if (bound.kind === 'refused') {
    throw new RelayError('SHAPE_NOT_APPLICABLE', `the filter of ${name}: ${listed(bound.problems)}`);
  }
  return bound.value;
}
