/** The models that are captured unless the configuration names others. */
export const defaultModels: readonly string[] = [
  'product.template',
  'product.product',
  'stock.quant',
  'sale.order',
  'sale.order.line',
  'stock.picking',
  'stock.move',
  'stock.move.line',
  'res.partner',
  'account.move',
];

/** The table of a model, as Odoo names it: `sale.order` -> `sale_order`. */
export function tableOf(model: string): string {
  return model.replaceAll('.', '_');
}
