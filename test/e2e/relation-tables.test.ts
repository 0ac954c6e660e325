import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChangeReader, idOfPair } from '#libs/change';
import { SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { LoadFixture } from './load-fixture.js';
import { relayCommand } from './relay-command.js';
import { addSmallRelation } from './small-relation.js';

const stack = testStack();
const relation = 'sale_order_tag_rel';
const registry = new SchemaRegistry({
  url: stack.schemaRegistryUrl,
  topicPrefix: stack.topicPrefix,
  logger: silentLogger,
});

let fixture: LoadFixture;
let ingest: StartedApp;

beforeAll(async () => {
  fixture = await LoadFixture.open(stack, 'related');
  await addSmallRelation(fixture.writer, 3_000);
  ingest = await startApp('ingest', fixture.environment);
});

afterAll(async () => {
  await ingest.stop();
  await fixture.close();
});

/** What a record of the topic tells: key, operation and row, in the order of its pair. */
async function recordsOf(order: number): Promise<unknown[]> {
  const reader = new ChangeReader(registry);
  const told: unknown[] = [];
  for (const record of await fixture.kafka.readToEnd(fixture.topic(relation))) {
    const key = await registry.decode(record.key ?? Buffer.alloc(0));
    const read = await reader.read(record);
    if (key.kind === 'unreadable' || read.kind === 'unreadable') throw new Error('a record is unreadable');
    if ((key.value as Record<string, unknown>)['order_id'] !== BigInt(order)) continue;
    const { tag_id: tag } = key.value as Record<string, unknown>;
    const change = read.kind === 'change' ? read.change : undefined;
    told.push([String(tag), change?.op, change?.before?.['tag_id'], change?.after?.['tag_id']]);
  }
  return told.sort((a, b) => Number((a as [string])[0]) - Number((b as [string])[0]));
}

const untilRecords = (order: number, count: number): Promise<unknown[]> =>
  eventually(async () => {
    const records = await recordsOf(order);
    return records.length >= count && records;
  });

/** What a reader of the topic has in the end, as `order-tag`. */
async function pairsInTopic(): Promise<string[]> {
  const pairs = new Map<bigint, string>();
  for (const { recordId, change } of await fixture.records(relation)) {
    const row = change?.after;
    if (row == null) pairs.delete(recordId);
    else pairs.set(recordId, `${String(row['order_id'])}-${String(row['tag_id'])}`);
  }
  return [...pairs.values()].sort();
}

async function pairsInTable(): Promise<string[]> {
  const { rows } = await fixture.writer.query<{ pair: string }>(
    `select order_id || '-' || tag_id as pair from ${relation}`,
  );
  return rows.map(({ pair }) => pair).sort();
}

describe('the topic of a relation table', () => {
  it('has creates, deletes and tombstones by its pair, and of a changed pair both', async () => {
    await fixture.writer.query(`insert into ${relation} values (1, 1), (1, 2)`);
    await fixture.writer.query(`update ${relation} set tag_id = 3 where order_id = 1 and tag_id = 2`);
    await fixture.writer.query(
      `begin; insert into ${relation} values (1, 9); delete from ${relation} where tag_id = 9; commit`,
    );
    await fixture.writer.query(`delete from sale_order where id = 1`);
    const ended = [undefined, undefined, undefined];
    expect(await untilRecords(1, 9)).toEqual([
      ['1', 'c', undefined, 1],
      ['1', 'd', 1, undefined],
      ['1', ...ended],
      ['2', 'c', undefined, 2],
      ['2', 'd', 2, undefined],
      ['2', ...ended],
      ['3', 'c', undefined, 3],
      ['3', 'd', 3, undefined],
      ['3', ...ended],
    ]);
  });

  it('has keys of both columns, and no model in its changes', async () => {
    const [record] = await fixture.kafka.readToEnd(fixture.topic(relation));
    const key = await registry.decode(record?.key ?? Buffer.alloc(0));
    expect(key).toMatchObject({
      schema: { name: 'Key', fields: ['order_id', 'tag_id'].map((name) => ({ name, type: 'long' })) },
    });
    expect(record?.headers).toMatchObject({ ce_source: 'odoo.related', ce_type: `${relation}.created` });
    const [change] = await fixture.changes(relation);
    expect(change?.source).toMatchObject({ table: relation, model: '', user_id: null });
  });

  it('has what a load reads, several chunks of it, and the deletes of what only the topic has', async () => {
    await fixture.writer.query(
      `insert into ${relation} select o.id, t from sale_order o, generate_series(1, 2) t where o.id <= 2000`,
    );
    await fixture.withoutTriggers(`delete from ${relation} where order_id between 500 and 1700;
      insert into ${relation} select id, 7 from sale_order where id between 1001 and 3000;
      insert into ${relation} values (2, -1)`);
    const { rows_done: rowsDone } = await fixture.finished(
      await fixture.request(`(relation, reason) values ('${relation}', 'gap')`),
    );
    expect(await pairsInTopic()).toEqual(await pairsInTable());
    expect(Number(rowsDone)).toBe((await pairsInTable()).length);
    const loaded = (await fixture.changes(relation)).filter(({ source }) => source.snapshot === 'true');
    // Another pair of the order may stand in another partition.
    const gone = loaded.find(
      ({ op, before }) => op === 'd' && before?.['order_id'] === 500 && before['tag_id'] === 1,
    );
    expect(gone).toMatchObject({ before: { order_id: 500, tag_id: 1 }, after: null });
    expect(gone?.source.change_id).toMatch(/-load\d+-sale_order_tag_rel-500-1-gone$/);
    const ids = loaded.map(({ source }) => source.change_id);
    expect(new Set(ids).size).toBe(ids.length);
  }, 120_000);

  it('has what a load of some pairs reads', async () => {
    await fixture.withoutTriggers(`delete from ${relation} where order_id = 3`);
    const before = (await fixture.records(relation)).length;
    const ids = [idOfPair(3n, 1n), idOfPair(4n, 2n), idOfPair(2n, -1n), idOfPair(9n, 99n)].join(', ');
    await fixture.finished(
      await fixture.request(`(relation, record_ids) values ('${relation}', '{${ids}}')`),
    );
    const records = await fixture.records(relation);
    expect(records.length - before).toBe(4);
    expect((await recordsOf(3)).filter((record) => (record as unknown[])[1] === 'd')).toHaveLength(1);
    expect((await recordsOf(4)).map((record) => (record as unknown[])[1])).toEqual(['c', 'r', 'c', 'r', 'r']);
  });

  it('follows a TRUNCATE', async () => {
    await fixture.writer.query(`truncate ${relation}`);
    await fixture.writer.query(`insert into ${relation} values (5, 5)`);
    await eventually(async () => (await pairsInTopic()).join() === '5-5', { timeoutMs: 60_000 });
  }, 90_000);

  it('goes on in another one where its columns have other names, with all its rows', async () => {
    const rename = (column: string): string => `${column} = replace(${column}, 'tag_id', 'label_id')`;
    await fixture.writer.query(`begin; alter table ${relation} rename tag_id to label_id;
      update ir_model_fields set ${rename('column1')}, ${rename('column2')}; commit`);
    await fixture.writer.query(`insert into ${relation} values (6, 6)`);
    const state = await eventually(
      async () => {
        const rows = (await fixture.changes(`${relation}-2`)).map(({ after }) => ({ ...after }));
        return rows.length >= 2 && rows;
      },
      { timeoutMs: 60_000 },
    );
    expect(new Set(state.map((row) => JSON.stringify(row)))).toEqual(
      new Set([5, 6].map((id) => JSON.stringify({ order_id: id, label_id: id }))),
    );
  }, 90_000);
});

describe('relay capture', () => {
  it('shows the triggers of relation tables, takes them out, and puts only those back that are wanted', async () => {
    const run = (verb: string, more: Record<string, string> = {}) =>
      relayCommand(['capture', verb, '--yes'], { ...fixture.environment, ...more });
    expect((await run('status')).output).toMatch(/^ {2}sale_order_tag_rel: ok$/m);
    await ingest.stop();
    expect((await run('uninstall')).output).toMatch(
      /drop trigger if exists relay_capture on sale_order_tag_rel/,
    );
    const without = await run('install', { RELATION_TABLES: 'false' });
    expect(without.output).toMatch(/The capture is installed: 4 tables\./);
    await fixture.writer.query(`insert into ${relation} values (7, 7)`);
    const { output } = await run('install', { RELATION_TABLES: relation });
    expect(output).toContain(
      `on "${relation}" for each row execute function relay.capture_relation('label_id', 'order_id')`,
    );
    expect((await run('status', { RELATION_TABLES: 'a rel' })).errors).toMatch(
      /^relay: RELATION_TABLES takes/,
    );
  }, 90_000);
});
