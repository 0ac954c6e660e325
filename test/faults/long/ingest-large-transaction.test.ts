import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeTopic } from '#libs/change';
import { Kafka } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { ingestFixture, type IngestFixture } from '../../e2e/ingest-fixture.js';
import { startApp, type StartedApp } from '../../harness/apps.js';
import { eventually } from '../../harness/eventually.js';
import { testStack } from '../../harness/stack.js';

const stack = testStack();
const changes = 200_000;
/** Together twice as large as the heap that ingest gets. */
const commentLength = 700;
const heapMegabytes = 72;

let odoo: IngestFixture;
let ingest: StartedApp;
let kafka: Kafka;

beforeAll(async () => {
  odoo = await ingestFixture(stack, 'large');
  kafka = new Kafka({
    brokers: stack.brokers,
    clientId: 'large',
    topicPrefix: stack.topicPrefix,
    logger: silentLogger,
  });
  ingest = await startApp(
    'ingest',
    odoo.environment({ NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}` }),
  );
});

afterAll(async () => {
  await ingest.stop();
  await kafka.close();
  await odoo.close();
});

async function outboxBytes(): Promise<number> {
  const { rows } = await odoo.writer.query<{ bytes: string }>('select relay.outbox_bytes() as bytes');
  return Number(rows[0]?.bytes);
}

describe('one large transaction', () => {
  it(`fault 5: of ${changes} row changes passes through a heap of half its size, and nothing is dropped`, async () => {
    await odoo.writer.query(
      `insert into res_partner (id, name, comment)
       select i, 'n' || i, repeat(md5(i::text), ${Math.ceil(commentLength / 32)}) from generate_series(1, ${changes}) i`,
    );
    expect(await outboxBytes()).toBeGreaterThan(2 * heapMegabytes * 1_000_000);
    let end: unknown;
    void ingest.ended.then((how) => (end = how));
    // Emptied means published.
    await eventually(async () => end !== undefined || (await outboxBytes()) < 1_000_000, {
      timeoutMs: 240_000,
      pollMs: 500,
    });
    expect(end).toBeUndefined();
    const records = await kafka.readToEnd(changeTopic('large', 'res_partner'));
    expect(records).toHaveLength(changes);
    expect(new Set(records.map(({ key }) => key?.toString('hex'))).size).toBe(changes);
  }, 300_000);
});
