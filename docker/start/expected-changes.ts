import type { CommittedTransaction, RecordedChange, TextRow } from '#sample';

/** A change that must be in its topic. */
export type ExpectedChange =
  | { kind: 'row'; transactionId: string; change: RecordedChange }
  /** Made by a part, as the order of a line that changed while the order's own row did not. */
  | { kind: 'whole'; transactionId: string };

/** Parts that Relay declares: a change of one is a change of its whole too. */
const parts = [
  { table: 'sale_order_line', column: 'order_id', whole: 'sale_order' },
  { table: 'stock_move', column: 'picking_id', whole: 'stock_picking' },
] as const;

/** `<table>,<id>` */
export function recordKey(table: string, id: number | bigint | string): string {
  return `${table},${id}`;
}

/** What was committed of the watched tables, by record, in the order in which it was committed. */
export function expectedChanges(
  transactions: readonly CommittedTransaction[],
  watchedTables: ReadonlySet<string>,
): Map<string, ExpectedChange[]> {
  const byRecord = new Map<string, ExpectedChange[]>();
  const add = (key: string, expected: ExpectedChange): void => {
    const ofRecord = byRecord.get(key) ?? [];
    ofRecord.push(expected);
    byRecord.set(key, ofRecord);
  };
  for (const transaction of inOrder(transactions)) {
    for (const change of transaction.changes) {
      if (watchedTables.has(change.table)) {
        add(recordKey(change.table, change.id), { kind: 'row', transactionId: transaction.id, change });
      }
    }
    for (const key of wholesOf(transaction, watchedTables)) {
      add(key, { kind: 'whole', transactionId: transaction.id });
    }
  }
  return byRecord;
}

/** Of two transactions that wrote the same record the later one has the higher id. */
function inOrder(transactions: readonly CommittedTransaction[]): CommittedTransaction[] {
  return [...transactions].sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
}

function wholesOf(transaction: CommittedTransaction, watchedTables: ReadonlySet<string>): Set<string> {
  const own = new Set(transaction.changes.map(({ table, id }) => recordKey(table, id)));
  const wholes = new Set<string>();
  for (const { table, column, whole } of parts) {
    if (!watchedTables.has(whole) || !watchedTables.has(table)) {
      continue;
    }
    for (const change of transaction.changes.filter((candidate) => candidate.table === table)) {
      for (const row of [change.before, change.after]) {
        const wholeId = row?.[column] ?? null;
        const key = recordKey(whole, wholeId ?? '');
        // A part may be without a whole: a move without a picking.
        if (wholeId !== null && !own.has(key)) {
          wholes.add(key);
        }
      }
    }
  }
  return wholes;
}

/** The sample's event types, as the ledger itself understands them. */
const matchers: Readonly<Record<string, (change: RecordedChange) => boolean>> = {
  'product.created': ({ table, op }) => table === 'product_template' && op === 'c',
  'stock.quantity_changed': ({ table, before, after }) =>
    table === 'stock_quant' && quantityOf(before) !== quantityOf(after),
  'sale.order.confirmed': ({ table, op, before, after }) =>
    table === 'sale_order' && op === 'u' && after?.['state'] === 'sale' && before?.['state'] !== 'sale',
};

export function matches(eventType: string, change: RecordedChange): boolean {
  return matchers[eventType]?.(change) ?? false;
}

function quantityOf(row: TextRow | null): number {
  return Number(row?.['quantity'] ?? 0);
}
