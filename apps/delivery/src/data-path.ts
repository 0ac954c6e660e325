import { attemptRowSchema, deliveryTopics, type AttemptRow } from '#libs/delivery-task';
import { userAgent } from '#libs/event';
import type { Connections as KafkaConnections, Publisher, TopicTable } from '#libs/kafka';
import { guardedDispatcher, OpenConnections, type GuardOptions } from '#libs/outbound';
import type { Subscription } from '#libs/subscription';
import { Tracing, type Logger } from '#libs/telemetry';
import { Sender } from './attempt.js';
import type { Breakers } from './breakers.js';
import { CatchUp } from './catch-up.js';
import type { Counter } from './counter.js';
import { AccessTokens } from './credentials/access-tokens.js';
import { ClientSenders } from './credentials/client-senders.js';
import { DeferralSlots } from './deferral-slots.js';
import { Deliver } from './deliver.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import { Lanes, type LaneLimits } from './lane.js';
import { NewestChanges } from './newest-changes.js';
import { OutcomeRecords } from './outcome-records.js';
import type { Receivers } from './receivers.js';
import { Requests } from './requests.js';
import type { DeliveryConfig } from './settings.js';
import { Settler } from './settler.js';
import type { SubscriptionCensus } from './subscription-census.js';
import { TakeOvers } from './take-overs.js';
import type { UnknownSubscriptions } from './unknown-subscriptions.js';

export interface Connections extends KafkaConnections {
  publisher: Publisher;
}

export interface KnownState {
  subscriptions: TopicTable<Subscription>;
  unknown: UnknownSubscriptions;
  counter: Counter;
  census: SubscriptionCensus;
}

export interface DataPathParts {
  config: DeliveryConfig;
  logger: Logger;
  fail: (error: unknown) => void;
  receivers: Receivers;
  state: KnownState;
  breakers: Breakers;
  connections: Connections;
  metrics: DeliveryMetrics;
  guard: Omit<GuardOptions, 'keepAliveMs'>;
}

/** {@link Deliver} with all that it needs around it. */
export async function dataPath(
  given: DataPathParts,
): Promise<{ deliver: Deliver; close: () => Promise<void> }> {
  const { config, logger, fail, receivers, breakers, connections, metrics, guard } = given;
  const { subscriptions, unknown } = given.state;
  const { registry, publisher } = connections;
  const tracing = await Tracing.open('relay-delivery', config);
  const openConnections = new OpenConnections(config.MAX_CONNECTIONS);
  const { requests, close: closeConnections } = outgoing(
    { ...guard, keepAliveMs: config.KEEP_ALIVE_MS, openConnections },
    breakers,
    tracing,
  );
  const catchUp = new CatchUp(config.CATCH_UP_PER_S);
  const surroundings = { limits: laneLimits(config), catchUp };
  const lanes = new Lanes(surroundings, (id) => subscriptions.get(id)?.settings);
  const rowCodec = await registry.register(deliveryTopics.attempts, 'value', attemptRowSchema);
  const records = new OutcomeRecords(rowCodec, metrics, logger);
  const deliver = new Deliver({
    settler: new Settler({ publisher, records, logger, fail }),
    takeOvers: new TakeOvers({ readRows: (partitions) => lastRows(connections, partitions), logger }),
    receivers,
    unknown,
    breakers,
    lanes,
    catchUp,
    slots: new DeferralSlots(config.CATCH_UP_PER_S),
    newest: new NewestChanges(),
    logger,
    requests,
    records,
    onDeferral: (reason) => {
      metrics.deferral(reason);
    },
    maxBodyBytes: config.MAX_BODY_BYTES,
  });
  metrics.watch({
    lanes: () => lanes.totals(),
    held: () => deliver.heldCount,
    breakers: () => ({ open: breakers.openCount, closed: breakers.count - breakers.openCount }),
    catchUpPerS: () => catchUp.ratePerS,
    connections: () => openConnections.count,
    subscriptions: () => given.state.census.counts,
  });
  const close = async (): Promise<void> => {
    catchUp.close();
    await closeConnections();
    await tracing.close();
  };
  return { deliver, close };
}

function laneLimits(config: DeliveryConfig): LaneLimits {
  return {
    concurrency: config.LANE_CONCURRENCY,
    size: config.LANE_SIZE,
    patienceMs: config.LANE_PATIENCE_MS,
  };
}

/** As many as may have been read and not committed. */
const rowsAtTakeOver = 2_000;

async function lastRows(
  { kafka, registry }: Connections,
  partitions: readonly number[],
): Promise<{ partition: number; row: AttemptRow }[]> {
  const rows: { partition: number; row: AttemptRow }[] = [];
  for (const { partition, value } of await kafka.readTail(
    deliveryTopics.attempts,
    partitions,
    rowsAtTakeOver,
  )) {
    const decoded = value === null ? undefined : await registry.decode(value);
    if (decoded?.kind === 'decoded') {
      rows.push({ partition, row: decoded.value as AttemptRow });
    }
  }
  return rows;
}

/** All that goes out goes through one guard, whatever certificate it shows. */
function outgoing(
  guard: GuardOptions,
  breakers: Breakers,
  tracing: Tracing,
): { requests: Requests; close: () => Promise<void> } {
  const dispatcher = guardedDispatcher(guard);
  const fresh = guardedDispatcher({ ...guard, keepAliveMs: 0 });
  const sender = new Sender(dispatcher, fresh);
  const tokens = new AccessTokens(sender, userAgent);
  const senders = new ClientSenders((clientCertificate) => {
    const own = guardedDispatcher({ ...guard, clientCertificate });
    const ownFresh = guardedDispatcher({ ...guard, clientCertificate, keepAliveMs: 0 });
    return { sender: new Sender(own, ownFresh), close: () => Promise.all([own.close(), ownFresh.close()]) };
  });
  const close = async (): Promise<void> => {
    tokens.close();
    senders.close();
    await Promise.all([dispatcher.destroy(), fresh.destroy()]);
  };
  return { requests: new Requests(sender, { tokens, senders }, breakers, tracing), close };
}
