import { Kafka, SchemaRegistry, type Transactor } from '#libs/kafka';
import { every, HealthState, messageOf, RelayError, startHealthServer, type RunningApp } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { changeTopic, databaseSlugPattern } from '#libs/change';
import { CaptureToTopics } from './capture-to-topics.js';
import { ChangeTopics, rejectedTopicSpec } from './change-topics.js';
import { OdooDatabase } from './odoo-database.js';
import { LoadPace } from './load/load-pace.js';
import { requestFirstLoads } from './load/load-request.js';
import { Loads } from './load/loads.js';
import { readTopicIds } from './load/topic-ids.js';
import { OutboxCleaner } from './outbox-cleaner.js';
import { firstPosition } from './first-position.js';
import { PositionStore, positionsTopicSpec, type Position } from './position.js';
import { IngestModule } from './ingest.module.js';
import type { IngestConfig } from './settings.js';

const cleaningIntervalMs = 2_000;
const maxPageBytes = 8_000_000;
const maxSnapshotMs = 30_000;
/** Of a load, so that live changes wait for some 50 ms at most. */
const loadLimits = { maxRows: 1_000, maxBytes: 4_000_000 };

/** Composes the app and starts it; the data path itself is {@link CaptureToTopics}. */
export async function startIngest(
  config: IngestConfig,
  logger: Logger,
  fail: (error: unknown) => void,
): Promise<RunningApp> {
  refuseBadSlug(config.DATABASE_SLUG);
  const health = new HealthState();
  let notReady: () => string | undefined = () => 'starting';
  health.check('capture', () => notReady());
  const address = { host: config.HTTP_HOST, port: config.HTTP_PORT };
  const server = await startHealthServer(IngestModule.of(health), address, logger);

  const { kafka, registry } = connections(config, logger);
  const topics = new ChangeTopics(registry, config.DATABASE_SLUG);
  const database = new OdooDatabase(
    { url: config.ODOO_DATABASE_URL, database: config.DATABASE_SLUG, models: config.MODELS, logger },
    kafka,
    topics,
  );
  const { positions, transactor, position } = await takeOver(config, { kafka, registry, database, logger });
  const capture = new CaptureToTopics(
    {
      database,
      topics,
      positions,
      transactor,
      loads: loadsOf(config, kafka, registry, database, logger),
      logger,
    },
    {
      pollIntervalMs: config.POLL_INTERVAL_MS,
      idlePollIntervalMs: config.IDLE_POLL_INTERVAL_MS,
      limits: { maxChanges: config.MAX_CHANGES_PER_TRANSACTION, maxBytes: maxPageBytes, maxSnapshotMs },
    },
    position,
  );
  notReady = () => capture.notReady();
  const ended = capture.run().catch(fail);
  const stopCleaning = startCleaning(database, capture, logger);
  logger.info({ database: config.DATABASE_SLUG, epoch: database.origin.epoch }, 'capturing');
  return {
    stop: async () => {
      capture.stop();
      await Promise.all([ended, stopCleaning()]);
      await kafka.close();
      await server.close();
    },
  };
}

interface Connections {
  kafka: Kafka;
  registry: SchemaRegistry;
}

function connections(config: IngestConfig, logger: Logger): Connections {
  const { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: topicPrefix, SCHEMA_REGISTRY_URL: url } = config;
  return {
    kafka: new Kafka({ brokers, clientId: `ingest-${config.DATABASE_SLUG}`, topicPrefix, logger }),
    registry: new SchemaRegistry({ url, topicPrefix, logger }),
  };
}

/** Makes this instance the only one that writes changes of the database, and finds out where to go on. */
async function takeOver(
  config: IngestConfig,
  { kafka, registry, database, logger }: Connections & { database: OdooDatabase; logger: Logger },
): Promise<{ positions: PositionStore; transactor: Transactor; position: Position }> {
  const client = await database.connect('installer');
  try {
    await kafka.ensureTopics([positionsTopicSpec, rejectedTopicSpec]);
    await database.prepare(client);
    // From here on no other instance can write: all that one wrote is read below.
    const transactor = await kafka.transactor({ transactionalId: `ingest-${config.DATABASE_SLUG}` });
    const positions = await PositionStore.open(kafka, registry, config.DATABASE_SLUG);
    const position = await firstPosition(client, await positions.read(), database.origin.epoch, {
      acceptedEpoch: config.ACCEPT_EPOCH,
      logger,
    });
    if (config.LOAD_AT_INSTALL) {
      await requestFirstLoads(client, [...database.catalog.captured.keys()]);
    }
    return { positions, transactor, position };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function loadsOf(
  config: IngestConfig,
  kafka: Kafka,
  registry: SchemaRegistry,
  database: OdooDatabase,
  logger: Logger,
): Loads {
  return new Loads({
    table: (name) => database.catalog.captured.get(name),
    topicIds: (table, signal) =>
      readTopicIds({ kafka, registry, logger }, changeTopic(config.DATABASE_SLUG, table), signal),
    pace: new LoadPace(config.LOAD_ROWS_PER_SECOND),
    limits: loadLimits,
    logger,
  });
}

function refuseBadSlug(slug: string): void {
  if (!databaseSlugPattern.test(slug)) {
    throw new RelayError(
      'CONFIG_INVALID',
      `DATABASE_SLUG must be 1 to 63 of a-z, 0-9, _ and -, not ${JSON.stringify(slug)}`,
    );
  }
}

/** Removes published rows from the outbox now and then, on a connection of its own; what fails is tried again. */
function startCleaning(
  database: OdooDatabase,
  capture: CaptureToTopics,
  logger: Logger,
): () => Promise<void> {
  let cleaner: OutboxCleaner | undefined;
  const stop = every(cleaningIntervalMs, async () => {
    try {
      cleaner ??= await OutboxCleaner.over(await database.connect('cleaner'));
      await cleaner.remove(capture.published.from);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'the outbox cannot be cleaned now');
      await cleaner?.close();
      cleaner = undefined;
    }
  });
  return async () => {
    await stop();
    await cleaner?.close();
  };
}
