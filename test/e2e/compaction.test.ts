import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { changeTopic, pairOfId, type ChangeReader, type Row } from '#libs/change';
import type { IncomingRecord, Kafka } from '#libs/kafka';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { ingestFixture, type IngestFixture } from './ingest-fixture.js';
import { addSmallRelation } from './small-relation.js';
import { readTypedRows } from './typed-rows.js';

const stack = testStack();
const topic = changeTopic('compacted', 'res_partner');
const relation = changeTopic('compacted', 'sale_order_tag_rel');

let fixture: IngestFixture;
let kafka: Kafka;
let reader: ChangeReader;
let odoo: Client;
let ingest: StartedApp;

beforeAll(async () => {
  fixture = await ingestFixture(stack, 'compacted');
  ({ kafka, reader, writer: odoo } = fixture);
  await addSmallRelation(odoo, 40);
  // What ingest waits seven days for happens at once; it leaves a topic that exists as it is.
  const config = {
    'cleanup.policy': 'compact',
    'min.compaction.lag.ms': '0',
    'delete.retention.ms': '0',
    'min.cleanable.dirty.ratio': '0.01',
    'segment.ms': '200',
  };
  await kafka.ensureTopics([topic, relation].map((name) => ({ topic: name, partitions: 2, config })));
  ingest = await startApp('ingest', fixture.environment({ MODELS: 'res.partner,sale.order' }));
});

afterAll(async () => {
  await ingest.stop();
  await fixture.close();
});

const idsOf = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from + 1 }, (_none, index) => BigInt(from + index));

async function recordIdOf(record: IncomingRecord): Promise<bigint> {
  const read = await reader.read(record);
  if (read.kind === 'unreadable') throw new Error(read.reason);
  return read.recordId;
}

/** What a reader has that begins with the first record that is left and ends with the last. */
async function tableOfReader(topic: string): Promise<Row[]> {
  const rows = new Map<bigint, Row>();
  for (const record of await kafka.readToEnd(topic)) {
    const read = await reader.read(record);
    if (read.kind === 'unreadable') throw new Error(read.reason);
    if (read.kind === 'change' && read.change.after !== null)
      rows.set(read.recordId, { ...read.change.after });
    else rows.delete(read.recordId);
  }
  return [...rows].sort(([a], [b]) => Number(a - b)).map(([, row]) => row);
}

describe('a compacted topic', () => {
  it("leaves a reader that starts at its beginning with exactly the table's rows, and of deletes nothing", async () => {
    await odoo.query(`insert into res_partner (id, name) select n, 'first' from generate_series(1, 40) n`);
    for (const name of ['second', 'third']) await odoo.query('update res_partner set name = $1', [name]);
    await odoo.query('delete from res_partner where id > 30');
    await odoo.query(`insert into res_partner (id, name) values (40, 'again')`);
    const deleted = new Set(idsOf(31, 39));
    const written = 40 * 3 + 2 * 10 + 1;
    await eventually(async () => (await kafka.readToEnd(topic)).length === written);

    let tick = 0;
    await eventually(
      async () => {
        // A segment ends when something is written after its time; only ended ones are compacted.
        tick += 1;
        await odoo.query(`update res_partner set comment = 'tick ${tick}' where id <= 10`);
        const ids = await Promise.all((await kafka.readToEnd(topic)).map(recordIdOf));
        const quiet = ids.filter((id) => id > 10n);
        return !ids.some((id) => deleted.has(id)) && new Set(quiet).size === quiet.length;
      },
      { timeoutMs: 150_000, pollMs: 500, describe: () => 'the broker to have compacted the topic' },
    );

    await eventually(async () =>
      (await tableOfReader(topic)).some(({ comment }) => comment === `tick ${tick}`),
    );
    const rows = await readTypedRows(odoo, 'res_partner');
    expect(rows).toHaveLength(31);
    expect(await tableOfReader(topic)).toEqual(rows);
  }, 180_000);

  it('of a relation table does the same, by its pairs', async () => {
    // Of orders 1 to 10 pairs are written on, so that segments end.
    await odoo.query(
      `insert into sale_order_tag_rel select o, t from generate_series(1, 40) o, generate_series(1, 2) t`,
    );
    await odoo.query('update sale_order_tag_rel set tag_id = tag_id + 2 where order_id <= 5');
    await odoo.query('delete from sale_order where id > 30');
    const removed = 2 * (5 + 10);
    const written = 80 + removed * 2 + 2 * 5;
    await eventually(async () => (await kafka.readToEnd(relation)).length === written);
    await eventually(
      async () => {
        await odoo.query('update sale_order_tag_rel set tag_id = tag_id where order_id <= 10');
        const ids = await Promise.all((await kafka.readToEnd(relation)).map(recordIdOf));
        const quiet = ids.filter((id) => pairOfId(id)[0] > 10n);
        return quiet.length === 40 && new Set(quiet).size === quiet.length;
      },
      { timeoutMs: 150_000, pollMs: 500, describe: () => 'the broker to have compacted the topic' },
    );
    const rows = await readTypedRows(odoo, 'sale_order_tag_rel');
    expect(rows).toHaveLength(60);
    expect(await tableOfReader(relation)).toEqual(rows);
  }, 180_000);
});
