import type { NestInterceptor } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ChangeReader } from '#libs/change';
import { deliveryTopics, deliveryTopicSpecs, rejectedTopic } from '#libs/delivery-task';
import { connectionsOf, type Connections, type Publisher, type TopicTable } from '#libs/kafka';
import { eventsTopicSpec } from '#libs/operational-events';
import { AllowList, resolveAll, type Resolve } from '#libs/outbound';
import {
  every,
  HealthState,
  messageOf,
  MetricsModule,
  startHealthServer,
  type RunningApp,
} from '#libs/process';
import {
  readSubscriptionState,
  SecretsKey,
  subscriptionSchema,
  subscriptionTopics,
  subscriptionTopicSpecs,
  type SubscriptionState,
} from '#libs/subscription';
import type { Logger } from '#libs/telemetry';
import { auditRetention } from './audit/audit-retention.js';
import { AuditTrail } from './audit/audit-trail.js';
import { checkControlConfig, type ControlConfig } from './configuration.js';
import { waysIn } from './access/ways-in.js';
import { ControlMetrics } from './control-metrics.js';
import { controlParts } from './control-parts.js';
import { ControlModule } from './control.module.js';
import { firstContact } from './first-contact.js';
import { Erasures } from './erasures/erasures.js';
import { unfinishedErasures } from './erasures/unfinished-erasures.js';
import { Outbox } from './feed/outbox.js';
import { SubscriptionFeed } from './feed/subscription-feed.js';
import { startHttpServer, type HttpServerOptions } from './http/http-server.js';
import { Idempotency } from './idempotency/idempotency.interceptor.js';
import { IdempotencyKeys } from './idempotency/idempotency-keys.js';
import { PublicUrl } from './http/public-url.js';
import { historyProjection } from './history/history.js';
import { noticeParts } from './notices/notices.js';
import { openDataSource } from './persistence/data-source.js';
import type { LedTask } from './persistence/led-task.js';
import { TopicProjection } from './projections/topic-projection.js';
import type { RedriveRow, ReplayRow } from './persistence/rows.js';
import type { Runner } from './runs/runner.js';
import { redriveRunner } from './redrives/redrive-runner.js';
import { replayRunner } from './replays/replay-runner.js';
import { requireReadableSecrets } from './secrets/sealed-tables.js';
import { SecretsRotation } from './secrets/secrets-rotation.js';
import { ControlRules } from './subscriptions/subscription-checks.js';

const postgresCheckMs = 2_000;
const noncesCheckMs = 60_000;
const keysCheckMs = 600_000;
const feedTransactionalId = 'relay-control-feed';
/** So that a stop is in time also while Kafka does not answer. */
const runFlushTimeoutMs = 3_000;
const usedTopics: readonly string[] = [
  deliveryTopics.dead,
  deliveryTopics.replay,
  deliveryTopics.attempts,
  rejectedTopic('control'),
];

export interface RunningControl extends RunningApp {
  port: number;
}

/**
 * Starts in the order in which things are needed, and stops in reverse: Postgres, Kafka, the feed, the runs, the
 * history, the API.
 * @throws RelayError that says what is wrong or missing
 */
