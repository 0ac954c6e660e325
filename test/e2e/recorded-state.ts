import { join } from 'node:path';
import pg from 'pg';
import { ChangeReader, changeTopic, tableOf } from '#libs/change';
import type { ReadableChange } from '#libs/event';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { startApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import type { TestStack } from '../harness/stack.js';
import { readWorkload, restoreDump, runWorkload } from './odoo-fixture.js';

/** The recorded Odoo after its whole workload, as a load published it: model -> id -> record. */
export type RecordedState = ReadonlyMap<string, ReadonlyMap<number, ReadableChange>>;

export async function recordedState(
  stack: TestStack,
  fixture: string,
  models: readonly string[],
): Promise<RecordedState> {
  const databaseUrl = await stack.freshDatabase();
  await restoreDump(join(fixture, 'database.sql.gz'), databaseUrl);
  await runWorkload(readWorkload(fixture), databaseUrl, () => Promise.resolve());
  const ingest = await startApp('ingest', {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ODOO_DATABASE_URL: databaseUrl,
    DATABASE_SLUG: 'recorded',
    LOAD_AT_INSTALL: 'true',
    LOAD_ROWS_PER_SECOND: '0',
  });
  try {
    await allLoaded(databaseUrl);
  } finally {
    await ingest.stop();
  }
  return readAll(stack, models);
}

async function allLoaded(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await eventually(
      async () => {
        const { rows } = await client.query<{ open: number; all: number }>(
          'select count(*) filter (where finished_at is null)::int as open, count(*)::int as all from relay.load_request',
        );
        return rows[0]?.open === 0 && rows[0].all > 0;
      },
      { timeoutMs: 120_000, pollMs: 100 },
    );
  } finally {
    await client.end();
  }
}

async function readAll(stack: TestStack, models: readonly string[]): Promise<RecordedState> {
  const connection = { topicPrefix: stack.topicPrefix, logger: silentLogger };
  const kafka = new Kafka({ brokers: stack.brokers, clientId: 'recorded-state', ...connection });
  const reader = new ChangeReader(new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection }));
  const state = new Map<string, Map<number, ReadableChange>>();
  try {
    for (const model of models) {
      const records = new Map<number, ReadableChange>();
      for (const record of await kafka.readToEnd(changeTopic('recorded', tableOf(model)))) {
        const read = await reader.read(record);
        if (read.kind !== 'change') {
          throw new Error(`not a change in the topic of ${model}`);
        }
        records.set(Number(read.recordId), read);
      }
      state.set(model, records);
    }
  } finally {
    await kafka.close();
  }
  return state;
}
