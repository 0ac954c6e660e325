import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDirectory, startEmbeddedStack, type Stack } from '#embedded';
import { changeTopic, envelopeSchema, keySchema, tableOf } from '#libs/change';
import { deliveryTopics, deliveryTopicSpecs, taskHeaders } from '#libs/delivery-task';
import { Kafka, SchemaRegistry, type AvroCodec, type Publisher } from '#libs/kafka';
import { delay } from '#libs/process';
import {
  basicSubscription,
  subscriptionSchema,
  subscriptionToAvro,
  subscriptionTopics,
  subscriptionTopicSpecs,
  type Subscription,
} from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { changeOf, columns } from './changes.js';
import { deliveriesEach, models } from './subscriptions.js';

/** Before the measurement begins: connections, code and Kafka are warm then. */
const warmUpShare = 0.2;
/** More deliveries than were meant would come in this time. */
const settleMs = 500;
const perRequest = 2_000;
/** Changes while a new subscription is on its way, one after the other. */
const probes = 150;
const probeEveryMs = 10;

export interface Routed {
  startupMs: number;
  /** After the start, before the first change. */
  rssBytes: number;
  changesPerSecond: number;
  deliveries: number;
  /** From when a new subscription is written to the first change that it gets. */
  takesEffectMs: number;
}

/** Kafka, a registry and the router alone: control's and ingest's records are written here. */
export class RouterStand {
  private constructor(private readonly stack: Stack) {}

  static async start(say: (text: string) => void): Promise<RouterStand> {
    const directory = join(checkoutDirectory(), 'run', 'bench-router');
    return new RouterStand(await startEmbeddedStack({ directory, throwaway: true, progress: say }));
  }

  stop(): Promise<void> {
    return this.stack.stop();
  }

  /** Routes so many changes, which wait in Kafka when the router starts, on topics of this run's own. */
  async route(run: string, subscriptions: readonly Subscription[], changes: number): Promise<Routed> {
    const topicPrefix = `${run}.`;
    const connection = { topicPrefix, logger: silentLogger };
    const kafka = new Kafka({ brokers: this.stack.brokers, clientId: 'bench', ...connection });
    const registry = new SchemaRegistry({ url: this.stack.schemaRegistryUrl, ...connection });
    const publisher = await kafka.publisher({ maxQueuedBytes: 64 * 1024 * 1024 });
    try {
      await kafka.ensureTopics([
        ...deliveryTopicSpecs,
        ...subscriptionTopicSpecs,
        ...models.map((model) => ({ topic: topicOf(model), partitions: 1, config: {} })),
      ]);
      await subscribe(registry, publisher, subscriptions);
      await write(registry, publisher, { from: 0, to: changes });
      const routed = await this.run(topicPrefix, kafka, changes, () =>
        takesEffect({ registry, publisher, kafka, subscriptions, changes }),
      );
      return routed;
    } finally {
      await publisher.close();
      await kafka.close();
    }
  }

  private async run(
    topicPrefix: string,
    kafka: Kafka,
    changes: number,
    takesEffectMs: () => Promise<number>,
  ): Promise<Routed> {
    const startedAtMs = performance.now();
    const app = this.spawnRouter(topicPrefix);
    try {
      await ready(app);
      const startupMs = performance.now() - startedAtMs;
      const rssBytes = rssOf(app);
      const deliveries = changes * deliveriesEach;
      const first = await written(kafka, deliveries * warmUpShare);
      const last = await written(kafka, deliveries);
      const perSecond = ((last.count - first.count) / (last.atMs - first.atMs)) * 1000;
      await delay(settleMs);
      return {
        startupMs,
        rssBytes,
        changesPerSecond: perSecond / deliveriesEach,
        deliveries: await deliveriesIn(kafka),
        takesEffectMs: await takesEffectMs(),
      };
    } finally {
      const ended = once(app, 'exit');
      app.kill('SIGTERM');
      await ended;
    }
  }

  private spawnRouter(topicPrefix: string): ChildProcess {
    const main = join(checkoutDirectory(), 'dist', 'apps', 'router', 'src', 'main.js');
    return spawn(process.execPath, ['--max-semi-space-size=16', main], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        HTTP_PORT: '0',
        LOG_LEVEL: 'info',
        KAFKA_BROKERS: this.stack.brokers.join(','),
        SCHEMA_REGISTRY_URL: this.stack.schemaRegistryUrl,
        KAFKA_TOPIC_PREFIX: topicPrefix,
      },
    });
  }
}

