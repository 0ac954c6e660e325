import { createHmac, randomBytes } from 'node:crypto';
import { webhookId } from '#libs/change';
import {
  deliveryTopics,
  deliveryTopicSpecs,
  readTask,
  rejectedTopic,
  retryTiers,
  writeTask,
  type AttemptRow,
  type DeliveryTask,
} from '#libs/delivery-task';
import { Kafka, SchemaRegistry, type IncomingRecord, type Publisher } from '#libs/kafka';
import {
  defaultDeliverySettings,
  encryptSecret,
  readSubscriptionState,
  SecretsKey,
  basicSubscription,
  subscriptionSchema,
  subscriptionToAvro,
  subscriptionTopics,
  subscriptionTopicSpecs,
  type DeliverySettings,
  type Subscription,
  type SubscriptionState,
} from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../harness/apps.js';
import type { ReceivedRequest } from '../harness/receiver.js';
import type { TestStack } from '../harness/stack.js';

export const groupId = 'relay-delivery';
const consumedTopics = [
  deliveryTopics.first,
  ...retryTiers.map((tier) => tier.topic),
  deliveryTopics.replay,
  deliveryTopics.attempts,
];

type FixtureStack = Pick<TestStack, 'brokers' | 'schemaRegistryUrl' | 'topicPrefix'>;

/** Subscriptions and deliveries as control and router write them, and what delivery makes of them. */
export class DeliveryFixture {
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  readonly secretsKey = randomBytes(32).toString('base64');
  private sequence = 0n;
  readonly apps: StartedApp[] = [];

  private constructor(
    private readonly stack: FixtureStack,
    readonly kafka: Kafka,
    readonly registry: SchemaRegistry,
    readonly publisher: Publisher,
  ) {}

  static async open(stack: FixtureStack): Promise<DeliveryFixture> {
    const { brokers, schemaRegistryUrl: url, topicPrefix } = stack;
    const kafka = new Kafka({ brokers, clientId: 'test', topicPrefix, logger: silentLogger });
    await kafka.ensureTopics([...deliveryTopicSpecs, ...subscriptionTopicSpecs]);
    const registry = new SchemaRegistry({ url, topicPrefix, logger: silentLogger });
    return new DeliveryFixture(stack, kafka, registry, await kafka.publisher());
  }

  async close(): Promise<void> {
    for (const app of this.apps) await app.kill();
    await this.kafka.close();
  }

  async startApp(env: Readonly<Record<string, string>> = {}): Promise<StartedApp> {
    const app = await startApp('delivery', {
      KAFKA_BROKERS: this.stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: this.stack.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: this.stack.topicPrefix,
      SECRETS_KEY: this.secretsKey,
      ALLOWED_RECEIVERS: '127.0.0.0/8',
      ...env,
    });
    this.apps.push(app);
    return app;
  }

  /** Retry delays are 100 ms by default. */
  subscription(
    id: string,
    url: string,
    {
      settings,
      ...fields
    }: Partial<Omit<Subscription, 'settings'>> & { settings?: Partial<DeliverySettings> } = {},
  ): Subscription {
    return {
      id,
      applicationId: 'app-1',
      database: 'acme',
      eventTypes: ['product.created'],
      format: 'json',
      url,
      secrets: [this.sealed(this.secret)],
      enabled: true,
      enabledEpoch: 0,
      sinceMs: 0n,
      settings: {
        ...defaultDeliverySettings,
        timeoutMs: 2_000,
        retryDelaysMs: [100, 100, 100, 100, 100],
        ...settings,
      },
      ...basicSubscription,
      ...fields,
    };
  }

  /** As control stores credentials and secrets. */
  sealed(value: unknown): string {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return encryptSecret(SecretsKey.fromBase64(this.secretsKey), text);
  }

  async subscribe(subscription: Subscription): Promise<Subscription> {
    const { subscriptions } = subscriptionTopics;
    const codec = await this.registry.register(subscriptions, 'value', subscriptionSchema);
    const value = codec.encode(subscriptionToAvro(subscription));
    await this.publisher.publish([{ topic: subscriptions, key: subscription.id, value }]);
    return subscription;
  }

  async unsubscribe(id: string): Promise<void> {
    await this.publisher.publish([{ topic: subscriptionTopics.subscriptions, key: id, value: null }]);
  }

  task(subscriptionId: string, fields: Partial<DeliveryTask> = {}): DeliveryTask {
    const sequence = ++this.sequence;
    const changeId = `e1-${sequence}`;
    return {
      webhookId: webhookId(changeId, subscriptionId),
      subscriptionId,
      changeId,
      sequence,
      eventType: 'product.created',
      contentType: 'application/json',
      database: 'acme',
      record: `product.product,${sequence}`,
      committedAtMs: Date.now(),
      expiresAtMs: Date.now() + 3_600_000,
      attempts: 0,
      dueAtMs: 0,
      lastOutcome: null,
      deferred: false,
      redrive: null,
      cloudEvent: false,
      traceparent: null,
      body: Buffer.from(JSON.stringify({ change_id: changeId, text: 'größer' })),
      ...fields,
    };
  }

  async send(tasks: readonly DeliveryTask[]): Promise<void> {
    await this.publisher.publish(tasks.map((task) => writeTask(task, deliveryTopics.first)));
  }

  async rows(): Promise<AttemptRow[]> {
    const rows: AttemptRow[] = [];
    for (const { value } of await this.kafka.readToEnd(deliveryTopics.attempts)) {
      const decoded = value === null ? undefined : await this.registry.decode(value);
      if (decoded?.kind === 'decoded') rows.push(decoded.value as AttemptRow);
    }
    return rows;
  }

  /** Outcomes of one delivery, in order. */
  async outcomes(id: string): Promise<string[]> {
    return (await this.rows()).filter((row) => row.webhook_id === id).map((row) => row.outcome);
  }

  async deadLetters(): Promise<{ task: DeliveryTask; reason: string | undefined }[]> {
    return (await this.kafka.readToEnd(deliveryTopics.dead)).flatMap((record) => {
      const read = readTask(record);
      return read.kind === 'task' ? [{ task: read.task, reason: record.headers['reason'] }] : [];
    });
  }

  rejected(): Promise<IncomingRecord[]> {
    return this.kafka.readToEnd(rejectedTopic('delivery'));
  }

  async state(subscriptionId: string): Promise<SubscriptionState | undefined> {
    const read = readSubscriptionState(this.registry);
    let last: SubscriptionState | undefined;
    for (const record of await this.kafka.readToEnd(subscriptionTopics.states)) {
      if (record.key?.toString() === subscriptionId) last = await read(record);
    }
    return last;
  }

  /** All that was written is finished: nothing waits in a topic, a lane or a retry tier. */
  async isQuiet(): Promise<boolean> {
    return (await this.kafka.lag(groupId, consumedTopics)) === 0n;
  }

  /** As a receiver checks it. */
  isSigned({ headers, body }: ReceivedRequest): boolean {
    const key = Buffer.from(this.secret.slice('whsec_'.length), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`;
    const expected = createHmac('sha256', key).update(signed).update(body).digest('base64');
    return headers['webhook-signature'] === `v1,${expected}`;
  }
}

/** Webhook ids as the receiver got them, in order. */
export function idsOf(requests: readonly ReceivedRequest[]): string[] {
  return requests.map(({ headers }) => String(headers['webhook-id']));
}
