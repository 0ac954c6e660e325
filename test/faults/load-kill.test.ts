import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoadFixture } from '../e2e/load-fixture.js';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';

const stack = testStack();
const patience = { timeoutMs: 120_000, pollMs: 200 };

let fixture: LoadFixture;
let ingest: StartedApp | undefined;
let databases = 0;

beforeEach(async () => {
  databases += 1;
  fixture = await LoadFixture.open(stack, `load-kill-${databases}`);
});

afterEach(async () => {
  await ingest?.stop();
  await fixture.close();
});

async function countInTopic(): Promise<number> {
  let count = 0;
  await fixture.kafka.readEach(fixture.topic(), (records) => {
    count += records.length;
  });
  return count;
}

describe('a load in the middle of which ingest is killed', () => {
  it('goes on where it was: every row is in the topic exactly once, and so is every delete', async () => {
    const rows = 12_000;
    await fixture.writer.query(
      `insert into res_partner (id, name) select i, 'p' || i from generate_series(1, ${rows}) i`,
    );
    const environment = { ...fixture.environment, MODELS: 'res.partner', LOAD_ROWS_PER_SECOND: '4000' };
    const killAfter = async (records: number): Promise<void> => {
      await eventually(async () => (await countInTopic()) >= records, patience);
      await ingest?.kill();
      ingest = await startApp('ingest', environment);
    };

    ingest = await startApp('ingest', { ...environment, LOAD_AT_INSTALL: 'true' });
    const [first] = (await fixture.writer.query<{ id: string }>('select id::text from relay.load_request'))
      .rows;
    for (const share of [0.2, 0.5, 0.7]) await killAfter(rows * share);
    expect(await fixture.finished(first?.id ?? '')).toMatchObject({ rows_done: String(rows) });
    const loaded = await fixture.records();
    expect(loaded.map(({ change }) => change?.op)).toEqual(Array.from({ length: rows }, () => 'r'));
    expect(new Set(loaded.map(({ recordId }) => recordId)).size).toBe(rows);

    await fixture.withoutTriggers(`delete from res_partner where id % 2 = 0`);
    const second = await fixture.request(`(relation, reason) values ('res_partner', 'gap')`);
    // In its rows, of which there are half as many, and twice in its deletes.
    for (const records of [rows * 1.2, rows * 1.5 + 1, rows * 2]) await killAfter(records);
    await fixture.finished(second);
    const all = await fixture.records();
    const again = all.filter(({ change }) => change?.source.change_id.includes(`-load${second}-`));
    const ids = (op: string): bigint[] =>
      again
        .flatMap(({ recordId, change }) => (change?.op === op ? [recordId] : []))
        .sort((a, b) => Number(a - b));
    expect(ids('r')).toEqual(Array.from({ length: rows / 2 }, (_none, n) => BigInt(2 * n + 1)));
    expect(ids('d')).toEqual(Array.from({ length: rows / 2 }, (_none, n) => BigInt(2 * n + 2)));
    expect(all.filter(({ change }) => change === undefined)).toHaveLength(rows / 2);
    expect(await fixture.stateInTopic('name')).toEqual(await fixture.stateInTable('name'));
  }, 240_000);
});
