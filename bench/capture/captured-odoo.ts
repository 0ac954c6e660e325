import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { checkoutDirectory, startEmbeddedStack, type Stack } from '#embedded';
import { changeTopic, defaultModels, tableOf } from '#libs/change';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { delay } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../../test/harness/apps.js';
import { odooFixture, readWorkload, restoreDump, runWorkload } from '../../test/e2e/odoo-fixture.js';

export const database = 'capture';
const pollMs = 100;

/** The recorded Odoo on a Postgres that syncs to disk, with Kafka, registry and one ingest. */
export class CapturedOdoo {
  readonly topics = defaultModels.map((model) => changeTopic(database, tableOf(model)));
  private ingest: StartedApp | undefined;

  private constructor(
    private readonly stack: Stack,
    readonly databaseUrl: string,
    readonly client: Client,
    readonly kafka: Kafka,
    /** Where Kafka keeps its logs. */
    readonly kafkaDataDirectory: string,
  ) {}

  static async start(say: (text: string) => void): Promise<CapturedOdoo> {
    const fixture = odooFixture();
    if (fixture === undefined) {
      throw new Error('no recorded Odoo beside this checkout: let ODOO_FIXTURES point to one');
    }
    const directory = join(checkoutDirectory(), 'run', 'bench-capture');
    await rm(directory, { recursive: true, force: true });
    const stack = await startEmbeddedStack({ directory, progress: say });
    const databaseUrl = await stack.createDatabase('odoo');
    await restoreDump(join(fixture, 'database.sql.gz'), databaseUrl);
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    const kafka = new Kafka({ brokers: stack.brokers, clientId: 'bench', logger: silentLogger });
    const odoo = new CapturedOdoo(stack, databaseUrl, client, kafka, join(directory, 'kafka', 'data'));
    await odoo.startIngest();
    await runWorkload(readWorkload(fixture), databaseUrl, () => Promise.resolve());
    await odoo.untilPublished();
    await client.query('vacuum analyze');
    return odoo;
  }

  get registry(): SchemaRegistry {
    return new SchemaRegistry({ url: this.stack.schemaRegistryUrl, logger: silentLogger });
  }

  async startIngest(): Promise<void> {
    this.ingest = await startApp('ingest', {
      KAFKA_BROKERS: this.stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: this.stack.schemaRegistryUrl,
      ODOO_DATABASE_URL: this.databaseUrl,
      DATABASE_SLUG: database,
    });
  }

  async stopIngest(): Promise<void> {
    await this.ingest?.stop();
    this.ingest = undefined;
  }

  ingestRssMb(): number {
    const status = readFileSync(`/proc/${String(this.ingest?.pid)}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
  }

  /** Records of all change topics that are committed, tombstones too. */
  async recordCount(): Promise<number> {
    const all = await Promise.all(this.topics.map((topic) => this.kafka.readToEnd(topic)));
    return all.reduce((sum, records) => sum + records.length, 0);
  }

  /** A change made now is in its topic, and so is all that was committed before it. */
  async untilPublished(): Promise<void> {
    const mark = `bench ${String(performance.now())}`;
    await this.client.query('update res_partner set comment = $1 where id = 1', [mark]);
    const topic = changeTopic(database, 'res_partner');
    for (;;) {
      const records = await this.kafka.readToEnd(topic);
      if (records.some(({ value }) => value?.includes(mark))) {
        return;
      }
      await delay(pollMs);
    }
  }

  async stop(): Promise<void> {
    await this.stopIngest();
    await this.kafka.close();
    await this.client.end();
    await this.stack.stop();
  }
}
