import { Client } from 'pg';
import { attemptRowSchema, deliveryTopics, deliveryTopicSpecs, type AttemptRow } from '#libs/delivery-task';
import { Kafka, SchemaRegistry, type AvroCodec, type IncomingRecord, type Publisher } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../../../test/harness/eventually.js';
import type { TestStack } from '../../../test/harness/stack.js';

export type AttemptFields = Partial<Omit<AttemptRow, 'outcome'>> & { outcome?: string };

/** Writes rows of `relay.attempts` as delivery does, to topics of its own, and counts what became of them. */
export class AttemptRows {
  private sequence = 0n;

  private constructor(
    readonly kafka: Kafka,
    readonly registry: SchemaRegistry,
    private readonly publisher: Publisher,
    private readonly codec: AvroCodec,
  ) {}

  static async open(stack: TestStack, topicPrefix: string): Promise<AttemptRows> {
    const connection = { topicPrefix, logger: silentLogger };
    const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', ...connection });
    const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection });
    const topics = [deliveryTopics.attempts, 'relay.rejected.control'];
    await kafka.ensureTopics(deliveryTopicSpecs.filter(({ topic }) => topics.includes(topic)));
    const codec = await registry.register(deliveryTopics.attempts, 'value', attemptRowSchema);
    return new AttemptRows(kafka, registry, await kafka.publisher(), codec);
  }

  row(fields: AttemptFields = {}): AttemptRow {
    const sequence = ++this.sequence;
    return {
      webhook_id: `msg_${String(sequence)}`,
      subscription_id: 'sub_00000000000000000000000001',
      database: 'acme',
      change_id: `e1-${String(sequence)}`,
      event_type: 'product.created',
      record: `product.product,${String(sequence)}`,
      sequence,
      outcome: 'delivered',
      attempt: 1,
      status: 200,
      error: null,
      reason: null,
      at_ms: BigInt(Date.now()),
      duration_ms: 12,
      committed_at_ms: BigInt(Date.now() - 100),
      redrive: null,
      response: 'ok',
      url_hash: null,
      ...(fields as Partial<AttemptRow>),
    };
  }

  async write(rows: readonly AttemptRow[]): Promise<void> {
    await this.writeValues(rows.map((row) => [row.subscription_id, this.codec.encode(row)]));
  }

  async writeValues(values: readonly [key: string, value: Buffer | string | null][]): Promise<void> {
    await this.publisher.publish(
      values.map(([key, value]) => ({ topic: deliveryTopics.attempts, key, value })),
    );
  }

  rejected(): Promise<IncomingRecord[]> {
    return this.kafka.readToEnd('relay.rejected.control');
  }
}

/** Some of what the table of attempts holds. */
export interface Kept {
  rows: number;
  /** Each place in the topic once. */
  places: number;
}

/** Looks into control's database. */
export class KeptAttempts {
  private constructor(private readonly client: Client) {}

  static async open(url: string): Promise<KeptAttempts> {
    const client = new Client({ connectionString: url });
    // The database may be dropped first.
    client.on('error', () => undefined);
    await client.connect();
    return new KeptAttempts(client);
  }

  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const { rows } = await this.client.query(sql, parameters);
    return rows as Row[];
  }

  async count(): Promise<Kept> {
    const [kept] = await this.query<Kept>(
      `SELECT count(*)::integer AS rows, count(DISTINCT (topic_partition, topic_offset))::integer AS places
       FROM relay_control.attempts`,
    );
    return kept ?? { rows: 0, places: 0 };
  }

  /** Resolves when so many rows are there; more or doubles are for the caller to see. */
  async until(rows: number, timeoutMs = 30_000): Promise<Kept> {
    let kept: Kept = { rows: 0, places: 0 };
    await eventually(async () => (kept = await this.count()).rows >= rows, {
      timeoutMs,
      describe: () => `${String(rows)} rows; there are ${JSON.stringify(kept)}`,
    });
    return kept;
  }

  /** The partitions' names, in order. */
  async partitions(): Promise<string[]> {
    const rows = await this.query<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits
       WHERE inhparent = 'relay_control.attempts'::regclass ORDER BY name`,
    );
    return rows.map(({ name }) => name.replace('relay_control.', ''));
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
