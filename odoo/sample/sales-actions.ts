import { between, cents, choose, int, pick, type Action } from './action.js';
import { deliverGoods, locations } from './stock-actions.js';
import type { TextRow } from './recorded-change.js';
import type { RecordedTransaction } from './recorded-transaction.js';

const companyId = 1;
const warehouseId = 1;
const deliveryPickingType = 2;

/** Odoo's own datetimes of a field are in whole seconds. */
function now(): string {
  return new Date().toISOString().slice(0, 19);
}

/** A quotation with one to four lines; its totals are written once the lines are there. */
export const createQuotation: Action = async (tx) => {
  const partner = await choose(tx, 'res_partner', 'active AND id > 3');
  const products = await tx.select(
    `SELECT product.id, product.default_code, template.name ->> 'en_US' AS name, template.list_price
     FROM product_product AS product JOIN product_template AS template ON template.id = product.product_tmpl_id
     ORDER BY random() LIMIT $1`,
    [between(1, 4)],
  );
  if (partner === undefined || products.length === 0) {
    return 'nothing';
  }
  const partnerId = int(partner, 'id');
  const orderId = await tx.insert('sale_order', {
    name: 'New',
    state: 'draft',
    company_id: companyId,
    partner_id: partnerId,
    partner_invoice_id: partnerId,
    partner_shipping_id: partnerId,
    currency_id: 1,
    currency_rate: 1,
    user_id: 2,
    warehouse_id: warehouseId,
    picking_policy: 'direct',
    invoice_status: 'no',
    date_order: now(),
    validity_date: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
    prepayment_percent: 1,
    locked: false,
    require_signature: true,
    require_payment: false,
  });
  let untaxed = 0;
  for (const product of products) {
    untaxed += await addLine(tx, { orderId, partnerId, product, quantity: between(1, 6) });
  }
  await tx.update('sale_order', [orderId], {
    name: `S${String(orderId).padStart(5, '0')}`,
    amount_untaxed: cents(untaxed),
    amount_tax: 0,
    amount_total: cents(untaxed),
  });
  return 'done';
};

async function addLine(
  tx: RecordedTransaction,
  line: { orderId: number; partnerId: number; product: TextRow; quantity: number },
): Promise<number> {
  const { product, quantity } = line;
  const price = Number(product['list_price']);
  const subtotal = cents(price * quantity);
  await tx.insert('sale_order_line', {
    order_id: line.orderId,
    order_partner_id: line.partnerId,
    sequence: 10,
    company_id: companyId,
    currency_id: 1,
    salesman_id: 2,
    product_id: int(product, 'id'),
    product_uom_id: 1,
    name: `[${product['default_code'] ?? ''}] ${product['name'] ?? ''}`,
    state: 'draft',
    product_uom_qty: quantity,
    price_unit: price,
    technical_price_unit: price,
    discount: 0,
    price_subtotal: subtotal,
    price_total: subtotal,
    price_tax: 0,
    price_reduce_taxexcl: price,
    price_reduce_taxinc: price,
    qty_delivered: 0,
    qty_invoiced: 0,
    qty_to_invoice: 0,
    qty_delivered_method: 'stock_move',
    invoice_status: 'no',
    customer_lead: 0,
    warehouse_id: warehouseId,
  });
  return subtotal;
}

/** The customer says yes: the order and its lines become sales and a delivery is planned. */
export const confirmQuotation: Action = async (tx) => {
  const order = await choose(tx, 'sale_order', `state = 'draft'`);
  if (order === undefined) {
    return 'nothing';
  }
  const orderId = int(order, 'id');
  await tx.update('sale_order', [orderId], { state: 'sale', date_order: now() });
  const lines = await linesOf(tx, orderId);
  await tx.update('sale_order_line', lines.map(idOf), { state: 'sale', invoice_status: 'to invoice' });
  const pickingId = await planDelivery(tx, order);
  for (const line of lines) {
    await planMove(tx, { order, line, pickingId });
  }
  await tx.update('stock_picking', [pickingId], { state: 'assigned' });
  await tx.update('sale_order', [orderId], { invoice_status: 'to invoice', delivery_status: 'pending' });
  return 'done';
};

async function planDelivery(tx: RecordedTransaction, order: TextRow): Promise<number> {
  const pickingId = await tx.insert('stock_picking', {
    location_id: locations.stock,
    location_dest_id: locations.customers,
    picking_type_id: deliveryPickingType,
    partner_id: int(order, 'partner_id'),
    company_id: companyId,
    sale_id: int(order, 'id'),
    origin: order['name'] ?? null,
    move_type: 'direct',
    state: 'draft',
    priority: '0',
    is_locked: true,
    scheduled_date: now(),
  });
  await tx.update('stock_picking', [pickingId], { name: `WH/OUT/${String(pickingId).padStart(5, '0')}` });
  return pickingId;
}

