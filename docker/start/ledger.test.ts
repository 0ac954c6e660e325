import { beforeEach, describe, expect, it } from '@jest/globals';
import { webhookId, type Change, type Row } from '#libs/change';
import type { CommittedTransaction, RecordedChange, TextRow } from '#sample';
import { checkLedger, ledgerLine, type LedgerFacts } from './ledger.js';
import type { ReceivedDelivery } from './receiver.js';
import type { TopicChange } from './topic-check.js';

const subscriptions = [
  { id: 'sub_products', eventType: 'product.created' },
  { id: 'sub_stock', eventType: 'stock.quantity_changed' },
  { id: 'sub_orders', eventType: 'sale.order.confirmed' },
];

/** Mutable, so that a test can damage what was right. */
interface Facts extends LedgerFacts {
  transactions: CommittedTransaction[];
  topicChanges: TopicChange[];
  deliveries: Map<string, ReceivedDelivery>;
  dead: Set<string>;
}

let facts: Facts;

beforeEach(() => {
  const transactions = [
    committed('100', created('product_template', 1, { list_price: '9.90' })),
    committed('101', updated('stock_quant', 7, { quantity: '5' }, { quantity: '4.00' })),
    committed('102', updated('sale_order', 3, { state: 'draft' }, { state: 'sale' })),
    committed('103', updated('stock_quant', 7, { quantity: '4.00' }, { quantity: '4.0' })),
    committed(
      '104',
      deleted('sale_order', 4, { state: 'draft' }),
      deleted('sale_order_line', 9, { order_id: '4' }),
    ),
    committed(
      '105',
      updated('sale_order_line', 8, { order_id: '3', name: 'a' }, { order_id: '3', name: 'b' }),
    ),
    committed('106', updated('res_company', 1, { name: 'a' }, { name: 'b' })),
  ];
  facts = {
    transactions,
    watchedTables: new Set(['product_template', 'stock_quant', 'sale_order', 'sale_order_line']),
    topicChanges: [
      inTopic('product_template,1', '100', { after: { list_price: '9.9' } }),
      inTopic('stock_quant,7', '101', { before: { quantity: '5' }, after: { quantity: '4' } }),
      inTopic('sale_order,3', '102', { before: { state: 'draft' }, after: { state: 'sale' } }),
      inTopic('stock_quant,7', '103', { before: { quantity: '4' }, after: { quantity: '4' } }),
      inTopic('sale_order,4', '104', { before: { state: 'draft' } }),
      { kind: 'tombstone', record: 'sale_order,4' },
      inTopic('sale_order_line,9', '104', { before: { order_id: 4 } }),
      { kind: 'tombstone', record: 'sale_order_line,9' },
      inTopic('sale_order_line,8', '105', {
        before: { order_id: 3, name: 'a' },
        after: { order_id: 3, name: 'b' },
      }),
      inTopic('sale_order,3', '105', { before: { state: 'sale' }, after: { state: 'sale' } }),
    ],
    subscriptions,
    deliveries: new Map(),
    dead: new Set(),
  };
  deliver('product_template,1', '100', 'sub_products');
  deliver('stock_quant,7', '101', 'sub_stock');
  deliver('sale_order,3', '102', 'sub_orders');
});

