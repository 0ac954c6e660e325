import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Piece, Stack } from '#embedded';
import { eventually } from '../../harness/eventually.js';
import { startPrivateStack } from '../../harness/stack.js';
import { PartnerLedger } from './partner-ledger.js';

let stack: Stack;
let ledger: PartnerLedger;

beforeAll(async () => {
  stack = await startPrivateStack();
}, 120_000);

afterEach(async () => {
  await ledger.close();
});

afterAll(async () => {
  await stack.stop();
});

async function expectExactlyOnce(): Promise<void> {
  const { committed, published } = await ledger.compare();
  expect(published).toEqual(committed);
  expect(await ledger.apps.at(-1)?.ended).toBe(0);
}

/** The backends of a killed Postgres end a little later than their parent, and it does not start before. */
async function killAndStart(postgres: Piece): Promise<void> {
  await postgres.kill();
  await eventually(() => postgres.start().then(() => true), { timeoutMs: 60_000 });
}

describe('capture', () => {
  it('fault 2: ten kills of ingest lose and double nothing', async () => {
    ledger = await PartnerLedger.open(stack, 'killed_ingests');
    // Small pages, so that a kill meets a backlog in its middle.
    const smallPages = { MAX_CHANGES_PER_TRANSACTION: '50' };
    let app = await ledger.startIngest(stack.brokers, smallPages);
    ledger.startWriting();
    for (let kill = 0; kill < 10; kill++) {
      await ledger.untilMoreIsPublished(30 + 20 * kill);
      await app.kill();
      app = await ledger.startIngest(stack.brokers, smallPages);
    }
    await expectExactlyOnce();
  });

  it('fault 117: ten kills of Postgres lose and double nothing', async () => {
    ledger = await PartnerLedger.open(stack, 'killed_postgres');
    const app = await ledger.startIngest(stack.brokers);
    ledger.startWriting();
    const { postgres } = stack.pieces;
    if (postgres === undefined) throw new Error('the stack has no Postgres of its own');
    for (let kill = 0; kill < 10; kill++) {
      await ledger.untilMoreIsPublished(30);
      await killAndStart(postgres);
    }
    await ledger.untilMoreIsPublished(30);
    await expectExactlyOnce();
    // Nobody had to start it again.
    expect(ledger.apps).toEqual([app]);
  });

  it('of two instances started by mistake the younger goes on and the older ends, three times', async () => {
    ledger = await PartnerLedger.open(stack, 'two_instances');
    let older = await ledger.startIngest(stack.brokers);
    ledger.startWriting();
    for (let mistake = 0; mistake < 3; mistake++) {
      await ledger.untilMoreIsPublished(30);
      const younger = await ledger.startIngest(stack.brokers);
      const how = await older.ended;
      expect(how).toEqual(expect.any(Number));
      expect(how).not.toBe(0);
      expect(older.output()).toContain('another instance writes as');
      await ledger.untilMoreIsPublished(30);
      older = younger;
    }
    await expectExactlyOnce();
  });
});
