import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger as logger } from '#libs/telemetry';
import type { Stack } from '#embedded';
import { connect, createSmallOdoo, smallOdooModels } from '../../../test/e2e/small-odoo.js';
import { eventually } from '../../../test/harness/eventually.js';
import { startPrivateStack } from '../../../test/harness/stack.js';
import { firstPosition } from './first-position.js';
import { installCapture } from './install-capture.js';
import { OutboxReader } from './outbox-reader.js';
import { emptySnapshot, type Snapshot } from './snapshot.js';
import { TableCatalog } from './table-catalog.js';

const limits = { maxChanges: 2_000, maxBytes: 8_000_000, maxSnapshotMs: 30_000 };

let stack: Stack;
let databaseUrl: string;

beforeAll(async () => {
  stack = await startPrivateStack({ only: ['postgres'] });
  databaseUrl = await stack.createDatabase('crashed');
  await createSmallOdoo(databaseUrl);
  const client = await connect(databaseUrl);
  // What is rolled back must not reach the disk before the crash.
  await client.query(`alter system set wal_writer_delay = '10s'`);
  await client.query('select pg_reload_conf()');
  await installCapture(client, smallOdooModels, logger);
  await client.end();
}, 120_000);

afterAll(() => stack.stop());

/** The names that are new since `from`, and up to where they were read. */
async function readNew(from: Snapshot): Promise<{ names: unknown[]; upTo: Snapshot }> {
  const client = await connect(databaseUrl);
  const { tables } = await installCapture(client, smallOdooModels, logger);
  const catalog = await TableCatalog.read(client, tables, { readAtMs: 0 });
  const reader = await OutboxReader.over(client);
  const names: unknown[] = [];
  let upTo = from;
  if ((await reader.poll(from)).found) {
    for await (const page of reader.pages({ from, to: null, afterSequence: 0n }, limits, () => catalog)) {
      names.push(...page.changes.map(({ after }) => (JSON.parse(after ?? '{}') as { name: unknown }).name));
      upTo = page.target;
    }
  }
  await client.end();
  return { names, upTo };
}

/** The number of the transaction. */
async function insert(name: string, end: 'commit' | 'rollback'): Promise<string | undefined> {
  const client = await connect(databaseUrl);
  await client.query('begin');
  await client.query('insert into res_partner (name) values ($1)', [name]);
  const { rows } = await client.query<{ xact: string }>('select pg_current_xact_id()::text as xact');
  await client.query(end);
  await client.end();
  return rows[0]?.xact;
}

async function crash(): Promise<void> {
  await stack.pieces.postgres?.kill();
  // The backends of a killed Postgres end a little later than their parent.
  await eventually(() => stack.pieces.postgres?.start().then(() => true), { timeoutMs: 60_000 });
}

describe('a Postgres that crashes and gives the number of a transaction once more', () => {
  it('fault 117: neither hides the change that is made with it, nor is taken for a restored backup', async () => {
    await insert('before', 'commit');
    const rolledBack = await insert('undone', 'rollback');
    const first = await readNew(emptySnapshot);
    expect(first.names).toEqual(['before']);
    expect(first.upTo.xmax).toBeGreaterThan(BigInt(rolledBack ?? 0));

    await crash();
    const client = await connect(databaseUrl);
    const position = { epoch: 'e', from: first.upTo, to: null, sequence: 1n, load: null };
    const going = await firstPosition(client, position, 'e', { acceptedEpoch: '', logger });
    expect(going).toBe(position);
    await client.end();

    expect(await insert('after', 'commit')).toBe(rolledBack);
    const second = await readNew(first.upTo);
    expect(second.names).toEqual(['after']);
    expect((await readNew(second.upTo)).names).toEqual([]);
  });
});
