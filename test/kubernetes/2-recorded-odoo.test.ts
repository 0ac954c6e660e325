import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { defaultModels, tableOf } from '#libs/change';
import { odooFixture, readWorkload, runWorkload } from '../e2e/odoo-fixture.js';
import { connect } from '../e2e/small-odoo.js';
import { TableStates, type ExpectedChange } from '../e2e/table-states.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { Installation, recorded } from './installation.js';

const folder = odooFixture();
const describeRecorded = folder === undefined ? describe.skip : describe;
const tables = defaultModels.map(tableOf);
const operations = { c: 'created', u: 'updated', d: 'deleted' };
const relations = [
  { part: 'sale_order_line', link: 'order_id', whole: 'sale_order' },
  { part: 'stock_move', link: 'picking_id', whole: 'stock_picking' },
];

interface Body {
  model: string;
  record_id: number;
  op: string;
  sequence: number;
}

if (folder === undefined) {
  console.warn('SKIPPED: no recorded Odoo beside this checkout; ODOO_FIXTURES may point to one');
}

describeRecorded('the recorded Odoo 19, in the cluster', () => {
  let installation: Installation;
  let receiver: Receiver;
  let client: Client;

  beforeAll(async () => {
    installation = await Installation.open();
    receiver = await startReceiver(200, undefined, installation.hostAddress);
    client = await connect(installation.odooUrl(recorded));
  });

  afterAll(async () => {
    await client.end();
    await receiver.close();
  });

  it('reaches a subscriber to everything as exactly the net changes of its 112 transactions', async () => {
    const { id } = await installation.control.create({
      database: recorded,
      eventTypes: defaultModels.flatMap((model) => Object.values(operations).map((end) => `${model}.${end}`)),
      url: receiver.url,
    });
    await eventually(async () => (await installation.control.find(id))?.published, { timeoutMs: 60_000 });
    const states = new TableStates(client, tables, 'en_US', relations);
    await states.start();
    await runWorkload(readWorkload(folder ?? ''), installation.odooUrl(recorded), () => states.afterCommit());
    const expected = [...states.expected].flatMap(([record, changes]) =>
      changes
        .filter((change) => !isBookkeeping(change))
        .map(({ op }, index) => `${record} ${index + 1} ${op}`),
    );
    await eventually(() => new Set(idsOf(receiver)).size >= expected.length, {
      timeoutMs: 240_000,
      describe: () => `${expected.length} deliveries, and not ${receiver.requests.length}`,
    });
    expect(inOrder(receiver)).toEqual(expected.sort());
    // Each once: no pod came or went.
    expect(receiver.requests).toHaveLength(expected.length);
    await installation.control.remove(id);
  });
});

/** An update of who wrote last and when alone is an event to nobody. */
function isBookkeeping({ op, before, after }: ExpectedChange): boolean {
  if (op !== 'u' || before === null || after === null) return false;
  const changed = Object.keys(after).filter((name) => before[name] !== after[name]);
  return changed.length > 0 && changed.every((name) => name === 'write_date' || name === 'write_uid');
}

function idsOf({ requests }: Receiver): string[] {
  return requests.map(({ headers }) => String(headers['webhook-id']));
}

/** As `sale_order:17 2 u`: the second change of that record, by the sequences. */
function inOrder({ requests }: Receiver): string[] {
  const byRecord = new Map<string, Body[]>();
  for (const { body } of requests) {
    const change = JSON.parse(body.toString()) as Body;
    const record = `${tableOf(change.model)}:${change.record_id}`;
    byRecord.set(record, [...(byRecord.get(record) ?? []), change]);
  }
  return [...byRecord]
    .flatMap(([record, changes]) =>
      changes.sort((a, b) => a.sequence - b.sequence).map(({ op }, index) => `${record} ${index + 1} ${op}`),
    )
    .sort();
}
