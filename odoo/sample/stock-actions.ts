import { between, choose, int, type Action } from './action.js';
import type { TextRow } from './recorded-change.js';
import type { RecordedTransaction } from './recorded-transaction.js';

const companyId = 1;
/** The sample's locations. */
export const locations = { customers: 2, inventory: 4, stock: 6, shelfA: 7, shelfB: 8, yard: 9 } as const;
const shelves = `location_id IN (${locations.shelfA}, ${locations.shelfB}, ${locations.yard})`;
const nowUtc = `(now() AT TIME ZONE 'UTC')`;

interface Movement {
  productId: number;
  from: number;
  to: number;
  quantity: number;
}

/** Someone counts a shelf: Odoo writes the quant with raw SQL and a move from or to the adjustment location. */
export const countStock: Action = async (tx) => {
  const quant = await choose(tx, 'stock_quant', shelves);
  if (quant === undefined) {
    return 'nothing';
  }
  const difference = between(1, 9) * (Math.random() < 0.5 && Number(quant['quantity']) > 20 ? -1 : 1);
  await addToQuant(tx, int(quant, 'id'), difference);
  await tx.update('stock_quant', [int(quant, 'id')], {
    inventory_quantity_set: false,
    inventory_diff_quantity: 0,
  });
  const shelf = int(quant, 'location_id');
  await recordMovement(tx, {
    productId: int(quant, 'product_id'),
    from: difference > 0 ? locations.inventory : shelf,
    to: difference > 0 ? shelf : locations.inventory,
    quantity: Math.abs(difference),
  });
  return 'done';
};

/** Goods carried from one shelf to another. */
export const moveStock: Action = async (tx) => {
  const quant = await choose(tx, 'stock_quant', `${shelves} AND quantity > 20`);
  if (quant === undefined) {
    return 'nothing';
  }
  const from = int(quant, 'location_id');
  const to = from === locations.yard ? locations.shelfA : from + 1;
  const quantity = between(1, 10);
  const productId = int(quant, 'product_id');
  await addToQuant(tx, int(quant, 'id'), -quantity);
  await putOnShelf(tx, productId, to, quantity);
  await recordMovement(tx, { productId, from, to, quantity });
  return 'done';
};

/** Two quants of one product become one, as Odoo's nightly clean-up does it: a delete that the ORM never sees. */
export const mergeQuants: Action = async (tx) => {
  const kept = await choose(tx, 'stock_quant', `location_id = ${locations.shelfA}`);
  const merged =
    kept === undefined ? undefined : await quantAt(tx, int(kept, 'product_id'), locations.shelfB);
  if (kept === undefined || merged === undefined) {
    return 'nothing';
  }
  await addToQuant(tx, int(kept, 'id'), Number(merged['quantity']));
  await tx.remove('stock_quant', [int(merged, 'id')]);
  return 'done';
};

/** Takes goods off the fullest shelf they lie on and gives them to the customer. */
export async function deliverGoods(
  tx: RecordedTransaction,
  productId: number,
  quantity: number,
): Promise<void> {
  const quants = await tx.select(
    `SELECT id FROM stock_quant WHERE product_id = $1 AND ${shelves} ORDER BY quantity DESC LIMIT 1 FOR UPDATE`,
    [productId],
  );
  const quant = quants[0];
  if (quant === undefined) {
    await putOnShelf(tx, productId, locations.yard, -quantity);
  } else {
    await addToQuant(tx, int(quant, 'id'), -quantity);
  }
  await putOnShelf(tx, productId, locations.customers, quantity);
}

async function putOnShelf(
  tx: RecordedTransaction,
  productId: number,
  locationId: number,
  quantity: number,
): Promise<void> {
  const present = await quantAt(tx, productId, locationId);
  if (present !== undefined) {
    await addToQuant(tx, int(present, 'id'), quantity);
    return;
  }
  await tx.insert('stock_quant', {
    product_id: productId,
    company_id: locationId === locations.customers ? null : companyId,
    location_id: locationId,
    quantity,
    reserved_quantity: 0,
    inventory_diff_quantity: 0,
    inventory_quantity_set: false,
    in_date: new Date().toISOString().slice(0, 19),
  });
}

async function quantAt(
  tx: RecordedTransaction,
  productId: number,
  locationId: number,
): Promise<TextRow | undefined> {
  const rows = await tx.select(
    'SELECT * FROM stock_quant WHERE product_id = $1 AND location_id = $2 ORDER BY id LIMIT 1 FOR UPDATE',
    [productId, locationId],
  );
  return rows[0];
}

async function addToQuant(tx: RecordedTransaction, id: number, quantity: number): Promise<void> {
  await tx.raw(
    'stock_quant',
    [id],
    `UPDATE stock_quant SET quantity = quantity + $2::numeric, in_date = ${nowUtc}, write_date = ${nowUtc}
     WHERE id = ANY($1)`,
    [quantity],
  );
}

async function recordMovement(tx: RecordedTransaction, movement: Movement): Promise<void> {
  const place = { company_id: companyId, location_id: movement.from, location_dest_id: movement.to };
  const date = new Date().toISOString().slice(0, 19);
  const moveId = await tx.insert('stock_move', {
    ...place,
    product_id: movement.productId,
    product_uom: 1,
    product_uom_qty: movement.quantity,
    product_qty: movement.quantity,
    quantity: movement.quantity,
    state: 'draft',
    procure_method: 'make_to_stock',
    reference: 'Quantity updated',
    is_inventory: movement.from === locations.inventory || movement.to === locations.inventory,
    picked: true,
    date,
  });
  const lineId = await tx.insert('stock_move_line', {
    ...place,
    move_id: moveId,
    product_id: movement.productId,
    product_uom_id: 1,
    quantity: movement.quantity,
    quantity_product_uom: movement.quantity,
    state: 'draft',
    picked: true,
    date,
  });
  await tx.update('stock_move', [moveId], { state: 'done' });
  await tx.update('stock_move_line', [lineId], { state: 'done' });
}
