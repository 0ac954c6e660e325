import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from 'pg';
import { expect } from '@jest/globals';
import { checkoutDirectory } from '#embedded';
import { ChangeReader, changeTopic } from '#libs/change';
import { deliveryTopics } from '#libs/delivery-task';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { subscriptionTopics } from '#libs/subscription';
import { silentLogger as logger } from '#libs/telemetry';
import { connect, createSmallOdoo, smallOdooModels } from '../../e2e/small-odoo.js';
import { startApp, type AppName, type StartAppOptions, type StartedApp } from '../../harness/apps.js';
import { eventually } from '../../harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../../harness/receiver.js';
import type { TestStack } from '../../harness/stack.js';
import { SteadyWriter } from './steady-writer.js';

export const slug = 'acme';
const adminKey = 'test-admin-key-0123456789';
/** So many are written to; there is one more. */
export const partners = 20;
const patienceMs = 120_000;
const startOrder: readonly AppName[] = ['control', 'ingest', 'router', 'delivery'];

/** Where the apps find Kafka and the registry; a test may exchange them. */
export type Servers = Pick<TestStack, 'brokers' | 'schemaRegistryUrl'> & { topicPrefix?: string };

export interface ReceivedChange {
  webhookId: string;
  type: string;
  recordId: number;
  sequence: number;
  changeId: string;
  comment: string;
}

export interface Answered {
  status: number;
  body: Record<string, unknown>;
}

/** The four apps, a small Odoo whose partners are written to, and who receives them. */
export class WholePipeline {
  readonly secretsKey = randomBytes(32).toString('base64');
  /** All that run or ran, the newest of each name last. */
  readonly apps: StartedApp[] = [];
  readonly writer: SteadyWriter;
  /** Of the receiver's requests. */
  private parsed = 0;
  private readonly byPath = new Map<string, ReceivedChange[]>();

  private constructor(
    readonly urls: { odoo: string; control: string },
    public odoo: Client,
    readonly receiver: Receiver,
    private servers: Servers,
  ) {
    this.writer = new SteadyWriter(odoo, partners);
  }

  static async open(stack: Pick<TestStack, 'freshDatabase'>, servers: Servers): Promise<WholePipeline> {
    const urls = { odoo: await stack.freshDatabase(), control: await stack.freshDatabase() };
    await createSmallOdoo(urls.odoo);
    const odoo = await connect(urls.odoo);
    await odoo.query(`insert into res_partner (id, name) select i, 'p' || i from generate_series(1, $1) i`, [
      partners + 1,
    ]);
    return new WholePipeline(urls, odoo, await startReceiver(), servers);
  }

  async close(): Promise<void> {
    await this.writer.pause();
    for (const app of this.apps) await app.kill();
    await this.odoo.end().catch(() => undefined);
    await this.receiver.close();
  }

  /** From now on; apps that run are not told. */
  useServers(servers: Servers): void {
    this.servers = servers;
  }

  /** After the database was restored: what was committed before does not count any more. */
  async renewOdoo(client: Client): Promise<void> {
    await this.odoo.end().catch(() => undefined);
    this.odoo = client;
    this.writer.goOnIn(client);
  }

  environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      KAFKA_BROKERS: this.servers.brokers.join(','),
      SCHEMA_REGISTRY_URL: this.servers.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: this.servers.topicPrefix ?? '',
      ODOO_DATABASE_URL: this.urls.odoo,
      DATABASE_SLUG: slug,
      MODELS: smallOdooModels.join(','),
      DATABASE_URL: this.urls.control,
      ADMIN_KEY: adminKey,
      SECRETS_KEY: this.secretsKey,
      DATABASES: slug,
      ALLOWED_RECEIVERS: '127.0.0.0/8',
      // So that its slots are left, and emptied, after a thousand changes, and that it holds all of an outage.
      OUTBOX_MAX_BYTES: '6000000',
      ...more,
    };
  }

  async start(
    name: AppName,
    options: StartAppOptions & { env?: Readonly<Record<string, string>> } = {},
  ): Promise<StartedApp> {
    const app = await startApp(name, this.environment(options.env), { timeoutMs: patienceMs, ...options });
    this.apps.push(app);
    return app;
  }

  /** One of each, which are told what is special of them. */
  async startAll(settingsOf: (app: AppName) => Readonly<Record<string, string>> = () => ({})): Promise<void> {
    for (const name of startOrder) await this.start(name, { env: settingsOf(name) });
  }

  newest(name: AppName): StartedApp {
    const found = this.apps.findLast((app) => app.name === name);
    if (found === undefined) throw new Error(`${name} was never started`);
    return found;
  }

  call(method: string, path: string, body?: unknown): Promise<Answered> {
    return this.callAt(this.newest('control').url, method, path, body);
  }

  /** Asks one of several instances of control. */
  async callAt(url: string, method: string, path: string, body?: unknown): Promise<Answered> {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answered['body']) };
  }

  /** To all changes of partners. Gives its id once it is published. */
  async subscribe(path: string, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const url = this.receiver.url + path;
    const eventTypes = ['created', 'updated', 'deleted'].map((verb) => `res.partner.${verb}`);
    const { status, body } = await this.call('POST', '/v1/subscriptions', {
      database: slug,
      eventTypes,
      url,
      settings,
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
    const id = String(body['id']);
    await eventually(
      async () => (await this.call('GET', `/v1/subscriptions/${id}`)).body['published'] === true,
    );
    return id;
  }

  /** Runs `control migrate` or `control republish`; gives its exit code. */
  async controlCommand(...args: readonly string[]): Promise<number | null> {
    const main = join(checkoutDirectory(), 'dist/apps/control/src/main.js');
    const env = { PATH: process.env['PATH'], ...this.environment() };
    const child = spawn(process.execPath, [main, ...args], { env, stdio: 'inherit' });
    return new Promise((resolve) => child.once('close', resolve));
  }

  /** How many there are. */
  subscriptionsInTopic(): Promise<number> {
    return this.withKafka(async (kafka) => {
      const there = new Map<string, boolean>();
      for (const { key, value } of await kafka.readToEnd(subscriptionTopics.subscriptions)) {
        there.set(String(key), value !== null);
      }
      return [...there.values()].filter(Boolean).length;
    });
  }

  /** One change beside those of the writer. */
  async insertPartner(): Promise<void> {
    await this.odoo.query('insert into res_partner (id) select max(id) + 1 from res_partner');
  }

  /** A change that was written after a subscription had got to router and delivery. */
  async untilChangeArrives(): Promise<void> {
    const before = this.receiver.requests.length;
    await eventually(
      async () => {
        await this.insertPartner();
        return this.receiver.requests.length > before;
      },
      { pollMs: 500, describe: () => `a change to arrive; ${this.lastWords()}` },
    );
  }

  received(path: string): ReceivedChange[] {
    for (const request of this.receiver.requests.slice(this.parsed)) {
      this.parsed++;
      const of = this.byPath.get(request.path) ?? [];
      this.byPath.set(request.path, of);
      of.push(changeOf(request));
    }
    return this.byPath.get(`/${path}`) ?? [];
  }

  async untilMoreIsReceived(path: string, by = 50): Promise<void> {
    const wanted = this.received(path).length + by;
    await eventually(() => this.received(path).length >= wanted, {
      timeoutMs: patienceMs,
      pollMs: 200,
      describe: () => `${this.received(path).length} of ${wanted} deliveries; ${this.lastWords()}`,
    });
  }

  /** Of the texts that were committed, those that never came. */
  missing(path: string): string[] {
    const came = new Set(this.received(path).map(({ recordId, comment }) => `${recordId} ${comment}`));
    return this.writer.committed.filter((line) => !came.has(line));
  }

  async untilAllIsReceived(path: string): Promise<void> {
    await eventually(() => this.missing(path).length === 0, {
      timeoutMs: patienceMs,
      pollMs: 200,
      describe: () => `${this.missing(path).length} deliveries more; ${this.lastWords()}`,
    });
  }

  /** The latest row of each partner in the topic, `id comment`. */
  async partnersInTopic(): Promise<string[]> {
    return this.withKafka(async (kafka, registry) => {
      const reader = new ChangeReader(registry);
      const latest = new Map<bigint, string>();
      for (const record of await kafka.readToEnd(changeTopic(slug, 'res_partner'))) {
        const read = await reader.read(record);
        if (read.kind === 'change' && read.change.op !== 'd') {
          latest.set(read.recordId, `${read.recordId} ${String(read.change.after?.['comment'])}`);
        } else if (read.kind === 'tombstone' || read.kind === 'change') {
          latest.delete(read.recordId);
        } else {
          throw new Error(read.kind);
        }
      }
      return [...latest.values()].sort();
    });
  }

  async partnersInOdoo(): Promise<string[]> {
    const { rows } = await this.odoo.query<{ line: string }>(
      `select id || ' ' || coalesce(comment, 'null') as line from res_partner`,
    );
    return rows.map(({ line }) => line).sort();
  }

  async untilTopicIsTable(): Promise<void> {
    let found: string[] = [];
    await eventually(
      async () => {
        found = await this.partnersInTopic();
        return JSON.stringify(found) === JSON.stringify(await this.partnersInOdoo());
      },
      { timeoutMs: patienceMs, pollMs: 500, describe: () => `${found.join('; ')}; ${this.lastWords()}` },
    );
  }

  /** Rows of `relay.attempts`. */
  attemptsInTopic(): Promise<number> {
    return this.withKafka(async (kafka) => (await kafka.readToEnd(deliveryTopics.attempts)).length);
  }

  async attemptsInHistory(): Promise<number> {
    let count = 0;
    for (let cursor: string | null = ''; cursor !== null;) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await this.call('GET', `/v1/attempts?limit=200${from}`);
      const page = body as unknown as { data: unknown[]; nextCursor: string | null };
      count += page.data.length;
      cursor = page.nextCursor;
    }
    return count;
  }

  /** With the attempts that it held before this Kafka; all of them, and none twice. */
  async untilHistoryIsWhole(before = 0): Promise<void> {
    const wanted = before + (await this.attemptsInTopic());
    let found = 0;
    await eventually(async () => (found = await this.attemptsInHistory()) >= wanted, {
      timeoutMs: patienceMs,
      pollMs: 500,
      describe: () => `${found} of ${wanted} attempts in the history`,
    });
    if (found > wanted) throw new Error(`${found} attempts in the history, and only ${wanted} in the topic`);
  }

  async withKafka<T>(use: (kafka: Kafka, registry: SchemaRegistry) => Promise<T>): Promise<T> {
    const { brokers, schemaRegistryUrl: url, topicPrefix = '' } = this.servers;
    const kafka = new Kafka({ brokers, clientId: 'test', topicPrefix, logger });
    try {
      return await use(kafka, new SchemaRegistry({ url, topicPrefix, logger }));
    } finally {
      await kafka.close();
    }
  }

  /** What all apps have printed. */
  output(): string {
    return this.apps.map((app) => app.output()).join('');
  }

  private lastWords(): string {
    return this.apps
      .map((app) => `${app.name}: ${app.output().trimEnd().split('\n').slice(-2).join('\n')}`)
      .join('\n');
  }
}