function topicOf(model: string): string {
  return changeTopic('bench', tableOf(model));
}

async function subscribe(
  registry: SchemaRegistry,
  publisher: Publisher,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const codec = await registry.register(subscriptionTopics.subscriptions, 'value', subscriptionSchema);
  for (let done = 0; done < subscriptions.length; done += perRequest) {
    await publisher.publish(
      subscriptions.slice(done, done + perRequest).map((subscription) => ({
        topic: subscriptionTopics.subscriptions,
        key: subscription.id,
        value: codec.encode(subscriptionToAvro(subscription)),
      })),
    );
  }
}

/** Beside all the others comes one more, while changes come that it wants. */
async function takesEffect(given: {
  registry: SchemaRegistry;
  publisher: Publisher;
  kafka: Kafka;
  subscriptions: readonly Subscription[];
  changes: number;
}): Promise<number> {
  const { registry, publisher, kafka, subscriptions, changes } = given;
  const [one] = subscriptions;
  const late = { ...one, ...basicSubscription, id: 'sub_late', eventTypes: [`${models[0] ?? ''}.updated`] };
  await subscribe(registry, publisher, [late as Subscription]);
  const subscribedAtMs = performance.now();
  const writtenAtMs = new Map<string, number>();
  for (let n = 0; n < probes; n++) {
    const number = (Math.ceil(changes / models.length) + n) * models.length;
    await write(registry, publisher, { from: number, to: number + 1 });
    writtenAtMs.set(changeOf(number).source.change_id, performance.now());
    await delay(probeEveryMs);
  }
  await delay(settleMs);
  const partitions = [...(await kafka.offsets(deliveryTopics.first, 'end')).keys()];
  const records = await kafka.readTail(deliveryTopics.first, partitions, 2 * probes * deliveriesEach);
  const got = records.filter(({ headers }) => headers[taskHeaders.subscriptionId] === late.id);
  const atMs = got.map(({ headers }) => writtenAtMs.get(headers[taskHeaders.changeId] ?? '') ?? Infinity);
  return Math.max(0, Math.min(...atMs) - subscribedAtMs);
}

async function write(
  registry: SchemaRegistry,
  publisher: Publisher,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const codecs = new Map<string, { key: AvroCodec; value: AvroCodec }>();
  for (const model of models) {
    const shape = { database: 'bench', table: tableOf(model), columns };
    codecs.set(model, {
      key: await registry.register(topicOf(model), 'key', keySchema(shape)),
      value: await registry.register(topicOf(model), 'value', envelopeSchema(shape)),
    });
  }
  for (let done = from; done < to; done += perRequest) {
    const some = Array.from({ length: Math.min(perRequest, to - done) }, (_, n) => changeOf(done + n));
    await publisher.publish(
      some.map((change) => {
        const codec = codecs.get(change.source.model);
        const id = BigInt(Number(change.after?.['id']));
        return {
          topic: topicOf(change.source.model),
          key: codec?.key.encode({ id }) ?? null,
          value: codec?.value.encode(change) ?? null,
        };
      }),
    );
  }
}

/** Resolves when the app says that its tables are read; the changes are only beginning then. */
async function ready(app: ChildProcess): Promise<void> {
  const ended = once(app, 'exit').then(() => {
    throw new Error('the router ended');
  });
  const said = new Promise<void>((resolve) => {
    app.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.includes('"msg":"ready"')) {
        resolve();
      }
    });
  });
  ended.catch(() => undefined);
  await Promise.race([said, ended]);
}

/** Resolves when so many deliveries are written. */
async function written(kafka: Kafka, wanted: number): Promise<{ count: number; atMs: number }> {
  for (;;) {
    const count = await deliveriesIn(kafka);
    if (count >= wanted) {
      return { count, atMs: performance.now() };
    }
    await delay(20);
  }
}

async function deliveriesIn(kafka: Kafka): Promise<number> {
  const ends = await kafka.offsets(deliveryTopics.first, 'end');
  return Number([...ends.values()].reduce((sum, end) => sum + end, 0n));
}

function rssOf({ pid = 0 }: ChildProcess): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
