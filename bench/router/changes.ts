import { tableOf, type Change, type Column } from '#libs/change';
import { models, partnerCount } from './subscriptions.js';

export const columns: readonly Column[] = [
  { name: 'id', kind: 'int' },
  { name: 'name', kind: 'text' },
  { name: 'state', kind: 'text' },
  { name: 'partner_id', kind: 'int' },
  { name: 'amount_total', kind: 'decimal', precision: 38, scale: 20 },
  { name: 'note', kind: 'text' },
  { name: 'write_date', kind: 'timestamp' },
];

/** The n-th change: each model in turn, then the next partner. */
export function changeOf(n: number): Change {
  const model = models[n % models.length] ?? '';
  const id = (n % 5_000) + 1;
  const row = {
    id,
    name: `S${String(id)}`,
    state: 'draft',
    partner_id: (Math.floor(n / models.length) % partnerCount) + 1,
    amount_total: '112.70',
    note: 'x'.repeat(400),
    write_date: '2026-11-23T16:24:31.321441',
  };
  return {
    before: row,
    after: { ...row, state: 'sale' },
    op: 'u',
    source: {
      version: '0.1.0',
      connector: 'odoo-relay',
      name: 'odoo.bench',
      ts_ms: 1_795_451_071_349n,
      db: 'bench',
      database: 'bench',
      epoch: 'e1',
      table: tableOf(model),
      model,
      change_id: `e1-${String(n)}`,
      sequence: BigInt(n),
      tx: { id: String(n), ordinal: 1n, total: 1n },
      user_id: 2,
      company_id: 1,
      snapshot: null,
    },
    ts_ms: 1_795_451_071_352n,
    included: null,
    changed: ['state'],
  };
}
