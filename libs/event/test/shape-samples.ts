import type { Column, Row } from '#libs/change';
import { parseShape } from '../src/parse-shape.js';
import type { Shape } from '../src/shape.js';

export const orderColumns: readonly Column[] = [
  { name: 'id', kind: 'int' },
  { name: 'name', kind: 'text' },
  { name: 'title', kind: 'text' },
  { name: 'title__translations', kind: 'json' },
  { name: 'standard_price', kind: 'json' },
  { name: 'amount_total', kind: 'decimal', precision: 38, scale: 20 },
  { name: 'date_order', kind: 'timestamp' },
  { name: 'note', kind: 'text' },
];

export const orderRow: Row = {
  id: 17,
  name: 'S00017',
  title: 'Table',
  title__translations: '{"en_US": "Table", "fr_FR": "Table à manger"}',
  standard_price: '{"1": 8.250000000000000001, "2": null}',
  amount_total: '12345678901234567890.100000',
  date_order: '2026-11-23T16:24:31.321441',
  note: null,
};

export const orderIncluded =
  '{"partner_name": "Azure", "order_line": [' +
  '{"id": 1, "product_id": 42, "price_unit": 1.10000000000000000001, "name": "Chair"}, ' +
  '{"id": 2, "product_id": 43, "price_unit": 2, "name": null}]}';

/** @throws when it is refused */
export function shapeOf(given: unknown): Shape {
  const parsed = parseShape(given);
  if (parsed.kind === 'refused') {
    throw new Error(JSON.stringify(parsed.problems));
  }
  return parsed.value;
}
