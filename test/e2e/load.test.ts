import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Change } from '#libs/change';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { LoadFixture, type TopicRecord } from './load-fixture.js';
import { connect } from './small-odoo.js';

const stack = testStack();
let fixture: LoadFixture;
let ingest: StartedApp;

beforeAll(async () => {
  fixture = await LoadFixture.open(stack, 'loaded');
  await fixture.writer.query(
    `insert into res_partner (id, name, signup_token, write_uid)
       select i, 'p' || i, 'secret', 2 from generate_series(1, 3000) i;
     insert into sale_order (id, name) values (1, 'S1');
     insert into sale_order_line (id, order_id, name) values (1, 1, 'line')`,
  );
  ingest = await start({ LOAD_AT_INSTALL: 'true' });
});

afterAll(async () => {
  await ingest.stop();
  await fixture.close();
});

function start(more: Record<string, string> = {}): Promise<StartedApp> {
  return startApp('ingest', { ...fixture.environment, ...more });
}

/** Waits for the load that a request asks for. */
async function load(sql: string): ReturnType<LoadFixture['finished']> {
  return fixture.finished(await fixture.request(sql));
}

/** In the order of the ids. */
async function recordsSince(earlier: readonly TopicRecord[]): Promise<{ op: string; id: number }[]> {
  const known = new Set(earlier.map(({ place }) => place));
  return (await fixture.records())
    .filter(({ place }) => !known.has(place))
    .map(({ recordId, change }) => ({ op: change?.op ?? 'tombstone', id: Number(recordId) }))
    .sort((a, b) => a.id - b.id);
}

describe('the first load', () => {
  it('has every row of every captured table in its topic once, as op r', async () => {
    const requests = await eventually(async () => {
      const { rows } = await fixture.writer.query<{ relation: string; reason: string; rows_done: string }>(
        'select relation, reason, rows_done from relay.load_request where finished_at is not null order by id',
      );
      return rows.length === 4 && rows;
    });
    expect(requests).toEqual([
      { relation: 'res_partner', reason: 'installed', rows_done: '3000' },
      { relation: 'product_template', reason: 'installed', rows_done: '0' },
      { relation: 'sale_order', reason: 'installed', rows_done: '1' },
      { relation: 'sale_order_line', reason: 'installed', rows_done: '1' },
    ]);
    const changes = await fixture.changes();
    expect(changes.map(({ after }) => after?.['id']).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 3000 }, (_none, index) => index + 1),
    );
    expect(new Set(changes.map(({ op }) => op))).toEqual(new Set(['r']));
  });

  it('gives each row its types, a stable id and its records, and never a secret', async () => {
    const [row] = (await fixture.changes()).filter(({ after }) => after?.['id'] === 77);
    expect(row).toMatchObject({ before: null, changed: null, after: { name: 'p77' } });
    expect(row?.source.change_id).toBe(`${row?.source.epoch ?? ''}-load1-res_partner-77`);
    expect(row?.source).toMatchObject({ snapshot: 'true', user_id: 2, model: 'res.partner' });
    expect(Object.keys(row?.after ?? {})).not.toContain('signup_token');
    const [order] = await fixture.changes('sale_order');
    expect(JSON.parse(order?.included ?? '{}')).toMatchObject({ order_line: [{ id: 1, name: 'line' }] });
  });

  it('is not made a second time', async () => {
    await ingest.stop();
    ingest = await start({ LOAD_AT_INSTALL: 'true' });
    // The requests are worked off in their order, so one that should not be there would be done by now.
    await load(`(relation) values ('sale_order')`);
    expect(await fixture.changes()).toHaveLength(3000);
  });
});

