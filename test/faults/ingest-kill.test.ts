import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { ChangeReader, changeTopic } from '#libs/change';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo } from '../e2e/small-odoo.js';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';

const stack = testStack();
const topic = changeTopic('killed', 'res_partner');
const partners = 200;
/** 7,000 in small transactions and 3,000 in a large one. */
const changes = 10_000;
const largeTransaction = 3_000;
const kills = 4;

let kafka: Kafka;
let reader: ChangeReader;
let writer: Client;
let environment: Record<string, string>;
let ingest: StartedApp;
/** What was written to each partner, in order. */
const committed = new Map<string, string[]>();

beforeAll(async () => {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  environment = {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ODOO_DATABASE_URL: databaseUrl,
    DATABASE_SLUG: 'killed',
    MODELS: 'res.partner',
    // Small pages, so that a kill meets a batch in its middle.
    MAX_CHANGES_PER_TRANSACTION: '250',
  };
  writer = await connect(databaseUrl);
  await writer.query(`insert into res_partner (id) select i from generate_series(1, ${partners}) i`);
  const connection = { topicPrefix: stack.topicPrefix, logger: silentLogger };
  kafka = new Kafka({ brokers: stack.brokers, clientId: 'killed', ...connection });
  reader = new ChangeReader(new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection }));
  ingest = await startApp('ingest', environment);
});

afterAll(async () => {
  await ingest.stop();
  await writer.end();
  await kafka.close();
});

function remember(id: number, text: string): void {
  committed.set(String(id), [...(committed.get(String(id)) ?? []), text]);
}

async function write(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1) {
    const id = 1 + (n % partners);
    const undo = n % 10 === 0;
    await writer.query(`begin; update res_partner set comment = 'first ${n}' where id = ${id};
      update res_partner set comment = 'n${n}' where id = ${id}; ${undo ? 'rollback' : 'commit'}`);
    if (!undo) remember(id, `n${n}`);
  }
}

/** All in one transaction: a batch of many pages. */
async function writeLargeTransaction(): Promise<void> {
  await writer.query(`insert into res_partner (id, comment)
    select i, 'large' from generate_series(1000, ${1000 + largeTransaction - 1}) i`);
  for (let id = 1000; id < 1000 + largeTransaction; id += 1) remember(id, 'large');
}

async function killAndRestart(): Promise<void> {
  await ingest.kill();
  ingest = await startApp('ingest', environment);
}

async function countInTopic(): Promise<number> {
  return (await kafka.readToEnd(topic)).length;
}

async function published(): Promise<Map<string, string[]>> {
  const byRecord = new Map<string, string[]>();
  for (const record of await kafka.readToEnd(topic)) {
    const read = await reader.read(record);
    if (read.kind !== 'change') throw new Error(read.kind);
    const id = read.recordId.toString();
    byRecord.set(id, [...(byRecord.get(id) ?? []), String(read.change.after?.['comment'])]);
  }
  return byRecord;
}

describe('ingest killed in the middle of 10,000 changes', () => {
  it('fault 2: has every committed change in the topic exactly once and in order', async () => {
    const small = Math.ceil((changes - largeTransaction) / 0.9);
    const writing = (async () => {
      const share = Math.ceil(small / kills);
      for (let part = 0; part < kills; part += 1) {
        await write(part * share, Math.min((part + 1) * share, small));
        if (part === 1) await writeLargeTransaction();
      }
    })();
    for (let kill = 1; kill <= kills; kill += 1) {
      const before = await countInTopic();
      // It has published some since its last start, and there is more to come.
      await eventually(async () => (await countInTopic()) > before + 300 * kill, { timeoutMs: 60_000 });
      await killAndRestart();
    }
    await writing;
    await writer.query(`update res_partner set comment = 'the end' where id = 1`);
    remember(1, 'the end');
    await eventually(async () => (await published()).get('1')?.at(-1) === 'the end', {
      timeoutMs: 60_000,
      pollMs: 500,
    });
    const expected = [...committed].map(([id, texts]) => [id, texts.join(' ')]).sort();
    const actual = [...(await published())].map(([id, texts]) => [id, texts.join(' ')]).sort();
    expect(actual).toEqual(expected);
    expect([...committed.values()].flat().length).toBeGreaterThanOrEqual(changes);
  }, 240_000);
});
