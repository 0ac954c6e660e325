import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeTopic } from '#libs/change';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { ingestFixture, type IngestFixture } from '../../e2e/ingest-fixture.js';
import { startApp, type StartedApp } from '../../harness/apps.js';
import { eventually } from '../../harness/eventually.js';
import { testStack } from '../../harness/stack.js';

const stack = testStack();
const changes = 1_000_000;
/** In the outbox together several times as large as the heap that ingest gets. */
const commentLength = 64;
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
    odoo.environment({ NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}`, LOAD_ROWS_PER_SECOND: '0' }),
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

/** How often each record is in the topic, by id, without keeping the records. */
async function timesPublished(): Promise<Uint8Array> {
  const connection = { topicPrefix: stack.topicPrefix, logger: silentLogger };
  const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection });
  const times = new Uint8Array(changes + 1);
  await kafka.readEach(changeTopic('large', 'res_partner'), async (records) => {
    for (const { key } of records) {
      if (key === null) throw new Error('the topic holds a record without a key');
      const decoded = registry.decodeKnown(key) ?? (await registry.decode(key));
      if (decoded.kind === 'unreadable') throw new Error(decoded.reason);
      const id = Number((decoded.value as { id: bigint }).id);
      times[id] = (times[id] ?? 0) + 1;
    }
  });
  return times;
}

describe('one large transaction', () => {
  it(`fault 5: of ${changes} row changes passes through a heap of a fraction of its size, and nothing is dropped`, async () => {
    await odoo.writer.query(
      `insert into res_partner (id, name, comment)
       select i, 'n' || i, repeat(md5(i::text), ${Math.ceil(commentLength / 32)}) from generate_series(1, ${changes}) i`,
    );
    expect(await outboxBytes()).toBeGreaterThan(2 * heapMegabytes * 1_000_000);
    let end: unknown;
    void ingest.ended.then((how) => (end = how));
    // Emptied means published.
    await eventually(async () => end !== undefined || (await outboxBytes()) < 1_000_000, {
      timeoutMs: 480_000,
      pollMs: 500,
    });
    expect(end).toBeUndefined();
    const [none, ...others] = new Set(await timesPublished());
    // Of id 0 there is nothing, of all others one.
    expect([none, others]).toEqual([0, [1]]);
  }, 600_000);
});

describe('a load of a large table', () => {
  it(`has each of its ${changes} rows in the topic once more, through the same heap`, async () => {
    await odoo.writer.query(`insert into relay.load_request (relation) values ('res_partner')`);
    await eventually(
      async () => {
        const { rows } = await odoo.writer.query(
          'select from relay.load_request where finished_at is not null',
        );
        return rows.length === 1;
      },
      { timeoutMs: 480_000, pollMs: 500 },
    );
    const { rows } = await odoo.writer.query('select problem, rows_done::int from relay.load_request');
    expect(rows).toEqual([{ problem: null, rows_done: changes }]);
    const [none, ...others] = new Set(await timesPublished());
    expect([none, others]).toEqual([0, [2]]);
  }, 600_000);
});