describe('a load on demand', () => {
  it('of a whole table publishes its rows as they are, above all that came before', async () => {
    await fixture.writer.query(`update res_partner set name = 'seen' where id = 5`);
    await eventually(async () => (await fixture.changes()).some(({ op }) => op === 'u'));
    await fixture.withoutTriggers(`update res_partner set name = 'unseen' where id = 5`);
    const { rows_done, rows_estimated } = await load(
      `(relation, reason) values ('res_partner', 'requested')`,
    );
    expect(rows_done).toBe('3000');
    expect(Number(rows_estimated)).toBe(3000);
    const ofFive = (await fixture.changes()).filter(({ after }) => after?.['id'] === 5);
    expect(ofFive.map(({ op, after }) => [op, after?.['name']])).toEqual([
      ['r', 'p5'],
      ['u', 'seen'],
      ['r', 'unseen'],
    ]);
    const [, update, last] = ofFive.map(({ source }) => source.sequence);
    expect(last).toBeGreaterThanOrEqual(update ?? Infinity);
    await fixture.writer.query(`update res_partner set name = 'later' where id = 5`);
    const later = await eventually(async () =>
      (await fixture.changes()).find(({ after }) => after?.['name'] === 'later'),
    );
    expect(later.source.sequence).toBeGreaterThan(last ?? 0n);
  });

  it('of some ids publishes just these, and deletes those that only the topic has', async () => {
    const before = await fixture.records();
    await fixture.withoutTriggers('delete from res_partner where id in (10, 11)');
    const { rows_done } = await load(
      `(relation, record_ids, reason) values ('res_partner', '{12, 10, 9, 12, 999999}', 'requested')`,
    );
    expect(rows_done).toBe('2');
    expect(await recordsSince(before)).toEqual([
      { op: 'r', id: 9 },
      { op: 'd', id: 10 },
      { op: 'tombstone', id: 10 },
      { op: 'r', id: 12 },
    ]);
  });

  it('of a whole table deletes what was deleted while triggers were off, and nothing else', async () => {
    const before = await fixture.records();
    await fixture.withoutTriggers('delete from res_partner where id between 100 and 2600');
    await fixture.writer.query('delete from res_partner where id = 50');
    await load(`(relation, reason) values ('res_partner', 'gap')`);
    const records = await recordsSince(before);
    // 11 was left over from the load of some ids.
    const gone = [11, 50, ...Array.from({ length: 2501 }, (_none, index) => index + 100)];
    expect(records.filter(({ op }) => op === 'd').map(({ id }) => id)).toEqual(gone);
    expect(records.filter(({ op }) => op === 'tombstone').map(({ id }) => id)).toEqual(gone);
    expect(await fixture.stateInTopic('name')).toEqual(await fixture.stateInTable('name'));
    const deleted = (await fixture.changes()).find(({ op, before }) => op === 'd' && before?.['id'] === 100);
    expect(deleted?.source.change_id).toMatch(/-load\d+-res_partner-100-gone$/);
  });

  it('of a table that is not captured ends with the reason, and the next one is done', async () => {
    const failing = await fixture.request(`(relation, reason) values ('no_such_table', 'requested')`);
    const next = await fixture.request(
      `(relation, record_ids, reason) values ('res_partner', '{1}', 'requested')`,
    );
    expect((await fixture.finished(failing)).problem).toMatch(/no_such_table is no captured table .*MODELS/);
    expect(await fixture.finished(next)).toMatchObject({ rows_done: '1', problem: null });
    expect(ingest.output()).toContain('a load cannot be done');
  });

  it('of a table that was truncated deletes all its records in the topic', async () => {
    await fixture.withoutTriggers('truncate sale_order_line');
    await load(`(relation, reason) values ('sale_order_line', 'truncated')`);
    expect((await fixture.records('sale_order_line')).map(({ change }) => change?.op)).toEqual([
      'r',
      'd',
      undefined,
    ]);
  });

  it('waits for transactions from before it, while the changes of others go on', async () => {
    const open = await connect(fixture.environment['ODOO_DATABASE_URL'] ?? '');
    await open.query(`begin; update res_partner set name = 'slow' where id = 3`);
    const id = await fixture.request(`(relation, record_ids, reason) values ('res_partner', '{3}', 'gap')`);
    await eventually(async () => {
      const { rows } = await fixture.writer.query(
        'select from relay.load_request where id = $1 and started_at is not null',
        [id],
      );
      return rows.length === 1;
    });
    await fixture.writer.query(`update res_partner set name = 'meanwhile' where id = 4`);
    await eventually(async () =>
      (await fixture.changes()).some(({ after }) => after?.['name'] === 'meanwhile'),
    );
    const before = await fixture.writer.query(
      'select from relay.load_request where id = $1 and finished_at is null',
      [id],
    );
    expect(before.rows).toHaveLength(1);
    await open.query('commit');
    await open.end();
    await fixture.finished(id);
    const ofThree = (await fixture.changes()).filter(({ after }) => after?.['id'] === 3);
    expect(ofThree.slice(-2).map(({ op, after }) => [op, after?.['name']])).toEqual([
      ['u', 'slow'],
      ['r', 'slow'],
    ]);
    expectRisingChanges(ofThree);
  });
});

