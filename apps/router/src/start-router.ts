import { ChangeReader, changeTopicPrefix } from '#libs/change';
import { deliveryTopicSpecs } from '#libs/delivery-task';
import { connectionsOf, type Connections, type TopicTable } from '#libs/kafka';
import { eventsTopicSpec } from '#libs/operational-events';
import { HealthState, Patience, startHealthServer, type RunningApp } from '#libs/process';
import {
  readSubscription,
  readSubscriptionState,
  subscriptionTopics,
  subscriptionTopicSpecs,
  type Subscription,
  type SubscriptionState,
} from '#libs/subscription';
import { Tracing, type Logger } from '#libs/telemetry';
import { NotApplicable } from './not-applicable.js';
import type { RouterConfig } from './settings.js';
import { Route } from './route.js';
import { RouterMetrics } from './router-metrics.js';
import { RouterModule } from './router.module.js';
import { SubscriptionIndex } from './subscription-index.js';

const groupId = 'relay-router';
const usedTopics = [...deliveryTopicSpecs, ...subscriptionTopicSpecs, eventsTopicSpec];
/** What was published in this time may be published again after a crash. */
const commitIntervalMs = 50;

/** Starts the router: probes, then the tables of subscriptions, and only then the changes. */
export async function startRouter(
  config: RouterConfig,
  logger: Logger,
  fail: (error: unknown) => void,
): Promise<RunningApp> {
  const health = new HealthState();
  let notReady: () => string | undefined = () => 'the subscriptions are not read yet';
  health.check('changes', () => notReady());
  const patience = new Patience(config, logger, (reason) => (notReady = () => reason));
  const metrics = new RouterMetrics();
  const http = await startHealthServer(RouterModule.of(health, metrics.metrics), config, logger);

  const { kafka, registry } = connectionsOf(config, groupId, { metrics: metrics.kafka, logger });
  await patience.for(() => kafka.ensureTopics(usedTopics));
  const index = new SubscriptionIndex();
  const publisher = await kafka.publisher();
  const notApplicable = new NotApplicable(publisher, logger);
  const tables = await readTables({ kafka, registry, index, notApplicable });
  const tracing = await Tracing.open('relay-router', config);
  const route = new Route({
    reader: new ChangeReader(registry),
    index,
    publisher,
    logger,
    now: Date.now,
    fail,
    tracing,
    notApplicable: (subscription, reason) => {
      notApplicable.tell(subscription, reason);
    },
    onRejected: () => {
      metrics.rejected.inc();
    },
  });
  metrics.watch({
    subscriptions: () => tables.subscriptions.size,
    notApplicable: () => notApplicable.count,
  });
  const consumer = await kafka.consumer({
    groupId,
    topics: { prefix: changeTopicPrefix },
    commitIntervalMs,
    onBatch: (batch) => {
      route.onBatch(batch);
    },
    onCrash: fail,
  });
  notReady = () => consumer.ready();
  logger.info({ subscriptions: tables.subscriptions.size }, 'ready');
  return {
    stop: async () => {
      notReady = () => 'stopping';
      // The source first, then what its records still need.
      await consumer.stop();
      await publisher.close();
      await Promise.all([tables.subscriptions.close(), tables.states.close()]);
      await kafka.close();
      await tracing.close();
      await http.close();
    },
  };
}

interface Tables {
  subscriptions: TopicTable<Subscription>;
  states: TopicTable<SubscriptionState>;
}

interface TableParts extends Connections {
  index: SubscriptionIndex;
  notApplicable: NotApplicable;
}

/** Both tables, read to their end and followed from then on; states first, so that no disabled one slips in. */
async function readTables({ kafka, registry, index, notApplicable }: TableParts): Promise<Tables> {
  const states = await kafka.topicTable({
    topic: subscriptionTopics.states,
    read: readSubscriptionState(registry),
    onChange: (id, state) => {
      index.setState(id, state);
    },
  });
  const subscriptions = await kafka.topicTable({
    topic: subscriptionTopics.subscriptions,
    read: readSubscription(registry),
    onChange: (id, subscription) => {
      index.setSubscription(id, subscription);
      notApplicable.forget(id);
      const reason = index.whyUnreadable(id);
      if (subscription !== undefined && reason !== undefined) {
        notApplicable.tell(subscription, reason);
      }
    },
  });
  return { states, subscriptions };
}
