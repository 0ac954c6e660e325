import { deliveryTopics, deliveryTopicSpecs, retryTiers } from '#libs/delivery-task';
import { connectionsOf, type Consumer, type Kafka, type KafkaMetrics, type TopicTable } from '#libs/kafka';
import { AllowList, parseProxy } from '#libs/outbound';
import { eventsTopicSpec } from '#libs/operational-events';
import { HealthState, Patience, RelayError, startHealthServer, type RunningApp } from '#libs/process';
import {
  readSubscription,
  readSubscriptionState,
  SecretsKey,
  subscriptionStateSchema,
  subscriptionTopics,
  subscriptionTopicSpecs,
  type Subscription,
  type SubscriptionState,
} from '#libs/subscription';
import type { Logger } from '#libs/telemetry';
import { Breakers } from './breakers.js';
import { Counter } from './counter.js';
import { dataPath, type Connections, type KnownState } from './data-path.js';
import type { Deliver } from './deliver.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { DeliveryModule } from './delivery.module.js';
import { Receivers } from './receivers.js';
import type { DeliveryConfig } from './settings.js';
import { SubscriptionCensus } from './subscription-census.js';
import { UnknownSubscriptions } from './unknown-subscriptions.js';

const groupId = 'relay-delivery';
const usedTopics = [...deliveryTopicSpecs, ...subscriptionTopicSpecs, eventsTopicSpec];
/** For the rows and retries of deliveries that are made by the thousand. */
const lingerMs = 3;
/** The count may lag behind by this. */
const countIntervalMs = 250;
/** Small enough that a partition has room for what a fetch brings: the rest would have to be fetched again. */
const maxBytesPerPartition = 131_072;
/** On SIGTERM, for requests under way; what remains of 25 s is for the rest. */
const attemptTimeoutAtStopMs = 15_000;

/** Composes the app and starts it; the data path itself is {@link Deliver}. */
export async function startDelivery(
  config: DeliveryConfig,
  logger: Logger,
  fail: (error: unknown) => void,
): Promise<RunningApp> {
  const allowList = AllowList.of(config);
  const proxy = parseProxy(config.OUTBOUND_PROXY);
  const secretsKey = SecretsKey.of(config);
  const health = new HealthState();
  let notReady: () => string | undefined = () => 'starting';
  health.check('consumer', () => notReady());
  const patience = new Patience(config, logger, (reason) => (notReady = () => reason));
  const metrics = new DeliveryMetrics(groupId);
  const server = await startHealthServer(DeliveryModule.of(health, metrics.metrics), config, logger);

  const connections = await connect(config, patience, { metrics: metrics.kafka, logger });
  const { kafka, publisher } = connections;
  await connections.registry.untilAvailable(patience.onWaiting);
  const breakers = new Breakers({ volume: config.BREAKER_VOLUME, resetMs: config.BREAKER_RESET_MS });
  const state = await openState(connections, { logger, fail, breakers });
  const { subscriptions, counter } = state;
  const receivers = new Receivers(
    { subscription: (id) => subscriptions.get(id), state: (id) => counter.state(id) },
    secretsKey,
    allowList,
  );
  checkSecretsKey(subscriptions, receivers);
  const { deliver, close } = await dataPath({
    config,
    logger,
    fail,
    receivers,
    state,
    breakers,
    connections,
    metrics,
    guard: { allowList, proxy, connectTimeoutMs: config.CONNECT_TIMEOUT_MS },
  });

  const consumer = await consume(kafka, config.MAX_OUTSTANDING, { deliver, counter, fail });
  notReady = () => consumer.ready();
  logger.info({ subscriptions: subscriptions.size }, 'ready');

  return {
    stop: async () => {
      notReady = () => 'stopping';
      await Promise.all([deliver.stop(attemptTimeoutAtStopMs), consumer.stop()]);
      await publisher.close();
      breakers.close();
      await close();
      await kafka.close();
      await server.close();
    },
  };
}

/** One consumer for all topics, so that partition p of each is in the same hands. */
function consume(
  kafka: Kafka,
  maxOutstanding: number,
  { deliver, counter, fail }: { deliver: Deliver; counter: Counter; fail: (error: unknown) => void },
): Promise<Consumer> {
  return kafka.consumer({
    groupId,
    topics: [
      deliveryTopics.first,
      ...retryTiers.map((tier) => tier.topic),
      deliveryTopics.replay,
      deliveryTopics.attempts,
    ],
    coPartition: true,
    unhurried: { topics: [deliveryTopics.attempts], intervalMs: countIntervalMs },
    maxOutstanding,
    maxBytesPerPartition,
    onBatch: (batch) => {
      if (batch.topic === deliveryTopics.attempts) {
        counter.take(batch);
      } else {
        deliver.take(batch);
      }
    },
    onLost: (partitions) => {
      deliver.forgetLost(partitions.map(({ partition }) => partition));
    },
    onCrash: fail,
  });
}

async function connect(
  config: DeliveryConfig,
  patience: Patience,
  told: { metrics: KafkaMetrics; logger: Logger },
): Promise<Connections> {
  const { kafka, registry } = connectionsOf(config, groupId, told);
  await patience.for(() => kafka.ensureTopics(usedTopics));
  return { kafka, registry, publisher: await kafka.publisher({ lingerMs }) };
}

async function openState(
  { kafka, registry, publisher }: Connections,
  given: { logger: Logger; fail: (error: unknown) => void; breakers: Breakers },
): Promise<KnownState> {
  const unknown = new UnknownSubscriptions();
  const census = new SubscriptionCensus();
  const subscriptions = await kafka.topicTable({
    topic: subscriptionTopics.subscriptions,
    read: readSubscription(registry),
    onChange: (id, subscription) => {
      unknown.changed(id, subscription !== undefined);
      census.subscription(id, subscription);
    },
  });
  const readState = readSubscriptionState(registry);
  const counter = new Counter({
    registry,
    publisher,
    stateCodec: await registry.register(subscriptionTopics.states, 'value', subscriptionStateSchema),
    logger: given.logger,
    subscription: (id) => subscriptions.get(id),
    openBreaker: (url) => given.breakers.openBreaker(url) ?? null,
    readStates: async () => {
      const records = await kafka.readToEnd(subscriptionTopics.states);
      const states = await Promise.all(records.map((record) => readState(record)));
      return states.filter((state): state is SubscriptionState => state !== undefined);
    },
    fail: given.fail,
  });
  await kafka.topicTable({
    topic: subscriptionTopics.states,
    read: readState,
    onChange: (_, state) => {
      if (state !== undefined) {
        counter.learn(state);
        census.state(state);
      }
    },
  });
  return { subscriptions, unknown, counter, census };
}

/** With another key than control's nothing could be signed, and every delivery would be dead. */
function checkSecretsKey(subscriptions: TopicTable<Subscription>, receivers: Receivers): void {
  const found = [...subscriptions.values()].map(({ id }) => receivers.find(id));
  const unreadable = found.filter((receiver) => receiver.kind === 'unsendable' && receiver.secretUnreadable);
  if (unreadable.length > 0 && !found.some((receiver) => receiver.kind === 'receiver')) {
    throw new RelayError(
      'SECRET_UNREADABLE',
      'no subscription has a signing secret that can be decrypted: give delivery the SECRETS_KEY of control',
    );
  }
}