export async function startControl(
  config: ControlConfig,
  logger: Logger,
  resolve: Resolve = resolveAll,
): Promise<RunningControl> {
  checkControlConfig(config);
  const secretsKey = SecretsKey.of(config);
  const publicUrl = PublicUrl.of(config);
  const rules = new ControlRules(config.DATABASES, config.MODELS, AllowList.of(config));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) {
      await each();
    }
  };
  const metrics = new ControlMetrics();
  await firstContact(config, metrics, logger);
  try {
    const dataSource = await openDataSource(config.DATABASE_URL, logger);
    stops.push(() => dataSource.destroy());
    await requireReadableSecrets(dataSource, secretsKey);
    const health = new HealthState();
    stops.push(watchPostgres(dataSource, health));

    const outbox = new Outbox(dataSource);
    const given = { dataSource, outbox, rules, secretsKey, metrics, logger };
    const connected = await connectKafka(config, given);
    const { kafka, registry, states, publisher, feed, runners, projection, notices } = connected;
    stops.push(() => kafka.close());
    const tasks = tasksInPostgres(config, { dataSource, outbox, secretsKey, logger });
    stops.push(startAll([feed, ...runners, projection, ...notices, ...tasks]));
    health.check('feed', () => feed.notReady());
    metrics.watch({
      projections: [projection, ...notices].filter((each) => each instanceof TopicProjection),
      isFeeding: () => feed.notReady() === undefined,
    });

    const beside = config.METRICS_PORT === 0 ? metrics.metrics : undefined;
    const common = { health, metrics: beside, rules, secretsKey, dataSource, outbox, publisher };
    const parts = controlParts(config, { ...common, kafka, registry, states, resolve, publicUrl, logger });
    stops.push(every(noncesCheckMs, () => parts.oauth1.nonces.tidy().catch(() => undefined)));
    const server = await startHttpServer(ControlModule.of(parts), {
      ...httpSettingsOf(config),
      waysIn: waysIn(config.ADMIN_KEY, parts),
      oauth2: parts.oauth2.handler,
      interceptors: interceptorsOf(dataSource, secretsKey, stops),
      metrics,
      logger,
    });
    publicUrl.listeningOn(server.port);
    stops.push(() => server.close());
    stops.push(await serveMetrics(config, metrics, logger));
    return { port: server.port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Stops them all at once: where Kafka does not answer each waits for its own request, and the time to stop is limited. */
function startAll(tasks: readonly { start(): void; stop(): Promise<void> }[]): () => Promise<void> {
  tasks.forEach((task) => {
    task.start();
  });
  return async () => {
    await Promise.all(tasks.map((task) => task.stop()));
  };
}

function httpSettingsOf(
  config: ControlConfig,
): Pick<HttpServerOptions, 'host' | 'port' | 'drainMs' | 'trustedProxies' | 'rateLimits'> {
  return {
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    drainMs: config.DRAIN_MS,
    trustedProxies: config.TRUSTED_PROXIES,
    rateLimits: {
      requestsPerMinute: config.API_REQUESTS_PER_MINUTE,
      anonymousRequestsPerMinute: config.API_ANONYMOUS_REQUESTS_PER_MINUTE,
    },
  };
}

/** At a port of their own, if there is one: where the API can be reached from everywhere, they need not be. */
async function serveMetrics(
  { HTTP_HOST, METRICS_PORT: HTTP_PORT }: ControlConfig,
  { metrics }: ControlMetrics,
  logger: Logger,
): Promise<() => Promise<void>> {
  if (HTTP_PORT === 0) {
    return () => Promise.resolve();
  }
  const server = await startHealthServer(MetricsModule.of(metrics), { HTTP_HOST, HTTP_PORT }, logger);
  return () => server.close();
}

/** What is around every route of the API. */
function interceptorsOf(
  dataSource: DataSource,
  secretsKey: SecretsKey,
  stops: (() => Promise<void>)[],
): NestInterceptor[] {
  const keys = new IdempotencyKeys(dataSource, secretsKey);
  stops.push(every(keysCheckMs, () => keys.removeExpired().catch(() => undefined)));
  // What is answered once more is not done once more.
  return [new Idempotency(keys), new AuditTrail(dataSource)];
}

/** What one instance at a time does in Postgres alone. */
function tasksInPostgres(
  config: ControlConfig,
  uses: { dataSource: DataSource; outbox: Outbox; secretsKey: SecretsKey; logger: Logger },
): (SecretsRotation | LedTask)[] {
  const { dataSource, outbox, secretsKey, logger } = uses;
  const common = { databaseUrl: config.DATABASE_URL, dataSource, logger };
  return [
    new SecretsRotation({ ...common, outbox, key: secretsKey }),
    auditRetention({ ...common, retentionDays: config.AUDIT_LOG_RETENTION_DAYS }),
    unfinishedErasures({ ...common, erasures: new Erasures(dataSource) }),
  ];
}

interface KafkaParts extends Connections {
  states: TopicTable<SubscriptionState>;
  /** Of what the API itself sends. */
  publisher: Publisher;
  feed: SubscriptionFeed;
  runners: (Runner<RedriveRow> | Runner<ReplayRow>)[];
  projection: Awaited<ReturnType<typeof historyProjection>>;
  notices: Awaited<ReturnType<typeof noticeParts>>;
}

interface KafkaNeeds {
  dataSource: DataSource;
  outbox: Outbox;
  rules: ControlRules;
  secretsKey: SecretsKey;
  metrics: ControlMetrics;
  logger: Logger;
}

/** The topics, delivery's word on the subscriptions, and all that reads and writes beside the API, not yet started. */
async function connectKafka(
  config: ControlConfig,
  { dataSource, outbox, rules, secretsKey, metrics, logger }: KafkaNeeds,
): Promise<KafkaParts> {
  const { kafka, registry } = connectionsOf(config, 'odoo-relay-control', { metrics: metrics.kafka, logger });
  try {
    await kafka.ensureTopics([
      ...subscriptionTopicSpecs,
      eventsTopicSpec,
      ...deliveryTopicSpecs.filter(({ topic }) => usedTopics.includes(topic)),
    ]);
    const codec = await registry.register(subscriptionTopics.subscriptions, 'value', subscriptionSchema);
    const states = await kafka.topicTable({
      topic: subscriptionTopics.states,
      read: readSubscriptionState(registry),
    });
    const feed = new SubscriptionFeed({
      databaseUrl: config.DATABASE_URL,
      dataSource,
      outbox,
      codec,
      openTransactor: () => kafka.transactor({ transactionalId: feedTransactionalId }),
      logger,
    });
    const { rejected } = metrics;
    const common = { databaseUrl: config.DATABASE_URL, dataSource, kafka, states, rejected, logger };
    const publisher = (): Promise<Publisher> => kafka.publisher({ flushTimeoutMs: runFlushTimeoutMs });
    const reader = new ChangeReader(registry);
    const runners = [
      redriveRunner({ ...common, publisher: await publisher() }),
      replayRunner({ ...common, publisher: await publisher(), outbox, reader }),
    ];
    const projection = await historyProjection({ ...common, registry }, config.HISTORY_RETENTION_DAYS);
    const notices = await noticeParts({ ...common, secretsKey, allowList: rules.allowList }, config);
    return { kafka, registry, states, publisher: await publisher(), feed, runners, projection, notices };
  } catch (error) {
    await kafka.close();
    throw error;
  }
}

function watchPostgres(dataSource: DataSource, health: HealthState): () => Promise<void> {
  let reason: string | undefined;
  health.check('postgres', () => reason);
  return every(postgresCheckMs, async () => {
    reason = await dataSource.query('SELECT 1').then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
  });
}
