import { connectionsOf, type Connections, type Transactor } from '#libs/kafka';
import { eventsTopicSpec } from '#libs/operational-events';
import { HealthState, Patience, RelayError, startHealthServer, type RunningApp } from '#libs/process';
import { Tracing, type Logger } from '#libs/telemetry';
import { databaseSlugPattern } from '#libs/change';
import { CaptureMeter } from './capture-meter.js';
import { CaptureToTopics, type CaptureSettings } from './capture-to-topics.js';
import { CaptureWatch } from './capture-watch.js';
import { changeTopicSpec, ChangeTopics, rejectedTopicSpec } from './change-topics.js';
import { refuseBadColumnLists } from './column-types.js';
import { OdooDatabase } from './odoo-database.js';
import { eventTeller, tellMismatch } from './operational-events.js';
import { OutboxRotation, rotationBelow } from './outbox-slots.js';
import { LoadPace } from './load/load-pace.js';
import { requestFirstLoads } from './load/load-request.js';
import { Loads } from './load/loads.js';
import { readTopicIds } from './load/topic-ids.js';
import { firstPosition } from './first-position.js';
import { PositionStore, positionsTopicSpec, type Position } from './position.js';
import { IngestMetrics } from './ingest-metrics.js';
import { IngestModule } from './ingest.module.js';
import { captureOptions, type IngestConfig } from './settings.js';
import { TransactionTraces } from './transaction-traces.js';
import { TopicGenerations } from './topic-generations.js';
import { Turn } from './turn.js';

const maxPageBytes = 8_000_000;
const maxSnapshotMs = 30_000;
/** More than Kafka waits for a transaction whose owner is gone: 60 s. */
const openTransactionsWaitMs = 90_000;
/** Of a load, so that live changes wait for some 50 ms at most. */
const loadLimits = { maxRows: 1_000, maxBytes: 4_000_000 };

/** Composes the app and starts it; the data path itself is {@link CaptureToTopics}. */
export async function startIngest(
  config: IngestConfig,
  logger: Logger,
  fail: (error: unknown) => void,
): Promise<RunningApp> {
  refuseBadSettings(config);
  const health = new HealthState();
  let notReady: () => string | undefined = () => 'starting';
  health.check('capture', () => notReady());
  const patience = new Patience(config, logger, (reason) => (notReady = () => reason));
  const metrics = new IngestMetrics(config.OUTBOX_MAX_BYTES);
  const server = await startHealthServer(IngestModule.of(health, metrics.metrics), config, logger);

  const { kafka, registry } = connectionsOf(config, nameOf(config), { metrics: metrics.kafka, logger });
  const { topics, database } = openDatabase(config, { kafka, registry, logger });
  await firstContact(patience, { kafka, registry, database });
  const turn = await turnOf(config, database, { logger, metrics, waits: () => (notReady = () => undefined) });
  const about = { database: config.DATABASE_SLUG, logger };
  const opened = { kafka, registry, database, logger };
  const { positions, transactor, position, epoch } = await takeOver(config, opened);
  const tracing = await Tracing.open('relay-ingest', config);
  const capture = new CaptureToTopics(
    {
      database,
      topics,
      positions,
      transactor,
      rotation: new OutboxRotation(rotationBelow(config.OUTBOX_MAX_BYTES)),
      loads: loadsOf(config, { ...opened, topics }),
      traces: new TransactionTraces(tracing, config.TRACE_ONE_IN),
      metrics,
      logger,
    },
    captureSettings(config),
    position,
  );
  notReady = () => capture.notReady();
  health.check('kafka', () => transactor.ready());
  const ended = capture.run().catch(async (error: unknown) => {
    await tellMismatch(kafka, about, error);
    fail(error);
  });
  const tell = eventTeller(kafka, { ...about, epoch });
  const watch = new CaptureWatch(database, config.OUTBOX_MAX_BYTES, logger, tell);
  health.check('outbox', () => watch.notReady());
  const stops = [
    watch.start(config.TRIGGER_CHECK_INTERVAL_MS),
    new CaptureMeter(database, () => capture.published, metrics, logger).start(),
  ];
  logger.info({ epoch }, 'capturing');
  return {
    stop: async () => {
      capture.stop();
      await Promise.all([ended, ...stops.map((stop) => stop())]);
      await kafka.close();
      // Only now: who stands by begins where this one has ended.
      await turn.end();
      await tracing.close();
      await server.close();
    },
  };
}