async function planMove(
  tx: RecordedTransaction,
  planned: { order: TextRow; line: TextRow; pickingId: number },
): Promise<void> {
  const { order, line, pickingId } = planned;
  const place = {
    company_id: companyId,
    picking_id: pickingId,
    product_id: int(line, 'product_id'),
    location_id: locations.stock,
    location_dest_id: locations.customers,
    date: now(),
  };
  const quantity = Number(line['product_uom_qty']);
  const moveId = await tx.insert('stock_move', {
    ...place,
    product_uom: 1,
    product_uom_qty: quantity,
    product_qty: quantity,
    partner_id: int(order, 'partner_id'),
    sale_line_id: idOf(line),
    picking_type_id: deliveryPickingType,
    warehouse_id: warehouseId,
    origin: order['name'] ?? null,
    state: 'assigned',
    procure_method: 'make_to_stock',
    quantity,
  });
  await tx.insert('stock_move_line', {
    ...place,
    move_id: moveId,
    product_uom_id: 1,
    quantity,
    quantity_product_uom: quantity,
    state: 'assigned',
  });
}

/** The lorry leaves: moves, move lines and the transfer are done, quants change, lines know what is delivered. */
export const deliverOrder: Action = async (tx) => {
  const picking = await choose(tx, 'stock_picking', `state = 'assigned'`);
  if (picking === undefined) {
    return 'nothing';
  }
  const pickingId = idOf(picking);
  const moves = await tx.select('SELECT * FROM stock_move WHERE picking_id = $1 ORDER BY id', [pickingId]);
  const moveLines = await tx.select('SELECT id FROM stock_move_line WHERE picking_id = $1', [pickingId]);
  for (const move of moves) {
    const quantity = Number(move['quantity']);
    await deliverGoods(tx, int(move, 'product_id'), quantity);
    await tx.update('sale_order_line', [int(move, 'sale_line_id')], {
      qty_delivered: quantity,
      qty_to_invoice: quantity,
    });
  }
  const done = { state: 'done', picked: true, date: now() };
  await tx.update('stock_move', moves.map(idOf), done);
  await tx.update('stock_move_line', moveLines.map(idOf), done);
  await tx.update('stock_picking', [pickingId], { state: 'done', date_done: now() });
  await tx.update('sale_order', [int(picking, 'sale_id')], {
    delivery_status: 'full',
    effective_date: now(),
  });
  return 'done';
};

/** A draft is thrown away: Postgres deletes the lines, the ORM does not. */
export const deleteQuotation: Action = async (tx) => {
  const order = await choose(tx, 'sale_order', `state = 'draft'`);
  if (order === undefined) {
    return 'nothing';
  }
  await tx.remove('sale_order', [idOf(order)], [{ table: 'sale_order_line', column: 'order_id' }]);
  return 'done';
};

/** The text of a line changes and nothing of its order: a change of the order too, made by its part. */
export const editLineText: Action = async (tx) => {
  const order = await choose(tx, 'sale_order', `state = 'draft'`);
  const lines = order === undefined ? [] : await linesOf(tx, idOf(order));
  const line = lines[0];
  if (line === undefined) {
    return 'nothing';
  }
  const wish = pick(['gift-wrapped', 'deliver to the back door', 'colour: green']);
  await tx.update('sale_order_line', [idOf(line)], { name: `${line['name'] ?? ''} — ${wish}`.slice(0, 120) });
  return 'done';
};

/** An invoice for a sold order: drafted and posted in one go. */
export const invoiceOrder: Action = async (tx) => {
  const order = await choose(tx, 'sale_order', `state = 'sale' AND invoice_status = 'to invoice'`);
  if (order === undefined) {
    return 'nothing';
  }
  const total = Number(order['amount_total']);
  const today = now().slice(0, 10);
  const moveId = await tx.insert('account_move', {
    journal_id: 1,
    company_id: companyId,
    currency_id: 1,
    partner_id: int(order, 'partner_id'),
    state: 'draft',
    move_type: 'out_invoice',
    auto_post: 'no',
    date: today,
    invoice_date: today,
    invoice_origin: order['name'] ?? null,
    amount_untaxed: total,
    amount_tax: 0,
    amount_total: total,
    amount_residual: total,
  });
  await tx.update('account_move', [moveId], {
    name: `INV/${today.slice(0, 4)}/${String(moveId).padStart(5, '0')}`,
    state: 'posted',
    payment_state: 'not_paid',
  });
  await tx.update('sale_order', [idOf(order)], { invoice_status: 'invoiced' });
  return 'done';
};

function linesOf(tx: RecordedTransaction, orderId: number): Promise<TextRow[]> {
  return tx.select('SELECT * FROM sale_order_line WHERE order_id = $1 ORDER BY id FOR UPDATE', [orderId]);
}

function idOf(row: TextRow): number {
  return int(row, 'id');
}
