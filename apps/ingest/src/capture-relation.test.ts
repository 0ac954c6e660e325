import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { pairOfId } from '#libs/change';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo } from '../../../test/e2e/small-odoo.js';
import { addSmallRelation } from '../../../test/e2e/small-relation.js';
import { testStack } from '../../../test/harness/stack.js';
import { installCapture } from './install-capture.js';
import { OutboxReader, type NetChange } from './outbox-reader.js';
import { emptySnapshot, type Snapshot } from './snapshot.js';
import { TableCatalog } from './table-catalog.js';
import { readTriggers } from './triggers.js';

const stack = testStack();
const models = ['sale.order'];
const limits = { maxChanges: 2_000, maxBytes: 8_000_000, maxSnapshotMs: 30_000 };

let writer: Client;
let client: Client;
let reader: OutboxReader;
let catalog: TableCatalog;
let seen: Snapshot;

beforeEach(async () => {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  [writer, client] = [await connect(databaseUrl), await connect(databaseUrl)];
  await addSmallRelation(writer);
  const { tables } = await installCapture(client, models, silentLogger);
  catalog = await TableCatalog.read(client, tables, { readAtMs: 0 });
  reader = await OutboxReader.over(client);
  seen = emptySnapshot;
});

afterEach(async () => {
  await writer.end();
  await client.end();
});

/** Of the relation: order, tag and what became of them, what is new since the last call. */
async function relationChanges(): Promise<string[]> {
  const changes: NetChange[] = [];
  const unread = { from: seen, to: null, afterSequence: 0n };
  for await (const page of reader.pages(unread, limits, () => catalog)) {
    changes.push(...page.changes);
    seen = page.target;
  }
  return changes
    .filter(({ table }) => table === 'sale_order_tag_rel')
    .map(({ model, recordId, before, after }) => {
      const op = before === null ? 'c' : after === null ? 'd' : 'u';
      const [order, tag] = pairOfId(BigInt(recordId)).map(String);
      const row = JSON.parse(after ?? before ?? '{}') as Record<string, unknown>;
      expect([model, String(row['order_id']), String(row['tag_id'])]).toEqual(['', order, tag]);
      return `${op} ${order ?? ''} ${tag ?? ''}`;
    });
}

describe('a relation table', () => {
  it('has a create and a delete of each pair, those that cascade too', async () => {
    await writer.query('insert into sale_order_tag_rel values (1, 2), (2, 1), (2, 2147483647)');
    expect(await relationChanges()).toEqual(['c 1 2', 'c 2 1', 'c 2 2147483647']);
    await writer.query(
      'delete from sale_order_tag_rel where order_id = 1; delete from sale_order where id = 2',
    );
    expect((await relationChanges()).sort()).toEqual(['d 1 2', 'd 2 1', 'd 2 2147483647']);
  });

  it('has nothing of a pair that came and went in one transaction, and an update of one that went and came', async () => {
    await writer.query(`begin; insert into sale_order_tag_rel values (1, 1);
      delete from sale_order_tag_rel where order_id = 1; commit`);
    expect(await relationChanges()).toEqual([]);
    await writer.query('insert into sale_order_tag_rel values (1, 1)');
    await relationChanges();
    await writer.query(
      `begin; delete from sale_order_tag_rel; insert into sale_order_tag_rel values (1, 1); commit`,
    );
    expect(await relationChanges()).toEqual(['u 1 1']);
  });

  it('has a delete and a create where a pair was changed into another', async () => {
    await writer.query('insert into sale_order_tag_rel values (1, 1)');
    await relationChanges();
    await writer.query('update sale_order_tag_rel set tag_id = 5');
    expect(await relationChanges()).toEqual(['d 1 1', 'c 1 5']);
    await writer.query(`begin; update sale_order_tag_rel set tag_id = 6;
      update sale_order_tag_rel set tag_id = 5; commit`);
    expect(await relationChanges()).toEqual(['u 1 5']);
  });

  it('that is truncated is to be loaded', async () => {
    await writer.query('truncate sale_order_tag_rel');
    expect(await requests()).toEqual(['sale_order_tag_rel truncated']);
  });

  it('whose columns are renamed never makes a writer fail: it is to be loaded, once', async () => {
    await writer.query('alter table sale_order_tag_rel rename tag_id to label_id');
    await writer.query('insert into sale_order_tag_rel values (1, 1), (1, 2)');
    await writer.query('update sale_order_tag_rel set label_id = 3 where label_id = 1');
    await writer.query('delete from sale_order_tag_rel');
    expect(await requests()).toEqual(['sale_order_tag_rel gap']);
    await writer.query(`update ir_model_fields set column1 = replace(column1, 'tag_id', 'label_id'),
      column2 = replace(column2, 'tag_id', 'label_id')`);
    await installCapture(client, models, silentLogger);
    await writer.query('insert into sale_order_tag_rel values (1, 4)');
    const { rows } = await writer.query<{ after: unknown }>(
      `select after from relay.outbox where relation = 'sale_order_tag_rel'`,
    );
    expect(rows).toEqual([{ after: { order_id: 1, label_id: 4 } }]);
  });

  it('is taken in where an installation of before there were any is brought up to date', async () => {
    await writer.query(`insert into sale_order (id, name) values (100, 'kept')`);
    await writer.query(`drop function relay.capture_relation() cascade; drop function relay.pair_id;
      drop function relay.write_change; delete from relay.captured_table where model = '';
      update relay.installation set script_version = 'before'; drop trigger relay_capture_truncate on sale_order_tag_rel`);
    await writer.query('insert into sale_order_tag_rel values (1, 1)');
    const { tables } = await installCapture(client, models, silentLogger);
    expect((await readTriggers(client, tables)).map(({ state }) => state)).toEqual(Array(4).fill('ok'));
    await writer.query('insert into sale_order_tag_rel values (1, 2)');
    expect(await relationChanges()).toEqual(['c 1 2']);
    const { rows } = await writer.query(`select from relay.outbox where after ->> 'name' = 'kept'`);
    expect(rows).toHaveLength(1);
    // It was never captured before, so nothing was missed.
    expect(await requests()).toEqual([]);
  });
});

async function requests(): Promise<string[]> {
  const { rows } = await writer.query<{ request: string }>(
    `select relation || ' ' || reason as request from relay.load_request order by id`,
  );
  return rows.map(({ request }) => request);
}
