import type { Client } from 'pg';
import { ChangeReader, changeTopic, type Change } from '#libs/change';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../harness/eventually.js';
import type { TestStack } from '../harness/stack.js';
import { connect, createSmallOdoo } from './small-odoo.js';

/** A record of the topic, a tombstone without a change. */
export interface TopicRecord {
  /** Partition and offset. */
  place: string;
  recordId: bigint;
  change: Change | undefined;
}

/** A small Odoo with its topics, for tests of loads of `res_partner`. */
export class LoadFixture {
  private constructor(
    readonly writer: Client,
    readonly kafka: Kafka,
    private readonly reader: ChangeReader,
    /** For `startApp('ingest', …)`. */
    readonly environment: Readonly<Record<string, string>>,
    private readonly slug: string,
  ) {}

  static async open(stack: TestStack, slug: string): Promise<LoadFixture> {
    const databaseUrl = await stack.freshDatabase();
    await createSmallOdoo(databaseUrl);
    const connection = { topicPrefix: stack.topicPrefix, logger: silentLogger };
    return new LoadFixture(
      await connect(databaseUrl),
      new Kafka({ brokers: stack.brokers, clientId: 'load-test', ...connection }),
      new ChangeReader(new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection })),
      {
        KAFKA_BROKERS: stack.brokers.join(','),
        SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
        KAFKA_TOPIC_PREFIX: stack.topicPrefix,
        ODOO_DATABASE_URL: databaseUrl,
        DATABASE_SLUG: slug,
        MODELS: 'res.partner,product.template,sale.order,sale.order.line',
        LOAD_ROWS_PER_SECOND: '0',
      },
      slug,
    );
  }

  async close(): Promise<void> {
    await this.writer.end();
    await this.kafka.close();
  }

  /** As an operator asks for it. Gives the request's id. */
  async request(sql: string): Promise<string> {
    const { rows } = await this.writer.query<{ id: string }>(
      `insert into relay.load_request ${sql} returning id::text`,
    );
    return rows[0]?.id ?? '';
  }

  /** The request's row once the load has ended. */
  finished(id: string): Promise<{ rows_done: string; rows_estimated: string; problem: string | null }> {
    return eventually(
      async () => {
        const { rows } = await this.writer.query<{
          rows_done: string;
          rows_estimated: string;
          problem: string | null;
        }>('select * from relay.load_request where id = $1 and finished_at is not null', [id]);
        return rows[0];
      },
      { timeoutMs: 120_000, pollMs: 50 },
    );
  }

  topic(table = 'res_partner'): string {
    return changeTopic(this.slug, table);
  }

  async records(table?: string): Promise<TopicRecord[]> {
    const found: TopicRecord[] = [];
    await this.kafka.readEach(this.topic(table), async (records: readonly IncomingRecord[]) => {
      for (const record of records) {
        const read = await this.reader.read(record);
        if (read.kind === 'unreadable') throw new Error(read.reason);
        found.push({
          place: `${record.partition}/${record.offset.toString()}`,
          recordId: read.recordId,
          change: read.kind === 'change' ? read.change : undefined,
        });
      }
    });
    return found;
  }

  async changes(table?: string): Promise<Change[]> {
    return (await this.records(table)).flatMap(({ change }) => (change === undefined ? [] : [change]));
  }

  /** What a reader of the topic has in the end: column by record id. */
  async stateInTopic(column: string): Promise<Record<string, unknown>> {
    const state = new Map<string, unknown>();
    for (const { recordId, change } of await this.records()) {
      if (change === undefined) state.delete(recordId.toString());
      else if (change.after !== null) state.set(recordId.toString(), change.after[column]);
    }
    return Object.fromEntries(state);
  }

  async stateInTable(column: string): Promise<Record<string, unknown>> {
    const { rows } = await this.writer.query<{ id: number; value: unknown }>(
      `select id, ${column} as value from res_partner order by id`,
    );
    return Object.fromEntries(rows.map(({ id, value }) => [String(id), value]));
  }

  /** Writes that no trigger sees, as a restore or a bulk job makes them. */
  async withoutTriggers(sql: string): Promise<void> {
    await this.writer.query(`begin; set local session_replication_role = replica; ${sql}; commit`);
  }
}
