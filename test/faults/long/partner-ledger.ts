import { ChangeReader, changeTopic } from '#libs/change';
import { Kafka, SchemaRegistry, type IncomingRecord, type TopicTable } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import type { Stack } from '#embedded';
import { connect, createSmallOdoo } from '../../e2e/small-odoo.js';
import { startApp, type StartAppOptions, type StartedApp } from '../../harness/apps.js';
import { eventually } from '../../harness/eventually.js';
import { lastText, PartnerWriter, type Texts } from './partner-writer.js';

const writers = 4;
const partnersOfEach = 25;
/** A broker that was away has to be found again by ingest and by the ledger. */
const patienceMs = 180_000;

interface Written {
  id: number;
  text: string;
}

type LedgerStack = Pick<Stack, 'brokers' | 'schemaRegistryUrl' | 'createDatabase'>;

/** What several writers commit to partners of a small Odoo, and what their topic holds, on a stack that may break. */
export class PartnerLedger {
  readonly apps: StartedApp[] = [];
  /** Seen in the topic so far, by a reader that keeps its place. */
  private publishedCount = 0;
  private endsSeen = 0;
  private followed: TopicTable<Written> | undefined;
  private readonly reader: ChangeReader;

  private constructor(
    private readonly slug: string,
    private readonly urls: { odoo: string; registry: string },
    private readonly kafka: Kafka,
    private readonly writers: readonly PartnerWriter[],
  ) {
    this.reader = new ChangeReader(new SchemaRegistry({ url: urls.registry, logger: silentLogger }));
  }

  static async open(stack: LedgerStack, slug: string): Promise<PartnerLedger> {
    const odoo = await stack.createDatabase(slug);
    await createSmallOdoo(odoo);
    const client = await connect(odoo);
    const partners = writers * partnersOfEach;
    await client.query(`insert into res_partner (id) select i from generate_series(1, ${partners}) i`);
    await client.end();
    const kafka = new Kafka({ brokers: stack.brokers, clientId: 'ledger', logger: silentLogger });
    const opened = Array.from({ length: writers }, (_, writer) =>
      PartnerWriter.open(odoo, partnersOf(writer)),
    );
    return new PartnerLedger(
      slug,
      { odoo, registry: stack.schemaRegistryUrl },
      kafka,
      await Promise.all(opened),
    );
  }

  async startIngest(
    brokers: readonly string[],
    env: Readonly<Record<string, string>> = {},
    options: StartAppOptions = {},
  ): Promise<StartedApp> {
    const environment = {
      KAFKA_BROKERS: brokers.join(','),
      SCHEMA_REGISTRY_URL: this.urls.registry,
      ODOO_DATABASE_URL: this.urls.odoo,
      DATABASE_SLUG: this.slug,
      MODELS: 'res.partner',
      ...env,
    };
    const app = await startApp('ingest', environment, { timeoutMs: 120_000, ...options });
    this.apps.push(app);
    return app;
  }

  startWriting(): void {
    for (const writer of this.writers) writer.start();
  }

  /** Waits until so many more changes than now are in the topic. */
  async untilMoreIsPublished(by: number): Promise<void> {
    const goal = this.publishedCount + by;
    await this.follow();
    await eventually(() => this.publishedCount >= goal, {
      timeoutMs: patienceMs,
      describe: () =>
        `${goal} changes in the topic, which has ${this.publishedCount} of ${this.committedCount}; ${this.lastWords()}`,
    });
  }

  get published(): number {
    return this.publishedCount;
  }

  /**
   * Lets the writers come to their end and ingest carry what they have written, ends ingest, and reads the whole
   * topic: both sides, each as `partner text text …`.
   */
  async compare(): Promise<{ committed: string[]; published: string[] }> {
    await Promise.all(this.writers.map((writer) => writer.stop()));
    await this.follow();
    await eventually(() => this.endsSeen >= this.writers.length, {
      timeoutMs: patienceMs,
      describe: () =>
        `the last of ${this.committedCount} changes in the topic, which has ${this.publishedCount}; ${this.lastWords()}`,
    });
    // What it might write twice must have come too.
    await this.apps.at(-1)?.stop();
    const committed: Texts = new Map(this.writers.flatMap((writer) => [...writer.committed]));
    return { committed: inLines(committed), published: inLines(await this.readTopic()) };
  }

  async close(): Promise<void> {
    for (const writer of this.writers) await writer.close();
    for (const app of this.apps) await app.kill();
    await this.kafka.close();
  }

  private get topic(): string {
    return changeTopic(this.slug, 'res_partner');
  }

  get committedCount(): number {
    const counts = this.writers.flatMap(({ committed }) => [...committed.values()]);
    return counts.reduce((sum, texts) => sum + texts.length, 0);
  }

  private lastWords(): string {
    const lines = this.apps.at(-1)?.output().trimEnd().split('\n') ?? [];
    return `ingest has said last: ${lines.slice(-3).join('\n')}`;
  }

  /** The topic is there once an ingest has started. */
  private async follow(): Promise<void> {
    this.followed ??= await eventually(
      () =>
        this.kafka.topicTable({
          topic: this.topic,
          read: async (record) => {
            const written = await this.read(record);
            this.publishedCount++;
            if (written.text === lastText) this.endsSeen++;
            return written;
          },
        }),
      { timeoutMs: patienceMs },
    );
  }

  private async readTopic(): Promise<Texts> {
    const texts: Texts = new Map();
    await this.kafka.readEach(this.topic, async (records) => {
      for (const record of records) {
        const { id, text } = await this.read(record);
        texts.set(id, [...(texts.get(id) ?? []), text]);
      }
    });
    return texts;
  }

  private async read(record: IncomingRecord): Promise<Written> {
    const read = await this.reader.read(record);
    if (read.kind !== 'change') throw new Error(`the topic holds a record that is ${read.kind}`);
    return { id: Number(read.recordId), text: String(read.change.after?.['comment']) };
  }
}

function partnersOf(writer: number): number[] {
  return Array.from({ length: partnersOfEach }, (_, i) => 1 + writer * partnersOfEach + i);
}

function inLines(texts: Texts): string[] {
  return [...texts].map(([id, all]) => `${id} ${all.join(' ')}`).sort();
}