/** The registry is waited for as long as it takes, Kafka and Odoo's database as long as the settings say. */
async function firstContact(
  patience: Patience,
  { kafka, registry, database }: Connections & { database: OdooDatabase },
): Promise<void> {
  await registry.untilAvailable(patience.onWaiting);
  await patience.for(() => kafka.ensureTopics([positionsTopicSpec, rejectedTopicSpec, eventsTopicSpec]));
  await patience.for(async () => (await database.connect('first contact')).end());
}

/** The same for all instances that capture a database. */
function nameOf({ DATABASE_SLUG: slug }: IngestConfig): string {
  return `ingest-${slug}`;
}

function captureSettings(config: IngestConfig): CaptureSettings {
  return {
    pollIntervalMs: config.POLL_INTERVAL_MS,
    idlePollIntervalMs: config.IDLE_POLL_INTERVAL_MS,
    limits: { maxChanges: config.MAX_CHANGES_PER_TRANSACTION, maxBytes: maxPageBytes, maxSnapshotMs },
  };
}

function openDatabase(
  config: IngestConfig,
  { kafka, registry, logger }: Connections & { logger: Logger },
): { topics: ChangeTopics; database: OdooDatabase } {
  const { ODOO_DATABASE_URL: url, DATABASE_SLUG: slug, MODELS: models } = config;
  const topics = new ChangeTopics(
    new TopicGenerations({ kafka, registry, database: slug, spec: changeTopicSpec }),
  );
  const options = { url, database: slug, models, capture: captureOptions(config), logger };
  return { topics, database: new OdooDatabase(options, kafka, topics) };
}

async function turnOf(
  config: IngestConfig,
  database: OdooDatabase,
  { logger, metrics, waits }: { logger: Logger; metrics: IngestMetrics; waits: () => void },
): Promise<Turn> {
  if (!config.STAND_BY) {
    return Turn.atOnce();
  }
  const turn = await Turn.await({
    name: config.KAFKA_TOPIC_PREFIX + nameOf(config),
    connect: () => database.connect('turn'),
    logger,
    onWaiting: () => {
      waits();
      metrics.standsBy();
    },
  });
  metrics.captures();
  return turn;
}

/** Makes this instance the only one that writes changes of the database, and finds out where to go on. */
async function takeOver(
  config: IngestConfig,
  { kafka, registry, database, logger }: Connections & { database: OdooDatabase; logger: Logger },
): Promise<{ positions: PositionStore; transactor: Transactor; position: Position; epoch: string }> {
  const client = await database.connect('installer');
  try {
    const { epoch, tables } = await database.install(client);
    const positions = await PositionStore.open(kafka, registry, config.DATABASE_SLUG);
    const goOnFrom = async (published: Position | undefined): Promise<Position> =>
      firstPosition(client, published, epoch, { acceptedEpoch: config.ACCEPT_EPOCH, logger });
    // First of all: the wrong database must not end the instance that reads the right one.
    await goOnFrom(await positions.readVisible());
    // From here on no other instance can write: all that one wrote is read below.
    const transactor = await kafka.transactor({ transactionalId: nameOf(config) });
    if (config.LOAD_AT_INSTALL) {
      await requestFirstLoads(
        client,
        tables.map(({ table }) => table),
      );
    }
    return {
      positions,
      transactor,
      position: await goOnFrom(await positions.readLast(openTransactionsWaitMs)),
      epoch,
    };
  } catch (error) {
    await tellMismatch(kafka, { database: config.DATABASE_SLUG, logger }, error);
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function loadsOf(
  config: IngestConfig,
  {
    kafka,
    registry,
    database,
    topics,
    logger,
  }: Connections & { database: OdooDatabase; topics: ChangeTopics; logger: Logger },
): Loads {
  return new Loads({
    table: (name) => database.catalog.captured.get(name),
    topicIds: (table, signal) =>
      readTopicIds({ kafka, registry, logger }, table, topics.topicOf(table.table), signal),
    pace: new LoadPace(config.LOAD_ROWS_PER_SECOND),
    limits: loadLimits,
    logger,
  });
}

function refuseBadSettings({ DATABASE_SLUG: slug, DENIED_COLUMNS, BINARY_COLUMNS }: IngestConfig): void {
  if (!databaseSlugPattern.test(slug)) {
    throw new RelayError(
      'CONFIG_INVALID',
      `DATABASE_SLUG must be 1 to 63 of a-z, 0-9, _ and -, not ${JSON.stringify(slug)}`,
    );
  }
  refuseBadColumnLists({ DENIED_COLUMNS, BINARY_COLUMNS });
}
