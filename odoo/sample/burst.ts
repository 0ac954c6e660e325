import { Client } from 'pg';
import type { CommittedTransaction } from './recorded-change.js';
import { RecordedTransaction } from './recorded-transaction.js';

export interface BurstOptions {
  databaseUrl: string;
  /** How many changes in all; each is one stock quantity that changed. */
  changes: number;
  /** Records in one transaction, at most. Default 100. */
  changesPerTransaction?: number;
  onCommit: (transaction: CommittedTransaction) => void;
}

/** Changes stock quantities as fast as one connection can: what load tests and benchmarks run. */
export async function runBurst(options: BurstOptions): Promise<void> {
  const client = new Client({ connectionString: options.databaseUrl, application_name: 'odoo-sample-burst' });
  await client.connect();
  try {
    const found = await client.query<{ id: number }>('SELECT id FROM stock_quant ORDER BY id');
    const ids = found.rows.map(({ id }) => id);
    const size = Math.min(options.changesPerTransaction ?? 100, ids.length);
    for (let done = 0; done < options.changes; done += size) {
      const chosen = rotated(ids, done).slice(0, Math.min(size, options.changes - done));
      options.onCommit(await changeQuantities(client, chosen));
    }
  } finally {
    await client.end();
  }
}

async function changeQuantities(client: Client, ids: readonly number[]): Promise<CommittedTransaction> {
  const tx = await RecordedTransaction.begin(client);
  await tx.raw(
    'stock_quant',
    ids,
    `UPDATE stock_quant SET quantity = quantity + 1, write_date = (now() AT TIME ZONE 'UTC') WHERE id = ANY($1)`,
  );
  return tx.commit('burst');
}

function rotated(ids: readonly number[], by: number): readonly number[] {
  const at = ids.length === 0 ? 0 : by % ids.length;
  return [...ids.slice(at), ...ids.slice(0, at)];
}