describe('a load while others write', () => {
  it('never lets a stale row follow a newer one, and live changes flow', async () => {
    await fixture.writer.query(
      `insert into res_partner (id, name) select i, '0' from generate_series(10001, 13000) i`,
    );
    await eventually(async () => Object.keys(await fixture.stateInTopic('name')).length >= 3000);
    await ingest.stop();
    // In several chunks, so that the writers meet it in its middle.
    ingest = await start({ LOAD_ROWS_PER_SECOND: '1500' });
    const before = await fixture.records();
    const id = await fixture.request(`(relation, reason) values ('res_partner', 'requested')`);
    const writing = [1, 2].map(async (worker) => {
      const client = await connect(fixture.environment['ODOO_DATABASE_URL'] ?? '');
      for (let n = 1; !(await isFinished(id)); n += 1) {
        const record = 10_001 + ((n * 7 + worker * 13) % 3000);
        await client.query(`update res_partner set name = '${worker}-${n}' where id = ${record}`);
        if (n % 5 === 0) await client.query(`delete from res_partner where id = ${record - 1}`);
        if (n % 7 === 0) {
          await client.query(`insert into res_partner (id, name) values (${worker * 100_000 + n}, 'new')`);
        }
      }
      await client.end();
    });
    await Promise.all(writing);
    await fixture.writer.query(`update res_partner set name = 'the end' where id = 1`);
    await eventually(async () => (await fixture.stateInTopic('name'))['1'] === 'the end');
    expect(await fixture.stateInTopic('name')).toEqual(await fixture.stateInTable('name'));
    const known = new Set(before.map(({ place }) => place));
    const moments = (await fixture.records()).flatMap(({ place, change }) =>
      change === undefined || known.has(place) ? [] : [{ op: change.op, ms: change.ts_ms }],
    );
    const loadedMs = moments.flatMap(({ op, ms }) => (op === 'r' ? [Number(ms)] : []));
    const [firstMs, lastMs] = [Math.min(...loadedMs), Math.max(...loadedMs)];
    const meanwhile = moments.filter(({ op, ms }) => op === 'u' && ms > firstMs && ms < lastMs);
    expect(meanwhile.length).toBeGreaterThan(10);
    const byRecord = new Map<bigint, Change[]>();
    for (const { recordId, change } of await fixture.records()) {
      if (change !== undefined) byRecord.set(recordId, [...(byRecord.get(recordId) ?? []), change]);
    }
    for (const changes of byRecord.values()) expectRisingChanges(changes);
  }, 120_000);
});

async function isFinished(id: string): Promise<boolean> {
  const { rows } = await fixture.writer.query(
    'select from relay.load_request where id = $1 and finished_at is not null',
    [id],
  );
  return rows.length === 1;
}

/** The sequence of changes rises, and no loaded row is above a change that follows it. */
function expectRisingChanges(changes: readonly Change[]): void {
  let [lastChange, highest] = [-1n, -1n];
  for (const { op, source } of changes) {
    if (op === 'r') {
      highest = source.sequence > highest ? source.sequence : highest;
    } else {
      expect(source.sequence).toBeGreaterThan(lastChange);
      expect(source.sequence).toBeGreaterThan(highest);
      lastChange = source.sequence;
    }
  }
}
