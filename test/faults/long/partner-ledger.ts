import type { Client } from 'pg';
import { ChangeReader, changeTopic } from '#libs/change';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import type { Stack } from '#embedded';
import { connect, createSmallOdoo } from '../../e2e/small-odoo.js';
import { startApp, type StartedApp } from '../../harness/apps.js';
import { eventually } from '../../harness/eventually.js';

const partners = 100;

/** What was committed to partners of a small Odoo, and what their topic holds, on a stack that may break. */
export class PartnerLedger {
  readonly apps: StartedApp[] = [];
  /** Texts by partner, in the order in which they were committed. */
  private readonly committed = new Map<string, string[]>();
  private stopWriting: AbortController | undefined;
  private writing: Promise<void> | undefined;
  private turn = 0;

  private constructor(
    private readonly slug: string,
    private readonly urls: { odoo: string; registry: string },
    private readonly kafka: Kafka,
    private writer: Client,
  ) {}

  static async open(stack: Stack, slug: string): Promise<PartnerLedger> {
    const odoo = await stack.createDatabase(slug);
    await createSmallOdoo(odoo);
    const writer = await connect(odoo);
    await writer.query(`insert into res_partner (id) select i from generate_series(1, ${partners}) i`);
    const kafka = new Kafka({ brokers: stack.brokers, clientId: 'ledger', logger: silentLogger });
    return new PartnerLedger(slug, { odoo, registry: stack.schemaRegistryUrl }, kafka, writer);
  }

  async startIngest(
    brokers: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<StartedApp> {
    const app = await startApp('ingest', {
      KAFKA_BROKERS: brokers.join(','),
      SCHEMA_REGISTRY_URL: this.urls.registry,
      ODOO_DATABASE_URL: this.urls.odoo,
      DATABASE_SLUG: this.slug,
      MODELS: 'res.partner',
      ...env,
    });
    this.apps.push(app);
    return app;
  }

  /** Commits one change after the other, and rolls back every tenth, until `stop`. */
  write(): void {
    const stopped = new AbortController();
    this.stopWriting = stopped;
    this.writing = (async () => {
      while (!stopped.signal.aborted) await this.writeOnce();
    })();
  }

  async stop(): Promise<void> {
    this.stopWriting?.abort();
    await this.writing;
  }

  /** Changes committed so far. */
  get count(): number {
    return [...this.committed.values()].reduce((sum, texts) => sum + texts.length, 0);
  }

  async publishedCount(): Promise<number> {
    return (await this.kafka.readToEnd(this.topic)).length;
  }

  /** Waits until the last change is in the topic; then both sides, each as `partner text text …`. */
  async compare(): Promise<{ committed: string[]; published: string[] }> {
    await this.commit('1', 'the end');
    const published = await eventually(
      async () => {
        const byPartner = await this.published();
        return byPartner.get('1')?.at(-1) === 'the end' ? byPartner : undefined;
      },
      { timeoutMs: 180_000, pollMs: 500 },
    );
    return { committed: inLines(this.committed), published: inLines(published) };
  }

  async close(): Promise<void> {
    await this.stop();
    for (const app of this.apps) await app.kill();
    await this.writer.end().catch(() => undefined);
    await this.kafka.close();
  }

  private get topic(): string {
    return changeTopic(this.slug, 'res_partner');
  }

  private async writeOnce(): Promise<void> {
    this.turn++;
    const id = String(1 + (this.turn % partners));
    const text = `n${this.turn}`;
    if (this.turn % 10 === 0) {
      await this.writer.query(`begin; update res_partner set comment = 'undone' where id = ${id}; rollback`);
    } else {
      await this.commit(id, text);
    }
  }

  /** A commit whose answer was lost may have happened: the row tells. */
  private async commit(id: string, text: string): Promise<void> {
    for (;;) {
      try {
        const { rows } = await this.writer.query<{ comment: string | null }>(
          'select comment from res_partner where id = $1',
          [id],
        );
        if (rows[0]?.comment !== text) {
          await this.writer.query('update res_partner set comment = $2 where id = $1', [id, text]);
        }
        this.committed.set(id, [...(this.committed.get(id) ?? []), text]);
        return;
      } catch {
        this.writer = await eventually(() => connect(this.urls.odoo), { timeoutMs: 60_000 });
      }
    }
  }

  private async published(): Promise<Map<string, string[]>> {
    const registry = new SchemaRegistry({ url: this.urls.registry, logger: silentLogger });
    const reader = new ChangeReader(registry);
    const byPartner = new Map<string, string[]>();
    for (const record of await this.kafka.readToEnd(this.topic)) {
      const read = await reader.read(record);
      if (read.kind !== 'change') throw new Error(`the topic holds a record that is ${read.kind}`);
      const id = read.recordId.toString();
      byPartner.set(id, [...(byPartner.get(id) ?? []), String(read.change.after?.['comment'])]);
    }
    return byPartner;
  }
}

function inLines(byPartner: ReadonlyMap<string, readonly string[]>): string[] {
  return [...byPartner].map(([id, texts]) => `${id} ${texts.join(' ')}`).sort();
}
