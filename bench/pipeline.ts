import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { checkoutDirectory, startEmbeddedStack, type Stack } from '#embedded';
import { defaultModels } from '#libs/change';
import { deliveryTopics, writeTask, type DeliveryTask } from '#libs/delivery-task';
import { Kafka } from '#libs/kafka';
import { delay } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { installSample } from '#sample';
import { Apps } from '../docker/start/apps.js';
import { parseArguments, type StartOptions } from '../docker/start/arguments.js';
import { ControlClient } from '../docker/start/control-client.js';
import { readOrMakeSecrets } from '../docker/start/run-files.js';
import { cpuMsOf, cpuMsOfTree } from './cpu-time.js';
import { BenchReceiver } from './receiver.js';

/** CPU milliseconds by process. */
export type CpuMs = Readonly<Record<string, number>>;

const database = 'bench';
const groups = ['relay-router', 'relay-delivery'];
/** What router and delivery may need to hear of a subscription. */
const hearMs = 1_000;
const bodyBytes = 900;
const recordsPerTransaction = 50;

/** The pipeline as `npm start` runs it, in a directory of its own, with a receiver that only counts. */
export class BenchPipeline {
  private constructor(
    private readonly stack: Stack,
    private readonly apps: Apps,
    private readonly control: ControlClient,
    readonly kafka: Kafka,
    readonly receiver: BenchReceiver,
    readonly odooDatabaseUrl: string,
  ) {}

  static async start(say: (text: string) => void): Promise<BenchPipeline> {
    const directory = join(checkoutDirectory(), 'run', 'bench');
    await mkdir(directory, { recursive: true });
    const stack = await startEmbeddedStack({ directory, throwaway: true, progress: say });
    const odooDatabaseUrl = await stack.createDatabase('bench');
    await installSample(odooDatabaseUrl);
    const secrets = await readOrMakeSecrets(join(directory, 'secrets.json'));
    const apps = new Apps({
      directory: checkoutDirectory(),
      logDirectory: join(directory, 'logs'),
      brokers: stack.brokers,
      schemaRegistryUrl: stack.schemaRegistryUrl,
      controlDatabaseUrl: await stack.createDatabase('relay_control'),
      odooDatabaseUrl,
      database,
      secrets,
      options: sampleOptions(),
    });
    const urls = await apps.ready(new AbortController().signal, (name) => {
      say(`${name} is ready`);
    });
    const kafka = new Kafka({ brokers: stack.brokers, clientId: 'bench', logger: silentLogger });
    const receiver = await BenchReceiver.start();
    const control = new ControlClient(urls.control, secrets.adminKey);
    return new BenchPipeline(stack, apps, control, kafka, receiver, odooDatabaseUrl);
  }

  get schemaRegistryUrl(): string {
    return this.stack.schemaRegistryUrl;
  }

  /** CPU time so far of the apps, Kafka, the registry and Postgres with its connections. */
  async cpuMs(): Promise<CpuMs> {
    const { kafka = 0, registry = 0, postgres = 0 } = await this.stack.pids();
    const apps = Object.entries(this.apps.pids()).map(([name, pid]) => [name, cpuMsOf(pid)] as const);
    return Object.fromEntries([
      ...apps,
      ['kafka', cpuMsOf(kafka)],
      ['registry', cpuMsOf(registry)],
      ['postgres', cpuMsOfTree(postgres)],
    ]);
  }

  /** So many subscriptions to changed stock quantities; their ids. */
  subscribeToStock(count: number): Promise<string[]> {
    return this.subscribe(Array.from({ length: count }, () => ['stock.quantity_changed']));
  }

  /** One subscription to whatever happens. */
  subscribeToEverything(): Promise<string[]> {
    return this.subscribe([
      defaultModels.flatMap((model) => [`${model}.created`, `${model}.updated`, `${model}.deleted`]),
    ]);
  }

  private async subscribe(eventTypes: readonly (readonly string[])[]): Promise<string[]> {
    const ids: string[] = [];
    for (const [index, types] of eventTypes.entries()) {
      const url = `${this.receiver.url}/${String(index)}`;
      const created = await this.control.create({ database, eventTypes: types, format: 'json', url });
      ids.push(created.id);
    }
    await delay(hearMs);
    return ids;
  }

  async unsubscribe(ids: readonly string[]): Promise<void> {
    await this.untilIdle();
    for (const id of ids) {
      await this.control.remove(id);
    }
  }

  /** Changes stock quantities by SQL, as fast as one connection can. */
  async burst(changes: number): Promise<void> {
    const client = new Client({ connectionString: this.odooDatabaseUrl });
    await client.connect();
    const { rows } = await client.query<{ id: number }>('SELECT id FROM stock_quant ORDER BY id');
    const ids = rows.map(({ id }) => id);
    for (let done = 0; done < changes;) {
      const some = ids.slice(0, Math.min(recordsPerTransaction, changes - done));
      await client.query('UPDATE stock_quant SET quantity = quantity + 1 WHERE id = ANY($1)', [some]);
      done += some.length;
    }
    await client.end();
  }

  /** Finished deliveries straight into `relay.deliveries`, for each subscription in turn. */
  async writeTasks(subscriptionIds: readonly string[], count: number): Promise<void> {
    const publisher = await this.kafka.publisher();
    const run = String(performance.now());
    const records = Array.from({ length: count }, (_, index) =>
      writeTask(
        task(subscriptionIds[index % subscriptionIds.length] ?? '', `${run}-${String(index)}`),
        deliveryTopics.first,
      ),
    );
    await publisher.publish(records);
    await publisher.close();
  }

  /** All that was written is read. */
  async untilIdle(): Promise<void> {
    for (let calm = 0; calm < 3;) {
      const lags = await Promise.all(groups.map((group) => this.kafka.lag(group)));
      calm = lags.every((lag) => lag === 0n) ? calm + 1 : 0;
      await delay(200);
    }
  }

  async stop(): Promise<void> {
    await this.kafka.close();
    await this.apps.stop();
    await this.stack.stop();
    this.receiver.stop();
  }
}

function task(subscriptionId: string, changeId: string): DeliveryTask {
  return {
    webhookId: `msg_${changeId}`,
    subscriptionId,
    changeId,
    sequence: 1n,
    eventType: 'stock.quantity_changed',
    contentType: 'application/json',
    database,
    record: `stock.quant,${changeId}`,
    committedAtMs: Date.now(),
    expiresAtMs: Date.now() + 3_600_000,
    attempts: 0,
    dueAtMs: 0,
    lastOutcome: null,
    deferred: false,
    redrive: null,
    cloudEvent: false,
    traceparent: null,
    body: Buffer.from(
      JSON.stringify({ type: 'stock.quantity_changed', data: { text: 'x'.repeat(bodyBytes) } }),
    ),
  };
}

function sampleOptions(): StartOptions {
  const parsed = parseArguments([], {});
  if (parsed.kind !== 'run') {
    throw new Error('no arguments are no valid arguments');
  }
  return parsed.options;
}
