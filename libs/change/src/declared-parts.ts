/**
 * A relation of a model whose records travel with it in `included`, and whose changes are changes of it:
 * the records of `part` that point to it with `link`.
 */
export interface DeclaredPart {
  whole: string;
  /** The name of the relation: key in `included`, entry of `changed`. */
  field: string;
  part: string;
  /** The column of the part that holds the id of the whole. */
  link: string;
  /** Columns of the part by which its records are sorted. */
  order: readonly string[];
  /** What is told of records that the part points to. */
  related: readonly RelatedText[];
}

/** A text of another record: the column `text` of the last table of a chain of many2one columns. */
export interface RelatedText {
  name: string;
  /** Column and model of each step, beginning at the part. */
  path: readonly { column: string; model: string }[];
  text: string;
}

/** Texts of records that a model's own records point to: they travel in `included`, too. */
export interface DeclaredTexts {
  model: string;
  related: readonly RelatedText[];
}

const toProduct = { column: 'product_id', model: 'product.product' };
const toTemplate = { column: 'product_tmpl_id', model: 'product.template' };

const productTexts: readonly RelatedText[] = [
  { name: 'product_default_code', path: [toProduct], text: 'default_code' },
  { name: 'product_name', path: [toProduct, toTemplate], text: 'name' },
];

export const declaredParts: readonly DeclaredPart[] = [
  {
    whole: 'sale.order',
    field: 'order_line',
    part: 'sale.order.line',
    link: 'order_id',
    order: ['sequence', 'id'],
    related: productTexts,
  },
  {
    whole: 'stock.picking',
    field: 'move_ids',
    part: 'stock.move',
    link: 'picking_id',
    order: ['sequence', 'id'],
    related: productTexts,
  },
];

const partnerName: RelatedText = {
  name: 'partner_name',
  path: [{ column: 'partner_id', model: 'res.partner' }],
  text: 'name',
};

export const declaredTexts: readonly DeclaredTexts[] = ['sale.order', 'stock.picking', 'account.move'].map(
  (model) => ({ model, related: [partnerName] }),
);

/** The relations of a model whose records its changes carry. */
export function partsOf(model: string): readonly DeclaredPart[] {
  return declaredParts.filter(({ whole }) => whole === model);
}

/** The texts that they carry of what its own records point to. */
export function textsOf(model: string): readonly RelatedText[] {
  return declaredTexts.filter((declared) => declared.model === model).flatMap(({ related }) => related);
}

/** All names that stand in the body of a change beside the record's own fields. */
export function carriedNames(model: string): ReadonlySet<string> {
  return new Set([...partsOf(model).map(({ field }) => field), ...textsOf(model).map(({ name }) => name)]);
}
