import type { Change, Row } from '#libs/change';

/** What a test subscription asks for, as data. */
export interface Wish {
  id: string;
  eventTypes: readonly string[];
  filter?: readonly unknown[];
  fieldChanges?: readonly { field: string; from?: unknown; to?: unknown }[];
}

/**
 * Says by the slowest and simplest means which event type a change is delivered as to whoever wishes this; undefined
 * for none. Written apart from the router, to check it: knows just what the tests ask.
 */
export function deliveredAs(wish: Wish, change: Change): string | undefined {
  const isTouch = change.changed?.every((name) => name === 'write_date' || name === 'write_uid') === true;
  if (change.op === 'r' || (change.op === 'u' && isTouch)) {
    return undefined;
  }
  const type = wish.eventTypes.find((name) => bears(change, name));
  const fields = wish.fieldChanges;
  if (type === undefined || (change.op === 'u' && fields?.some((one) => happened(change, one)) === false)) {
    return undefined;
  }
  return wish.filter === undefined || holds([...wish.filter], change) ? type : undefined;
}

const words: Readonly<Record<string, string>> = { created: 'c', updated: 'u', deleted: 'd' };
const became = (change: Change, column: string, value: unknown): boolean =>
  change.op === 'u' && change.changed?.includes(column) === true && change.after?.[column] === value;

const business: Readonly<Record<string, { model: string; test: (change: Change) => boolean }>> = {
  'product.created': { model: 'product.template', test: ({ op }) => op === 'c' },
  'product.price_changed': {
    model: 'product.template',
    test: ({ op, changed }) => op === 'u' && changed?.includes('list_price') === true,
  },
  'product.archived': { model: 'product.template', test: (change) => became(change, 'active', false) },
  'stock.quantity_changed': {
    model: 'stock.quant',
    test: ({ op, changed, before, after }) =>
      op === 'u' ? changed?.includes('quantity') === true : Number((after ?? before)?.['quantity']) !== 0,
  },
  'stock.out_of_stock': {
    model: 'stock.quant',
    test: ({ op, before, after }) =>
      op === 'u' && Number(before?.['quantity']) > 0 && Number(after?.['quantity']) <= 0,
  },
  'sale.quotation.created': {
    model: 'sale.order',
    test: ({ op, after }) => op === 'c' && ['draft', 'sent'].includes(String(after?.['state'])),
  },
  'sale.order.confirmed': { model: 'sale.order', test: (change) => became(change, 'state', 'sale') },
  'sale.order.cancelled': { model: 'sale.order', test: (change) => became(change, 'state', 'cancel') },
  'sale.order.lines_changed': {
    model: 'sale.order',
    test: ({ op, changed }) => op === 'u' && changed?.includes('order_line') === true,
  },
  'sale.order.delivered': {
    model: 'sale.order',
    test: (change) => became(change, 'delivery_status', 'full'),
  },
  'stock.picking.assigned': { model: 'stock.picking', test: (change) => became(change, 'state', 'assigned') },
  'stock.picking.done': { model: 'stock.picking', test: (change) => became(change, 'state', 'done') },
  'stock.picking.partly_done': {
    model: 'stock.picking',
    test: ({ op, after }) => op === 'c' && typeof after?.['backorder_id'] === 'number',
  },
  'invoice.posted': {
    model: 'account.move',
    test: (change) =>
      became(change, 'state', 'posted') && String(change.after?.['move_type']).startsWith('out_'),
  },
  'invoice.paid': {
    model: 'account.move',
    test: ({ op, before, after }) =>
      op === 'u' &&
      ['paid', 'in_payment'].includes(String(after?.['payment_state'])) &&
      !['paid', 'in_payment'].includes(String(before?.['payment_state'])) &&
      String(after?.['move_type']).startsWith('out_'),
  },
  'partner.created': { model: 'res.partner', test: ({ op }) => op === 'c' },
  'partner.changed': { model: 'res.partner', test: ({ op }) => op === 'u' },
  'partner.deleted': { model: 'res.partner', test: ({ op }) => op === 'd' },
};

function bears(change: Change, name: string): boolean {
  const known = business[name];
  if (known !== undefined) {
    return change.source.model === known.model && known.test(change);
  }
  const at = name.lastIndexOf('.');
  return change.source.model === name.slice(0, at) && change.op === words[name.slice(at + 1)];
}

function happened(
  change: Change,
  { field, from, to }: { field: string; from?: unknown; to?: unknown },
): boolean {
  return (
    change.changed?.includes(field) === true &&
    (from === undefined || plain(change.before?.[field]) === from) &&
    (to === undefined || plain(change.after?.[field]) === to)
  );
}

/** Takes the terms it needs from the front, as a calculator in Polish notation does. */
function holds(terms: unknown[], change: Change): boolean {
  let result = true;
  while (terms.length > 0) {
    result = next(terms, change) && result;
  }
  return result;
}

function next(terms: unknown[], change: Change): boolean {
  const term = terms.shift();
  if (term === '!') {
    return !next(terms, change);
  }
  if (term === '&' || term === '|') {
    const [one, other] = [next(terms, change), next(terms, change)];
    return term === '&' ? one && other : one || other;
  }
  return compare(term as [string, string, unknown], change);
}

function compare([field, operator, wanted]: [string, string, unknown], change: Change): boolean {
  if (operator === '!=') return !compare([field, '=', wanted], change);
  if (operator === 'not in') return !compare([field, 'in', wanted], change);
  if (operator === 'not ilike') return !compare([field, 'ilike', wanted], change);
  return valuesAt(field, change).some((value) => test(value, operator, wanted));
}

/** One value, or as many as there are lines. */
function valuesAt(field: string, change: Change): unknown[] {
  const row: Row = (change.op === 'd' ? change.before : change.after) ?? {};
  const included = JSON.parse(change.included ?? '{}') as Record<string, unknown>;
  if (field === 'changed') return [...(change.changed ?? [])];
  if (field.startsWith('before.')) return [plain(change.before?.[field.slice(7)])];
  if (field === 'partner_id.name') return row['partner_id'] == null ? [] : [plain(included['partner_name'])];
  if (field.startsWith('order_line.') || field.startsWith('move_ids.')) {
    const [relation = '', ...rest] = field.split('.');
    const name = rest.join('.') === 'product_id.default_code' ? 'product_default_code' : rest.join('.');
    return ((included[relation] ?? []) as Record<string, unknown>[]).map((line) => plain(line[name]));
  }
  return [plain(row[field])];
}

function plain(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return false;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' && /^-?\d+\.\d+$/.test(value) ? Number(value) : value;
}

function test(value: unknown, operator: string, wanted: unknown): boolean {
  switch (operator) {
    case '=':
      return value === wanted || (wanted === false && value === 0);
    case 'in':
      return (wanted as unknown[]).includes(value);
    case '>':
      return Number(value) > Number(wanted);
    case '>=':
      return Number(value) >= Number(wanted);
    case '<':
      return Number(value) < Number(wanted);
    case 'ilike':
      return String(value === false ? '' : value)
        .toLowerCase()
        .includes(String(wanted).toLowerCase());
    default:
      throw new Error(`the test asks for ${operator}`);
  }
}