function changeOf({ headers, body }: ReceivedRequest): ReceivedChange {
  const told = JSON.parse(String(body)) as Record<string, unknown>;
  const data = (told['data'] ?? {}) as { comment?: unknown };
  return {
    webhookId: String(headers['webhook-id']),
    type: String(told['type']),
    recordId: Number(told['record_id']),
    sequence: Number(told['sequence']),
    changeId: String(told['change_id']),
    comment: String(data.comment),
  };
}

/**
 * What came for the first time of each record is in the order of its commits, and what came once more has the id
 * that it came with before. Gives how many did.
 */
export function expectOrderAndStableIds(received: readonly ReceivedChange[]): number {
  const ids = new Map<string, string>();
  const order = new Map<number, number[]>();
  for (const { webhookId, changeId, recordId, sequence } of received) {
    const before = ids.get(changeId);
    expect([changeId, webhookId]).toEqual([changeId, before ?? webhookId]);
    if (before === undefined) {
      ids.set(changeId, webhookId);
      order.set(recordId, [...(order.get(recordId) ?? []), sequence]);
    }
  }
  expect(new Set(ids.values()).size).toBe(ids.size);
  for (const [record, sequences] of order) {
    expect([record, sequences]).toEqual([record, [...sequences].sort((a, b) => a - b)]);
  }
  return received.length - ids.size;
}
