import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LoadFixture } from '../../e2e/load-fixture.js';
import { connect } from '../../e2e/small-odoo.js';
import { startApp, type StartedApp } from '../../harness/apps.js';
import { eventually } from '../../harness/eventually.js';
import { testStack } from '../../harness/stack.js';

const patience = { timeoutMs: 120_000, pollMs: 200 };

const stack = testStack();

let fixture: LoadFixture;
let ingest: StartedApp | undefined;

beforeAll(async () => {
  fixture = await LoadFixture.open(stack, 'load-memory');
});

afterAll(async () => {
  await ingest?.stop();
  await fixture.close();
});

it('a load of 200,000 rows and 100,000 deletes takes no more memory at its end than at its beginning, and changes go through meanwhile', async () => {
  const rows = 200_000;
  await fixture.writer.query(
    `insert into res_partner (id, name, comment)
     select i, 'p' || i, repeat('x', 300) from generate_series(1, ${rows}) i`,
  );
  ingest = await startApp('ingest', {
    ...fixture.environment,
    MODELS: 'res.partner',
    LOAD_AT_INSTALL: 'true',
  });
  const { pid } = ingest;
  const doneRows = async (id: string): Promise<number> => {
    const found = await fixture.writer.query<{ rows_done: string }>(
      'select rows_done from relay.load_request where id = $1',
      [id],
    );
    return Number(found.rows[0]?.rows_done);
  };
  const [first] = (await fixture.writer.query<{ id: string }>('select id::text from relay.load_request'))
    .rows;
  await eventually(async () => (await doneRows(first?.id ?? '')) > rows / 10, patience);
  const atBeginning = residentMegabytes(pid);
  const writer = await connect(fixture.environment['ODOO_DATABASE_URL'] ?? '');
  await writer.query(`update res_partner set name = 'meanwhile' where id = ${rows}`);
  await writer.end();
  await fixture.finished(first?.id ?? '');
  const afterRows = residentMegabytes(pid);
  await fixture.withoutTriggers(`delete from res_partner where id > ${rows / 2}`);
  await fixture.finished(await fixture.request(`(relation, reason) values ('res_partner', 'gap')`));
  const atEnd = residentMegabytes(pid);
  // 300,000 changes in memory would be some 400 MB.
  expect(Math.max(afterRows, atEnd)).toBeLessThan(atBeginning + 150);
  expect(await countByKind()).toEqual({
    'res.partner.read': rows * 1.5,
    'res.partner.updated': 1,
    'res.partner.deleted': rows / 2,
    tombstone: rows / 2,
  });
}, 300_000);

/** As the headers say it: to decode them all would take longer than the load. */
async function countByKind(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  await fixture.kafka.readEach(fixture.topic(), (records) => {
    for (const { headers, value } of records) {
      const kind = value === null ? 'tombstone' : (headers['ce_type'] ?? '');
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  });
  return counts;
}

function residentMegabytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) / 1024;
}
