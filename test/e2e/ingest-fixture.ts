import type { Client } from 'pg';
import { ChangeReader, changeTopic, type Change, type ReadChange } from '#libs/change';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../harness/eventually.js';
import type { TestStack } from '../harness/stack.js';
import { connect, createSmallOdoo, smallOdooModels } from './small-odoo.js';

/** A small Odoo database, the environment of an ingest that captures it, and a look at what it publishes. */
export interface IngestFixture {
  readonly databaseUrl: string;
  readonly writer: Client;
  readonly kafka: Kafka;
  readonly reader: ChangeReader;
  environment(more?: Record<string, string>): Record<string, string>;
  /** What was captured of it, without what a load has read. */
  changesOf(table: string, recordId: number): Promise<Change[]>;
  /** The operations of a record in the order of its topic, a tombstone as `tombstone`. */
  historyOf(table: string, recordId: number): Promise<string[]>;
  changesUntil(table: string, recordId: number, count: number): Promise<Change[]>;
  /** What is in `relay.load_request`, as `table reason`, sorted. */
  loadRequests(): Promise<string[]>;
  close(): Promise<void>;
}

export async function ingestFixture(stack: TestStack, slug: string): Promise<IngestFixture> {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  const writer = await connect(databaseUrl);
  const connection = { topicPrefix: stack.topicPrefix, logger: silentLogger };
  const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', ...connection });
  const reader = new ChangeReader(new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection }));
  const readAll = async (table: string, recordId: number): Promise<ReadChange[]> => {
    const read: ReadChange[] = [];
    for (const record of await kafka.readToEnd(changeTopic(slug, table))) {
      const one = await reader.read(record);
      if (one.kind === 'unreadable' || one.recordId === BigInt(recordId)) read.push(one);
    }
    return read;
  };
  const changesOf = async (table: string, recordId: number): Promise<Change[]> =>
    (await readAll(table, recordId)).flatMap((read) =>
      read.kind === 'change' && read.change.op !== 'r' ? [read.change] : [],
    );
  return {
    databaseUrl,
    writer,
    kafka,
    reader,
    environment: (more = {}) => ({
      KAFKA_BROKERS: stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: stack.topicPrefix,
      ODOO_DATABASE_URL: databaseUrl,
      DATABASE_SLUG: slug,
      MODELS: smallOdooModels.join(','),
      ...more,
    }),
    changesOf,
    historyOf: async (table, recordId) =>
      (await readAll(table, recordId)).map((read) => (read.kind === 'change' ? read.change.op : read.kind)),
    changesUntil: (table, recordId, count) =>
      eventually(async () => {
        const changes = await changesOf(table, recordId);
        return changes.length >= count ? changes : false;
      }),
    loadRequests: async () => {
      const { rows } = await writer.query<{ request: string }>(
        `select relation || ' ' || reason as request from relay.load_request order by 1`,
      );
      return rows.map(({ request }) => request);
    },
    close: async () => {
      await writer.end();
      await kafka.close();
    },
  };
}
