import type { Change, Row, Value } from '#libs/change';

type Happening = 'c' | 'u' | 'd';

/** A name for a kind of change, as data: which changes of which model bear it. */
export interface EventType {
  name: string;
  model: string;
  description: string;
  operations: readonly Happening[];
  /**
   * At least one of these columns changed. A create changes what it fills, a delete what it empties: neither
   * counts a column that is null, false, 0 or the empty text.
   */
  changedAny?: readonly string[];
  /** The column got this value by the change. */
  becomes?: { column: string; value: string };
}

/** Event types with a meaning of their own. `<model>.created|updated|deleted` exist for every model. */
export const eventCatalogue: readonly EventType[] = [
  {
    name: 'product.created',
    model: 'product.template',
    description: 'A product was created (the template; its variants are product.product.created).',
    operations: ['c'],
  },
  {
    name: 'product.price_changed',
    model: 'product.template',
    description:
      "A product's sales price (list_price) changed. Not its cost (standard_price of product.product) and not price lists.",
    operations: ['u'],
    changedAny: ['list_price'],
  },
  {
    name: 'stock.quantity_changed',
    model: 'stock.quant',
    description:
      'The quantity on hand of a product at a location changed: also when a quant appears with, or vanishes with, a quantity.',
    operations: ['c', 'u', 'd'],
    changedAny: ['quantity'],
  },
  {
    name: 'sale.order.confirmed',
    model: 'sale.order',
    description: 'A quotation was confirmed: the state of the order became sale.',
    operations: ['u'],
    becomes: { column: 'state', value: 'sale' },
  },
];

const rawKinds: readonly { suffix: string; operation: Happening }[] = [
  { suffix: 'created', operation: 'c' },
  { suffix: 'updated', operation: 'u' },
  { suffix: 'deleted', operation: 'd' },
];

const catalogueByName = new Map(eventCatalogue.map((type) => [type.name, type]));
const modelPattern = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;

/** Columns that Odoo writes whatever was changed. */
const bookkeepingColumns: ReadonlySet<string> = new Set(['write_date', 'write_uid']);

/** All event types that changes of these models can bear, catalogue first. */
export function eventTypesOf(models: readonly string[]): EventType[] {
  const raw = models.flatMap((model) =>
    rawKinds.map(({ suffix, operation }) => rawType(model, suffix, operation)),
  );
  return [...eventCatalogue.filter(({ model }) => models.includes(model)), ...raw];
}

export function isKnownEventType(name: string, models: readonly string[]): boolean {
  const type = eventTypeNamed(name);
  return type !== undefined && models.includes(type.model);
}

/** The event type of this name, of whatever model; undefined for a name that can be none. */
export function eventTypeNamed(name: string): EventType | undefined {
  const known = catalogueByName.get(name);
  if (known !== undefined) {
    return known;
  }
  const kind = rawKinds.find(({ suffix }) => name.endsWith(`.${suffix}`));
  const model = kind === undefined ? '' : name.slice(0, -kind.suffix.length - 1);
  return kind !== undefined && modelPattern.test(model)
    ? rawType(model, kind.suffix, kind.operation)
    : undefined;
}

/**
 * Whether a change is an event at all: rows read by a snapshot are none, nor are updates that changed nothing
 * but who wrote last and when.
 */
export function isEvent(change: Change): boolean {
  switch (change.op) {
    case 'c':
    case 'd':
      return true;
    case 'u':
      return change.changed?.some((column) => !bookkeepingColumns.has(column)) ?? true;
    case 'r':
      return false;
  }
}

/** Whether a change bears an event type. The caller has made sure of {@link isEvent}. */
export function bearsEventType(change: Change, type: EventType): boolean {
  if (change.source.model !== type.model || !type.operations.some((operation) => operation === change.op)) {
    return false;
  }
  if (type.changedAny !== undefined && !type.changedAny.some((column) => columnChanged(change, column))) {
    return false;
  }
  return (
    type.becomes === undefined ||
    (change.after?.[type.becomes.column] === type.becomes.value && columnChanged(change, type.becomes.column))
  );
}

function columnChanged(change: Change, column: string): boolean {
  if (change.op === 'u') {
    return (
      change.changed?.includes(column) ?? valueOf(change.before, column) !== valueOf(change.after, column)
    );
  }
  return !isEmpty(valueOf(change.op === 'd' ? change.before : change.after, column));
}

function valueOf(row: Row | null, column: string): Value {
  return row?.[column] ?? null;
}

/** Decimals are text: 0, 0.00 and -0.0 are all nothing. */
function isEmpty(value: Value): boolean {
  return !value || (typeof value === 'string' && /^-?0+(\.0+)?$/.test(value));
}

function rawType(model: string, suffix: string, operation: Happening): EventType {
  const name = `${model}.${suffix}`;
  return { name, model, description: `A record of ${model} was ${suffix}.`, operations: [operation] };
}
