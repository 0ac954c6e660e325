import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkoutDirectory, startEmbeddedStack, type Stack } from '#embedded';
import { readCoordinates } from '../../harness/coordinates.js';
import { eventually } from '../../harness/eventually.js';
import { PartnerLedger } from './partner-ledger.js';
import { SmallDisk, whyNoSmallDisk } from './small-disk.js';

const obstacle = whyNoSmallDisk();
if (obstacle !== undefined) console.warn(`SKIPPED: a full disk of the broker: ${obstacle}`);

const slug = `disk_full_${process.pid}`;
const directory = join(checkoutDirectory(), 'run', `test-private-${process.pid}-disk`);
const megabytes = 64;

async function startBroker(disk: SmallDisk): Promise<Stack> {
  const { schemaRegistryUrl, databaseUrl } = readCoordinates();
  const javaHome = process.env['JAVA_HOME'];
  process.env['JAVA_HOME'] = disk.javaHome;
  try {
    return await startEmbeddedStack({
      directory,
      existing: { schemaRegistryUrl, databaseUrl },
      throwaway: true,
    });
  } finally {
    if (javaHome === undefined) delete process.env['JAVA_HOME'];
    else process.env['JAVA_HOME'] = javaHome;
  }
}

(obstacle === undefined ? describe : describe.skip)('capture', () => {
  let disk: SmallDisk;
  let stack: Stack;
  let ledger: PartnerLedger;

  beforeAll(async () => {
    await mkdir(directory, { recursive: true });
    disk = await SmallDisk.open(directory, join(directory, 'kafka', 'data'), megabytes);
    stack = await startBroker(disk);
    ledger = await PartnerLedger.open(stack, slug);
  }, 120_000);

  afterAll(async () => {
    await ledger.close();
    await stack.dropDatabase(slug);
    await stack.stop();
    await disk.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('fault 24: a full disk of the broker makes ingest wait, not ready, and everything comes once it is freed', async () => {
    const ingest = await ledger.startIngest(stack.brokers);
    const health = async (): Promise<number> => (await fetch(`${ingest.url}/health/ready`)).status;
    ledger.startWriting();
    await ledger.untilMoreIsPublished(100);
    await disk.fill();
    await eventually(async () => (await health()) === 503, { timeoutMs: 120_000 });

    // Odoo goes on, and nothing of it is taken for published.
    const { published, committedCount } = ledger;
    await eventually(() => ledger.committedCount > committedCount + 500, { timeoutMs: 60_000 });
    expect(ledger.published).toBe(published);
    expect(await health()).toBe(503);

    await disk.free();
    // A broker ends when its only disk fails.
    await stack.pieces.kafka?.kill();
    await stack.pieces.kafka?.start();
    await ledger.untilMoreIsPublished(500);
    expect(await health()).toBe(200);
    const { committed, published: inTopic } = await ledger.compare();
    expect(inTopic).toEqual(committed);
    expect(ledger.apps).toEqual([ingest]);
    expect(await ingest.ended).toBe(0);
  });
});
