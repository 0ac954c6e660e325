import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo } from '../../../../test/e2e/small-odoo.js';
import { eventually } from '../../../../test/harness/eventually.js';
import { testStack } from '../../../../test/harness/stack.js';
import type { CapturedTable } from '../captured-tables.js';
import { installCapture } from '../install-capture.js';
import { parseSnapshot } from '../snapshot.js';
import { IdSet } from './id-set.js';
import { LoadPace } from './load-pace.js';
import { requestLoad } from './load-request.js';
import type { LoadState, LoadStep } from './load-state.js';
import { Loads } from './loads.js';

const stack = testStack();

let client: Client;
let table: CapturedTable;
let loads: Loads;
let nowMs = 0;
let published: LoadState | null;
/** Answers the question what the topic has. */
let tellTopicIds: (ids: IdSet) => void;

beforeAll(async () => {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  client = await connect(databaseUrl);
  const { tables } = await installCapture(client, ['res.partner'], silentLogger);
  [table] = tables as [CapturedTable];
});

beforeEach(async () => {
  await client.query('truncate relay.load_request, res_partner');
  await client.query(`insert into res_partner (id) select i from generate_series(1, 25) i`);
  const topicIds = new Promise<IdSet>((resolve) => (tellTopicIds = resolve));
  published = null;
  loads = new Loads({
    table: (name) => (name === 'res_partner' ? table : undefined),
    topicIds: () => topicIds,
    pace: new LoadPace(10, () => nowMs),
    limits: { maxRows: 100, maxBytes: 1_000_000 },
    logger: silentLogger,
  });
});

afterEach(async () => {
  const { rows } = await client.query<{ problem: string }>(
    'select problem from relay.load_request where problem is not null',
  );
  if (rows[0] !== undefined) throw new Error(rows[0].problem);
});

afterAll(() => client.end());

/** A batch of changes ends; what the load adds to it is published. */
async function batch(): Promise<LoadStep | undefined> {
  await client.query('begin isolation level repeatable read, read only');
  const { rows } = await client.query<{ text: string }>('select pg_current_snapshot()::text as text');
  const step = await loads.step(client, parseSnapshot(rows[0]?.text ?? ''), published);
  await client.query('commit');
  if (step !== undefined) {
    published = step.state;
    await loads.published(client, step);
  }
  return step;
}

/** As many batches as there are, from the first one on that a step is added to. */
async function batches(count: number): Promise<number> {
  let rows = (await eventually(batch)).rows.length;
  for (let n = 1; n < count; n += 1) rows += (await batch())?.rows.length ?? 0;
  return rows;
}

describe('a load', () => {
  it('keeps its pace also when batches of changes come more often', async () => {
    await requestLoad(client, { relation: 'res_partner', reason: 'installed' });
    expect(await loads.isDue(client, published)).toBe(true);
    expect(await batches(5)).toBe(10);
    expect(await loads.isDue(client, published)).toBe(false);
    nowMs += 1_000;
    expect(await loads.isDue(client, published)).toBe(true);
    expect(await batches(5)).toBe(10);
    nowMs += 1_000;
    expect(await batches(5)).toBe(5);
  });

  it('deletes nothing and does not end before it knows what the topic has', async () => {
    await requestLoad(client, { relation: 'res_partner', reason: 'installed' });
    await loads.isDue(client, published);
    for (let n = 0; n < 3; n += 1, nowMs += 1_000) await eventually(batch);
    expect(published?.phase).toBe('deletes');
    expect(await batch()).toBeUndefined();
    const topic = new IdSet();
    for (const id of [1n, 7n, 30n, 40n, 50n]) topic.add(id);
    tellTopicIds(topic);
    // A delete that is captured meanwhile is published by itself.
    loads.see([deleteOf('40')]);
    await new Promise((resolve) => setImmediate(resolve));
    // Transactions of other databases, too, have to end first.
    const step = await eventually(batch);
    expect(step.gone).toEqual([30n, 50n]);
    expect(step.state.phase).toBe('done');
    expect(await loads.isDue(client, published)).toBe(false);
    const { rows } = await client.query<{ rows_done: string; problem: string | null }>(
      'select rows_done, problem from relay.load_request where finished_at is not null',
    );
    expect(rows).toEqual([{ rows_done: '25', problem: null }]);
  });

  it('ends when its request is taken back', async () => {
    await requestLoad(client, { relation: 'res_partner', reason: 'installed' });
    await loads.isDue(client, published);
    await client.query('delete from relay.load_request');
    await batch();
    nowMs += 10_000;
    expect(await loads.isDue(client, published)).toBe(false);
    expect(await batch()).toBeUndefined();
  });
});

function deleteOf(recordId: string): Parameters<Loads['see']>[0][number] {
  return {
    sequence: '1',
    xact: '1',
    table: 'res_partner',
    model: 'res.partner',
    recordId,
    ordinal: '1',
    total: '1',
    before: `{"id": ${recordId}}`,
    after: null,
    ownFields: null,
    wholes: null,
  };
}
