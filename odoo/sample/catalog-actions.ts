import { between, cents, choose, int, pick, type Action, type ActionResult } from './action.js';
import type { RecordedTransaction } from './recorded-transaction.js';

const adjectives = [
  'Forged',
  'Folding',
  'Oak-handled',
  'Galvanised',
  'Compact',
  '"Heavy" duty',
  'Bright <red>',
] as const;
const nouns = [
  { english: 'crowbar', french: 'pied-de-biche' },
  { english: 'trowel', french: 'truelle' },
  { english: 'bucket & lid', french: 'seau à couvercle' },
  { english: 'clamp', french: 'serre-joint' },
  { english: 'shelf bracket', french: 'équerre' },
  { english: 'work lamp', french: 'lampe de chantier' },
] as const;

const newTemplate = {
  type: 'consu',
  service_tracking: 'no',
  tracking: 'none',
  purchase_method: 'receive',
  service_type: 'manual',
  expense_policy: 'no',
  invoice_policy: 'order',
  uom_id: 1,
  sequence: 1,
  sale_delay: 0,
  is_storable: true,
  sale_ok: true,
  purchase_ok: true,
  active: true,
} as const;

/** A template and its variant; the ORM writes both once more before it commits. */
export const createProduct: Action = async (tx) => {
  const noun = pick(nouns);
  const english = `${pick(adjectives)} ${noun.english}`;
  const price = cents(between(300, 15_000) / 100);
  const templateId = await tx.insert('product_template', {
    ...newTemplate,
    name: { en_US: english, fr_FR: noun.french },
    categ_id: between(2, 4),
    list_price: price,
  });
  const productId = await tx.insert('product_product', {
    product_tmpl_id: templateId,
    active: true,
    combination_indices: '',
  });
  const code = `NW-${String(templateId).padStart(5, '0')}`;
  await tx.update('product_template', [templateId], {
    default_code: code,
    weight: between(1, 900) / 100,
    volume: 0,
    can_image_1024_be_zoomed: false,
    has_configurable_attributes: false,
    is_favorite: false,
    lot_valuated: false,
  });
  await tx.update('product_product', [productId], {
    default_code: code,
    standard_price: { 1: cents(price * 0.55) },
    can_image_variant_1024_be_zoomed: false,
    is_favorite: false,
  });
  return 'done';
};

/** A new price; Odoo also writes the write_date of the variants. */
export const changePrice: Action = async (tx) => {
  const template = await choose(tx, 'product_template', 'active');
  if (template === undefined) {
    return 'nothing';
  }
  const price = cents(Number(template['list_price']) * pick([0.9, 0.95, 1.05, 1.1]) + 0.01);
  return writePrice(tx, int(template, 'id'), price);
};

/** Changes nothing but write_date: no subscriber hears of it, a warehouse's row stays equal to Odoo's. */
export const writeSamePrice: Action = async (tx) => {
  const template = await choose(tx, 'product_template', 'list_price IS NOT NULL');
  return template === undefined
    ? 'nothing'
    : writePrice(tx, int(template, 'id'), Number(template['list_price']));
};

async function writePrice(tx: RecordedTransaction, id: number, price: number): Promise<ActionResult> {
  await tx.update('product_template', [id], { list_price: price });
  const variants = await tx.select('SELECT id FROM product_product WHERE product_tmpl_id = $1', [id]);
  await tx.update(
    'product_product',
    variants.map((row) => int(row, 'id')),
    {},
  );
  return 'done';
}

/** A translation edited in one language leaves the others as they are. */
export const renameInFrench: Action = async (tx) => {
  const template = await choose(tx, 'product_template', 'active');
  if (template === undefined) {
    return 'nothing';
  }
  await tx.raw(
    'product_template',
    [int(template, 'id')],
    `UPDATE product_template SET name = name || jsonb_build_object('fr_FR', $2::text), write_uid = 2,
     write_date = (now() AT TIME ZONE 'UTC') WHERE id = ANY($1)`,
    [`${pick(nouns).french} (réf. ${between(100, 999)})`],
  );
  return 'done';
};

export const createPartner: Action = async (tx) => {
  const name = `${pick(['Amber', 'Böhm', 'Castle', 'Dufour', "O'Neil"])} ${pick(['Ltd', 'Works', '& Fils', 'Crafts'])}`;
  const id = await tx.insert('res_partner', {
    name,
    complete_name: name,
    is_company: true,
    type: 'contact',
    lang: 'en_US',
    country_id: between(1, 4),
    active: true,
    autopost_bills: 'ask',
    group_rfq: 'default',
    group_on: 'default',
    color: 0,
  });
  await tx.update('res_partner', [id], { commercial_partner_id: id, customer_rank: 1 });
  return 'done';
};

export const editPartner: Action = async (tx) => {
  const partner = await choose(tx, 'res_partner', 'active AND id > 3');
  if (partner === undefined) {
    return 'nothing';
  }
  await tx.update('res_partner', [int(partner, 'id')], {
    phone: `+1 207 555 ${between(1000, 9999)}`,
    comment: pick([
      null,
      'Rings before delivery',
      'Gate code: ask the office',
      'Line one\nLine two — ünïcödé 工具',
    ]),
  });
  return 'done';
};
