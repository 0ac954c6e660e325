import type { EventType, Happening } from './event-type.js';

const customerInvoices = ['out_invoice', 'out_refund', 'out_receipt'];
const becomes = (
  state: string,
  column = 'state',
): Pick<EventType, 'operations' | 'changedAny' | 'after'> => ({
  operations: ['u'],
  changedAny: [column],
  after: [[column, '=', state]],
});

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
    name: 'product.archived',
    model: 'product.template',
    description: 'A product was archived: active became false.',
    operations: ['u'],
    changedAny: ['active'],
    after: [['active', '=', false]],
  },
  {
    name: 'product.unarchived',
    model: 'product.template',
    description: 'An archived product is in use again: active became true.',
    operations: ['u'],
    changedAny: ['active'],
    after: [['active', '=', true]],
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
    name: 'stock.below_threshold',
    model: 'stock.quant',
    description:
      'The quantity on hand of a product at a location fell below 10. Another threshold: stock.quantity_changed with a filter such as ["before.quantity", ">=", 25], ["quantity", "<", 25].',
    operations: ['u'],
    changedAny: ['quantity'],
    before: [['quantity', '>=', 10]],
    after: [['quantity', '<', 10]],
  },
  {
    name: 'stock.out_of_stock',
    model: 'stock.quant',
    description: 'The quantity on hand of a product at a location fell to 0 or below.',
    operations: ['u'],
    changedAny: ['quantity'],
    before: [['quantity', '>', 0]],
    after: [['quantity', '<=', 0]],
  },
  {
    name: 'sale.quotation.created',
    model: 'sale.order',
    description: 'A quotation was created.',
    operations: ['c'],
    after: [['state', 'in', ['draft', 'sent']]],
  },
  {
    name: 'sale.quotation.sent',
    model: 'sale.order',
    description: 'A quotation was sent to its customer: the state of the order became sent.',
    ...becomes('sent'),
  },
  {
    name: 'sale.order.confirmed',
    model: 'sale.order',
    description: 'A quotation was confirmed: the state of the order became sale.',
    ...becomes('sale'),
  },
  {
    name: 'sale.order.cancelled',
    model: 'sale.order',
    description: 'A quotation or an order was cancelled: its state became cancel.',
    ...becomes('cancel'),
  },
  {
    name: 'sale.order.lines_changed',
    model: 'sale.order',
    description:
      'A line of a quotation or an order was added, changed or removed; data.order_line has them all.',
    operations: ['u'],
    changedAny: ['order_line'],
  },
  {
    name: 'sale.order.delivered',
    model: 'sale.order',
    description: 'All that an order is about was delivered: delivery_status became full.',
    ...becomes('full', 'delivery_status'),
  },
  {
    name: 'stock.picking.assigned',
    model: 'stock.picking',
    description: 'What a transfer moves was reserved, it is ready: its state became assigned.',
    ...becomes('assigned'),
  },
  {
    name: 'stock.picking.done',
    model: 'stock.picking',
    description: 'A transfer was done: its state became done.',
    ...becomes('done'),
  },
  {
    name: 'stock.picking.partly_done',
    model: 'stock.picking',
    description:
      'A transfer was done in part: what is left became this transfer, and backorder_id names the one that was done.',
    operations: ['c'],
    after: [['backorder_id', '!=', false]],
  },
  {
    name: 'invoice.posted',
    model: 'account.move',
    description: "A customer's invoice or credit note was posted: its state became posted.",
    operations: ['u'],
    changedAny: ['state'],
    after: [
      ['state', '=', 'posted'],
      ['move_type', 'in', customerInvoices],
    ],
  },
  {
    name: 'invoice.paid',
    model: 'account.move',
    description:
      "A customer's invoice was paid: its payment_state became paid, or in_payment where the bank has still to confirm it.",
    operations: ['u'],
    changedAny: ['payment_state'],
    before: [['payment_state', 'not in', ['paid', 'in_payment']]],
    after: [
      ['payment_state', 'in', ['paid', 'in_payment']],
      ['move_type', 'in', customerInvoices],
    ],
  },
  {
    name: 'partner.created',
    model: 'res.partner',
    description: 'A contact was created: a company, a person or an address.',
    operations: ['c'],
  },
  {
    name: 'partner.changed',
    model: 'res.partner',
    description: 'A contact was changed.',
    operations: ['u'],
  },
  {
    name: 'partner.deleted',
    model: 'res.partner',
    description: 'A contact was deleted.',
    operations: ['d'],
  },
];

const rawTypes = new Map<string, EventType>();
const rawKinds: readonly { suffix: string; operation: Happening }[] = [
  { suffix: 'created', operation: 'c' },
  { suffix: 'updated', operation: 'u' },
  { suffix: 'deleted', operation: 'd' },
];

const catalogueByName = new Map(eventCatalogue.map((type) => [type.name, type]));
const modelPattern = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;

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

function rawType(model: string, suffix: string, operation: Happening): EventType {
  const name = `${model}.${suffix}`;
  const known = rawTypes.get(name) ?? {
    name,
    model,
    description: `A record of ${model} was ${suffix}.`,
    operations: [operation],
  };
  rawTypes.set(name, known);
  return known;
}
