import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { testStack } from '../../test/harness/stack.js';
import { startActivity } from './activity.js';
import { runBurst } from './burst.js';
import { installSample } from './install.js';
import type { CommittedTransaction, RecordedChange, TextRow } from './recorded-change.js';

let url: string;
let client: Client;

// Before the stack's own hook, which drops the database with whoever is still connected.
afterAll(() => client.end());

const stack = testStack();

beforeAll(async () => {
  url = await stack.freshDatabase();
  await installSample(url);
  client = new Client({ connectionString: url, types: { getTypeParser: () => (value: unknown) => value } });
  await client.connect();
});

describe("the activity's record", () => {
  it('is what the database went through, row by row, from the first transaction to the last', async () => {
    const before = await allRows();
    const transactions: CommittedTransaction[] = [];
    const activity = await startActivity({
      databaseUrl: url,
      changesPerSecond: Infinity,
      maxChanges: 1500,
      connections: 4,
      onCommit: (transaction) => transactions.push(transaction),
    });
    await activity.ended;
    const changes = inOrder(transactions).flatMap((transaction) => transaction.changes);
    expect(replay(before, changes)).toEqual(await allRows());
    expect(changes.length).toBeGreaterThanOrEqual(1500);
    expect(new Set(changes.map(({ op }) => op))).toEqual(new Set(['c', 'u', 'd']));
  });

  it('holds a delete that cascaded, with the rows that went with it', async () => {
    const transactions: CommittedTransaction[] = [];
    const onCommit = (transaction: CommittedTransaction): void => {
      transactions.push(transaction);
    };
    while (!transactions.some(({ action }) => action === 'quotation deleted')) {
      const activity = await startActivity({
        databaseUrl: url,
        changesPerSecond: Infinity,
        maxChanges: 200,
        onCommit,
      });
      await activity.ended;
    }
    const deletion = transactions.find(({ action }) => action === 'quotation deleted');
    expect(deletion?.changes.map(({ op }) => op)).toEqual(deletion?.changes.map(() => 'd'));
    expect(new Set(deletion?.changes.map(({ table }) => table))).toEqual(
      new Set(['sale_order', 'sale_order_line']),
    );
  });

  it('stops when it is told to, with nothing under way', async () => {
    let committed = 0;
    const activity = await startActivity({ databaseUrl: url, onCommit: () => committed++ });
    await activity.stop();
    const atStop = committed;
    const open = await client.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'odoo-sample' AND datname = current_database()
       AND state <> 'idle'`,
    );
    expect(open.rows).toEqual([]);
    expect(committed).toBe(atStop);
  });

  it('fails when the database is gone', async () => {
    const activity = await startActivity({ databaseUrl: url, onCommit: () => undefined });
    await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'odoo-sample'
                        AND datname = current_database()`);
    await expect(activity.ended).rejects.toThrow();
  });
});

describe('a burst', () => {
  it('makes exactly as many changes as asked, each of one quantity', async () => {
    const transactions: CommittedTransaction[] = [];
    await runBurst({
      databaseUrl: url,
      changes: 250,
      changesPerTransaction: 40,
      onCommit: (transaction) => transactions.push(transaction),
    });
    const changes = transactions.flatMap((transaction) => transaction.changes);
    expect(changes).toHaveLength(250);
    expect(changes.every(({ before, after }) => quantity(after) === quantity(before) + 1)).toBe(true);
  });
});

function quantity(row: TextRow | null): number {
  return Number(row?.['quantity']);
}

const tables = [
  'product_template',
  'product_product',
  'stock_quant',
  'sale_order',
  'sale_order_line',
  'stock_picking',
  'stock_move',
  'stock_move_line',
  'res_partner',
  'account_move',
] as const;

async function allRows(): Promise<Map<string, TextRow>> {
  const rows = new Map<string, TextRow>();
  for (const table of tables) {
    for (const row of (await client.query<Record<string, string | null>>(`SELECT * FROM ${table}`)).rows) {
      rows.set(`${table},${row['id'] ?? ''}`, row);
    }
  }
  return rows;
}

function inOrder(transactions: readonly CommittedTransaction[]): CommittedTransaction[] {
  return [...transactions].sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
}

/** Applies the changes to the rows; every `before` must be what is there. */
function replay(
  rows: ReadonlyMap<string, TextRow>,
  changes: readonly RecordedChange[],
): Map<string, TextRow> {
  const result = new Map(rows);
  for (const { table, id, before, after } of changes) {
    const key = `${table},${id}`;
    expect(result.get(key) ?? null).toEqual(before);
    if (after === null) {
      result.delete(key);
    } else {
      result.set(key, after);
    }
  }
  return result;
}
