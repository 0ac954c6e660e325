import type { Wish } from './simple-evaluator.js';

type Asked = Omit<Wish, 'id'>;

const of = (...eventTypes: string[]): { where: (...filter: unknown[]) => Asked } & Asked => ({
  eventTypes,
  where: (...filter) => ({ eventTypes, filter }),
});

/** Fifty subscriptions to the recorded workload, each with a wish of another kind. */
const asked: readonly Asked[] = [
  of('product.created'),
  of('product.price_changed'),
  of('product.archived'),
  of('stock.quantity_changed'),
  of('stock.out_of_stock'),
  of('sale.quotation.created'),
  of('sale.order.confirmed'),
  of('sale.order.cancelled'),
  of('sale.order.lines_changed'),
  of('sale.order.delivered'),
  of('stock.picking.assigned'),
  of('stock.picking.done'),
  of('stock.picking.partly_done'),
  of('invoice.posted'),
  of('invoice.paid'),
  of('partner.created', 'partner.changed', 'partner.deleted'),
  of('sale.order.created', 'sale.order.updated', 'sale.order.deleted'),
  of('sale.order.updated', 'sale.order.confirmed'),
  of('sale.order.confirmed', 'sale.order.updated'),
  of('sale.order.line.created', 'sale.order.line.deleted'),
  of('stock.move.updated'),
  of('stock.move.line.created'),
  of('account.move.updated'),
  of('product.product.updated'),
  of('stock.quant.created', 'stock.quant.updated', 'stock.quant.deleted'),
  of('sale.order.updated').where(['state', '=', 'sale']),
  of('sale.order.updated').where('&', ['state', '=', 'sale'], ['amount_total', '>', 500]),
  of('sale.order.updated').where('|', ['amount_total', '>', 1000], ['state', 'in', ['draft', 'sent']]),
  of('sale.order.updated').where('!', ['state', '=', 'sale']),
  of('sale.order.updated').where(['before.state', '=', 'draft'], ['state', '!=', 'draft']),
  of('sale.order.updated').where(['changed', 'in', ['amount_total', 'order_line']]),
  of('sale.order.updated').where(['partner_id.name', 'ilike', 'gem']),
  of('sale.order.updated').where(['order_line.product_id.default_code', 'ilike', 'FURN']),
  of('sale.order.updated').where(['order_line.product_uom_qty', '>', 2]),
  of('sale.order.created', 'sale.order.updated').where(['client_order_ref', '=', false]),
  of('sale.order.created', 'sale.order.updated').where(['partner_id', 'in', [9, 10, 11]]),
  of('product.template.created').where(['default_code', 'ilike', 'imp-']),
  of('product.template.created', 'product.template.updated').where(['list_price', '<', 20]),
  of('product.template.updated').where(['before.list_price', '<', 50], ['list_price', '>=', 50]),
  of('product.template.updated').where(['description_sale', 'not ilike', 'oak']),
  of('stock.quantity_changed').where(['location_id', '=', 5]),
  of('stock.quantity_changed').where(['quantity', '>', 10], ['location_id', 'not in', [5]]),
  of('stock.quantity_changed').where(['lot_id', '!=', false]),
  of('stock.picking.updated').where(['move_ids.product_id.default_code', 'ilike', 'FURN']),
  of('stock.picking.updated').where(['partner_id', '=', false]),
  of('account.move.updated').where(['move_type', '=', 'out_invoice'], ['amount_total', '>', 100]),
  { eventTypes: ['sale.order.updated'], fieldChanges: [{ field: 'state' }] },
  { eventTypes: ['sale.order.updated'], fieldChanges: [{ field: 'state', from: 'draft', to: 'sale' }] },
  {
    eventTypes: ['sale.order.created', 'sale.order.updated'],
    fieldChanges: [{ field: 'order_line' }, { field: 'note' }],
  },
  {
    eventTypes: ['account.move.updated'],
    fieldChanges: [{ field: 'payment_state', to: 'paid' }],
    filter: [['amount_total', '>', 50]],
  },
];

export const recordedWishes: readonly Wish[] = asked.map(({ eventTypes, filter, fieldChanges }, index) => ({
  id: `wish-${String(index).padStart(2, '0')}`,
  eventTypes,
  ...(filter === undefined ? {} : { filter }),
  ...(fieldChanges === undefined ? {} : { fieldChanges }),
}));
