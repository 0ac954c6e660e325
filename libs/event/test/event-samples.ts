import fc from 'fast-check';
import type { Change, Column, Row } from '#libs/change';
import type { Event } from '../src/event.js';

export const source: Change['source'] = {
  version: '0.1.0',
  connector: 'odoo-relay',
  name: 'odoo.acme',
  ts_ms: 1_763_900_000_123n,
  db: 'acme',
  database: 'acme',
  epoch: 'e1',
  table: 'sale_order',
  model: 'sale.order',
  change_id: 'e1-7',
  sequence: 9_007_199_254_740_993n,
  tx: { id: '1', ordinal: 1n, total: 1n },
  user_id: null,
  company_id: null,
  snapshot: null,
};

export const allKinds: readonly Column[] = [
  { name: 'id', kind: 'int' },
  { name: 'big', kind: 'long' },
  { name: 'rate', kind: 'float' },
  { name: 'amount', kind: 'decimal', precision: 38, scale: 6 },
  { name: 'active', kind: 'boolean' },
  { name: 'name', kind: 'text' },
  { name: 'day', kind: 'date' },
  { name: 'at', kind: 'timestamp' },
  { name: 'labels', kind: 'json' },
  { name: 'nothing', kind: 'text' },
];

export const row: Row = {
  id: 7,
  big: 9_007_199_254_740_993n,
  rate: 1e21,
  amount: '12345678901234567890.100000',
  active: false,
  name: 'Tisch "Ä" \u2028 \\ud800 <b>&amp;</b>',
  day: '9999-12-31',
  at: '2025-11-23T12:13:20.123456',
  labels: '{"en_US": "Table", "n": 0.10000000000000000001}',
  nothing: null,
};

export interface Given {
  row?: Row;
  columns?: readonly Column[];
  change?: Partial<Change>;
  type?: string;
}

export function eventOf(given: Given): Event {
  const change: Change = {
    before: null,
    after: given.row ?? row,
    op: 'u',
    source,
    ts_ms: 0n,
    included: null,
    changed: ['name'],
    ...given.change,
  };
  const columns = new Map((given.columns ?? allKinds).map((column) => [column.name, column]));
  return { type: given.type ?? 'sale.order.updated', change, columns, recordId: 7n };
}

/** The documented substitution: U+FFFD for halves of surrogate pairs. */
export const paired = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

/** Any UTF-16, dangerous characters often. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)))
    .map((units) => units.join('')),
  fc
    .array(
      fc.constantFrom(
        ']]>',
        '<',
        '&',
        '>',
        '"',
        "'",
        '\r',
        '\n',
        '\t',
        '\0',
        '\b',
        '\ufffe',
        '\ud800',
        '\udc00',
        '😀',
        '\\ud800',
        'a',
      ),
    )
    .map((parts) => parts.join('')),
);
