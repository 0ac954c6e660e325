import type { Client } from 'pg';
import { connect, createSmallOdoo } from '../e2e/small-odoo.js';
import { startApp, type AppName, type StartedApp } from './apps.js';
import { eventually } from './eventually.js';
import { startReceiver, type Receiver } from './receiver.js';
import type { TestStack } from './stack.js';

const adminKey = 'test-admin-key-0123456789';
const database = 'acme';
const startOrder: readonly AppName[] = ['control', 'ingest', 'router', 'delivery'];
const startPatienceMs = 60_000;

/** What of control's answers tests look at. */
interface Answer {
  id: string;
  sent: number;
  data: unknown[];
}

/** The four apps, a small Odoo database before them and a receiver behind them. */
export class WholeRelay {
  subscriptionId = '';
  private written = 0;

  private constructor(
    readonly apps: ReadonlyMap<AppName, StartedApp>,
    readonly receiver: Receiver,
    private readonly odoo: Client,
  ) {}

  /** `settingsOf` says of each app how it reaches Kafka, and what else is special. */
  static async start(
    stack: TestStack,
    settingsOf: (app: AppName) => Readonly<Record<string, string>>,
  ): Promise<WholeRelay> {
    const odooUrl = await stack.freshDatabase();
    await createSmallOdoo(odooUrl);
    const controlUrl = await stack.freshDatabase();
    const apps = new Map<AppName, StartedApp>();
    const relay = new WholeRelay(apps, await startReceiver(), await connect(odooUrl));
    try {
      for (const name of startOrder) {
        const env = { ...environmentOf(name, { stack, odooUrl, controlUrl }), ...settingsOf(name) };
        apps.set(name, await startApp(name, env, { timeoutMs: startPatienceMs }));
      }
      return relay;
    } catch (error) {
      await relay.close();
      throw error;
    }
  }

  app(name: AppName): StartedApp {
    const app = this.apps.get(name);
    if (app === undefined) throw new Error(`${name} is not started`);
    return app;
  }

  /** Subscribes the receiver by the API. */
  async subscribe(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const wish = { database, eventTypes: ['res.partner.created'], url: this.receiver.url, settings };
    this.subscriptionId = (await this.ask('POST', '/v1/subscriptions', wish)).id;
  }

  /** Of control's API. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.app('control').url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  async until(holds: () => Promise<boolean>): Promise<void> {
    await eventually(holds, { timeoutMs: 60_000, pollMs: 500, describe: () => this.output() });
  }

  write(): Promise<unknown> {
    return this.odoo.query(`insert into res_partner (name) values ('partner ${++this.written}')`);
  }

  /** A change that was written after the subscription had got to router and delivery. */
  async changeArrives(): Promise<void> {
    const before = this.receiver.requests.length;
    await eventually(
      async () => {
        await this.write();
        return this.receiver.requests.length > before;
      },
      { timeoutMs: 30_000, pollMs: 500, describe: () => `a change to arrive\n${this.output()}` },
    );
  }

  /** What all apps have logged. */
  output(): string {
    return [...this.apps.values()].map((app) => app.output()).join('');
  }

  async close(): Promise<void> {
    await Promise.all([...this.apps.values()].map((app) => app.stop()));
    await this.odoo.end();
    await this.receiver.close();
  }
}

function environmentOf(
  name: AppName,
  { stack, odooUrl, controlUrl }: { stack: TestStack; odooUrl: string; controlUrl: string },
): Record<string, string> {
  const common = {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
  };
  const secrets = { SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'), ALLOWED_RECEIVERS: '127.0.0.1' };
  switch (name) {
    case 'ingest':
      return { ...common, ODOO_DATABASE_URL: odooUrl, DATABASE_SLUG: database, MODELS: 'res.partner' };
    case 'router':
      return common;
    case 'delivery':
      return { ...common, ...secrets };
    case 'control':
      return {
        ...common,
        ...secrets,
        DATABASE_URL: controlUrl,
        ADMIN_KEY: adminKey,
        DATABASES: database,
        MODELS: 'res.partner',
      };
  }
}
