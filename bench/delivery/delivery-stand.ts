import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDirectory, startEmbeddedStack, type Stack } from '#embedded';
import { deliveryTopics, deliveryTopicSpecs, writeTask, type DeliveryTask } from '#libs/delivery-task';
import { Kafka, SchemaRegistry, type Publisher } from '#libs/kafka';
import { delay } from '#libs/process';
import {
  defaultDeliverySettings,
  encryptSecret,
  newSigningSecret,
  SecretsKey,
  basicSubscription,
  subscriptionSchema,
  subscriptionToAvro,
  subscriptionTopics,
  subscriptionTopicSpecs,
  type DeliverySettings,
} from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { cpuMsOf } from '../cpu-time.js';
import { Endpoints } from './endpoints.js';

const bodyBytes = 900;
const groupId = 'relay-delivery';
const startLimitMs = 60_000;

/** Kafka, a registry, the delivery app alone and endpoints: control's and the router's records are written here. */
export class DeliveryStand {
  private readonly secretsKey = randomBytes(32).toString('base64');
  private app: ChildProcess | undefined;
  private written = 0;

  private constructor(
    private readonly stack: Stack,
    readonly kafka: Kafka,
    private readonly registry: SchemaRegistry,
    private readonly publisher: Publisher,
    readonly endpoints: Endpoints,
  ) {}

  static async start(say: (text: string) => void): Promise<DeliveryStand> {
    const directory = join(checkoutDirectory(), 'run', 'bench-delivery');
    const stack = await startEmbeddedStack({ directory, throwaway: true, progress: say });
    const kafka = new Kafka({ brokers: stack.brokers, clientId: 'bench', logger: silentLogger });
    await kafka.ensureTopics([...deliveryTopicSpecs, ...subscriptionTopicSpecs]);
    const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, logger: silentLogger });
    const publisher = await kafka.publisher({ maxQueuedBytes: 64 * 1024 * 1024 });
    return new DeliveryStand(stack, kafka, registry, publisher, await Endpoints.start());
  }

  /** One subscription for each path; their ids. */
  async subscribe(paths: readonly string[], settings: Partial<DeliverySettings> = {}): Promise<string[]> {
    const codec = await this.registry.register(subscriptionTopics.subscriptions, 'value', subscriptionSchema);
    const key = SecretsKey.fromBase64(this.secretsKey);
    const run = randomBytes(4).toString('hex');
    const ids = paths.map((path) => `${run}-${path.replaceAll('/', '')}`);
    await this.publisher.publish(
      paths.map((path, index) => ({
        topic: subscriptionTopics.subscriptions,
        key: ids[index] ?? '',
        value: codec.encode(
          subscriptionToAvro({
            id: ids[index] ?? '',
            applicationId: 'bench',
            database: 'bench',
            eventTypes: ['stock.quantity_changed'],
            format: 'json',
            url: this.endpoints.url + path,
            secrets: [encryptSecret(key, newSigningSecret())],
            enabled: true,
            enabledEpoch: 0,
            sinceMs: 0n,
            ...basicSubscription,
            settings: { ...defaultDeliverySettings, ...settings },
          }),
        ),
      })),
    );
    return ids;
  }

  /** So many deliveries of about 1 kB, to each subscription in turn. */
  async write(
    subscriptionIds: readonly string[],
    count: number,
    expiresAfterMs = defaultDeliverySettings.expiresAfterMs,
  ): Promise<void> {
    for (let done = 0; done < count;) {
      const some = Math.min(5_000, count - done);
      const records = Array.from({ length: some }, (_, index) =>
        writeTask(
          this.task(subscriptionIds[(done + index) % subscriptionIds.length] ?? '', expiresAfterMs),
          deliveryTopics.first,
        ),
      );
      await this.publisher.publish(records);
      done += some;
    }
  }

  private task(subscriptionId: string, expiresAfterMs: number): DeliveryTask {
    const sequence = ++this.written;
    const sentAtMs = performance.timeOrigin + performance.now();
    return {
      webhookId: `msg_h0zL_r1xw9TbBo2kVQD2M${String(sequence)}`,
      subscriptionId,
      changeId: `k3v9x2qa7mzd-${String(sequence)}`,
      sequence: BigInt(sequence),
      eventType: 'stock.quantity_changed',
      contentType: 'application/json',
      database: 'bench',
      record: `stock.quant,${String(sequence)}`,
      committedAtMs: Date.now(),
      expiresAtMs: Date.now() + expiresAfterMs,
      attempts: 0,
      dueAtMs: 0,
      lastOutcome: null,
      deferred: false,
      redrive: null,
      cloudEvent: false,
      traceparent: null,
      body: Buffer.from(JSON.stringify({ sent_at: sentAtMs, data: { text: 'x'.repeat(bodyBytes) } })),
    };
  }

  /** Resolves when the app is ready. */
  async startApp(env: Readonly<Record<string, string>> = {}, nodeArguments: string[] = []): Promise<void> {
    const main = join(checkoutDirectory(), 'dist', 'apps', 'delivery', 'src', 'main.js');
    const app = spawn(process.execPath, [...nodeArguments, main], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        HTTP_PORT: '0',
        LOG_LEVEL: 'info',
        KAFKA_BROKERS: this.stack.brokers.join(','),
        SCHEMA_REGISTRY_URL: this.stack.schemaRegistryUrl,
        SECRETS_KEY: this.secretsKey,
        ALLOWED_RECEIVERS: '127.0.0.0/8',
        ...env,
      },
    });
    this.app = app;
    const ended = once(app, 'exit').then(() => {
      throw new Error('the delivery app ended');
    });
    ended.catch(() => undefined);
    const ready = new Promise<void>((resolve) => {
      app.stdout.on('data', (chunk: Buffer) => {
        if (chunk.includes('"msg":"ready"')) {
          resolve();
        }
      });
    });
    const late = new AbortController();
    await Promise.race([ready, ended, delay(startLimitMs, late.signal)]);
    late.abort();
  }

  async stopApp(): Promise<void> {
    const { app } = this;
    if (app?.exitCode === null) {
      const ended = once(app, 'exit');
      app.kill('SIGTERM');
      await ended;
    }
  }

  /** CPU time of the delivery app so far. */
  cpuMs(): number {
    return cpuMsOf(this.app?.pid ?? 0);
  }

  /** Memory of the delivery app. */
  rssMb(): number {
    const status = readFileSync(`/proc/${String(this.app?.pid ?? 0)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }

  openFiles(): number {
    return readdirSync(`/proc/${String(this.app?.pid ?? 0)}/fd`).length;
  }

  /** Deliveries that wait in Kafka, wherever, or in one topic. */
  lag(topics?: readonly string[]): Promise<bigint> {
    return this.kafka.lag(groupId, topics);
  }

  async stop(): Promise<void> {
    await this.stopApp();
    await this.kafka.close();
    await this.stack.stop();
    this.endpoints.stop();
  }
}