describe('the ledger', () => {
  it('finds nothing wrong where nothing is wrong', () => {
    expect(checkLedger(facts)).toEqual({
      changes: 7,
      matched: 3,
      delivered: 3,
      dead: 0,
      lost: 0,
      pending: 0,
      problems: [],
    });
  });

  it('finds a committed change that is not in its topic', () => {
    facts.topicChanges.splice(3, 1);
    expect(checkLedger(facts)).toMatchObject({
      lost: 1,
      problems: [expect.stringContaining('lost: stock_quant,7')],
    });
  });

  it('finds a change of an order that only its line made, when it is missing', () => {
    facts.topicChanges.pop();
    expect(checkLedger(facts)).toMatchObject({
      lost: 1,
      problems: [expect.stringContaining('lost: sale_order,3')],
    });
  });

  it('finds a change that is in its topic twice', () => {
    facts.topicChanges.splice(1, 0, at(1));
    expect(problems()).toEqual([
      expect.stringContaining('doubled: stock_quant,7 of transaction 101 is 2 times'),
    ]);
  });

  it('finds changes of a record that stand in the wrong order', () => {
    facts.topicChanges.push(...facts.topicChanges.splice(1, 1));
    expect(problems()).toContainEqual(expect.stringContaining('reordered: the changes of stock_quant,7'));
  });

  it('finds a sequence that does not rise', () => {
    changeAt(3).source.sequence = 0n;
    expect(problems()).toEqual([expect.stringContaining('the sequence of stock_quant,7')]);
  });

  it('finds a wrong value, in the row after and in the row before', () => {
    facts.topicChanges[1] = inTopic('stock_quant,7', '101', {
      before: { quantity: '6' },
      after: { quantity: '4.01' },
    });
    expect(problems()).toEqual([
      'wrong: stock_quant,7 of transaction 101: before: quantity is 6 instead of 5, after: quantity is 4.01 instead of 4.00',
    ]);
  });

  it('finds a wrong operation', () => {
    facts.topicChanges[0] = inTopic('product_template,1', '100', {
      before: { list_price: '1' },
      after: { list_price: '9.90' },
    });
    expect(problems()).toEqual([expect.stringContaining('is u instead of c')]);
  });

  it('finds what nobody committed, such as a change that was rolled back', () => {
    facts.topicChanges.push(inTopic('product_template,2', '99', { after: { list_price: '1' } }));
    expect(problems()).toEqual([expect.stringContaining('unexpected: product_template,2 of transaction 99')]);
  });

  it('finds a delete without its tombstone, and a tombstone without a delete', () => {
    facts.topicChanges.splice(5, 1);
    facts.topicChanges.push({ kind: 'tombstone', record: 'product_template,1' });
    expect(problems()).toEqual([
      'wrong: product_template,1 has 1 tombstones after 0 deletes',
      'wrong: sale_order,4 has 0 tombstones after 1 deletes',
    ]);
  });

  it('finds a matching change that is neither delivered nor dead, however its topic stands', () => {
    facts.deliveries.clear();
    facts.dead.add(idOf('stock_quant,7', '101', 'sub_stock'));
    expect(checkLedger(facts)).toMatchObject({ matched: 3, delivered: 0, dead: 1, pending: 2, lost: 2 });
  });

  it('does not take a refused request for a delivery', () => {
    const delivery = facts.deliveries.get(idOf('sale_order,3', '102', 'sub_orders'));
    Object.assign(delivery ?? {}, { accepted: 0, requests: 6 });
    expect(checkLedger(facts)).toMatchObject({ delivered: 2, pending: 1, lost: 1 });
  });

  it('finds a delivery of this run that no subscription asked for', () => {
    deliver('stock_quant,7', '103', 'sub_stock');
    expect(problems()).toEqual([expect.stringContaining('uncalled for: /sub_stock')]);
  });

  it('leaves alone what an earlier run delivers late', () => {
    deliver('stock_quant,7', '55', 'sub_stock');
    expect(problems()).toEqual([]);
  });

  it('says what it found in one line of JSON', () => {
    const line = ledgerLine(checkLedger(facts), { duplicates: 1, retried: 2 }, { p50: 12.5, p99: null });
    expect(line).toBe(
      '{"changes":7,"matched":3,"delivered":3,"duplicates":1,"retried":2,"dead":0,"lost":0,"commitToReceiptMs":{"p50":12.5,"p99":null}}',
    );
  });
});

function problems(): string[] {
  return checkLedger(facts).problems;
}

const columnTypes = {
  order_id: 'integer',
  quantity: 'numeric',
  list_price: 'numeric',
  state: 'text',
  name: 'text',
} as const;

function created(table: string, id: number, after: TextRow): RecordedChange {
  return { table, id, op: 'c', before: null, after, columnTypes };
}

function updated(table: string, id: number, before: TextRow, after: TextRow): RecordedChange {
  return { table, id, op: 'u', before, after, columnTypes };
}

function deleted(table: string, id: number, before: TextRow): RecordedChange {
  return { table, id, op: 'd', before, after: null, columnTypes };
}

function committed(id: string, ...changes: RecordedChange[]): CommittedTransaction {
  return { id, action: 'test', changes, committedAtMonotonicMs: 0, committedAtMs: 0 };
}

function inTopic(record: string, transactionId: string, rows: { before?: Row; after?: Row }): TopicChange {
  const { before = null, after = null } = rows;
  const op = before === null ? 'c' : after === null ? 'd' : 'u';
  const source = {
    change_id: changeIdOf(record, transactionId),
    sequence: BigInt(transactionId),
    tx: { id: transactionId, ordinal: 1n, total: 1n },
  };
  return { kind: 'change', record, change: { op, before, after, source } as unknown as Change };
}

function at(index: number): TopicChange {
  const entry = facts.topicChanges[index];
  if (entry === undefined) {
    throw new Error(`there is no entry ${index}`);
  }
  return entry;
}

function changeAt(index: number): Change {
  const entry = at(index);
  if (entry.kind !== 'change') {
    throw new Error(`entry ${index} is no change`);
  }
  return entry.change;
}

function changeIdOf(record: string, transactionId: string): string {
  return `epoch-${transactionId}-${record}`;
}

function idOf(record: string, transactionId: string, subscriptionId: string): string {
  return webhookId(changeIdOf(record, transactionId), subscriptionId);
}

function deliver(record: string, transactionId: string, subscriptionId: string): void {
  const id = idOf(record, transactionId, subscriptionId);
  facts.deliveries.set(id, {
    webhookId: id,
    path: `/${subscriptionId}`,
    changeId: changeIdOf(record, transactionId),
    requests: 1,
    accepted: 1,
    acceptedAtMonotonicMs: 0,
  });
}
