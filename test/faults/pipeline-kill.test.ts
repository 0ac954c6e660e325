import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { ChangeReader, changeTopic } from '#libs/change';
import { deliveryTopics, rejectedTopic, retryTiers } from '#libs/delivery-task';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { delay } from '#libs/process';
import { silentLogger as logger } from '#libs/telemetry';
import { installSample, type CommittedTransaction } from '#sample';
import { ControlClient, type ShownSubscription } from '../../docker/start/control-client.js';
import { matches, recordKey } from '../../docker/start/expected-changes.js';
import { checkLedger } from '../../docker/start/ledger.js';
import { SampleReceiver } from '../../docker/start/receiver.js';
import type { TopicChange } from '../../docker/start/topic-check.js';
import { RecordedTransaction } from '../../odoo/sample/recorded-transaction.js';
import { startApp, type AppName, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';

const changes = 10_000;
/** Of one transaction: prices of one product and quantities of the rest. */
const changesPerTransaction = 25;
/** So that the changes take about as long as the apps need to be killed and to come back. */
const pauseMs = 40;
const patienceMs = 120_000;
const database = 'killed';
const eventType = 'stock.quantity_changed';
const tables = ['stock_quant', 'product_template'];
const changeTopics = tables.map((table) => changeTopic(database, table));
const taskTopics = [deliveryTopics.first, ...retryTiers.map(({ topic }) => topic)];
const killOrder = ['ingest', 'router', 'delivery', 'control'] as const;

/**
 * Records that an app may have in hand: the router 1,000 deliveries on their way to Kafka (maxDeliveriesUnderWay
 * in route.ts), delivery 500 records of a partition (MAX_OUTSTANDING), and the subscription has one partition.
 * Ingest writes in transactions, and control has no part in deliveries.
 */
const mostInFlight: Readonly<Record<AppName, number>> = {
  ingest: 0,
  router: 1_000,
  delivery: 500,
  control: 0,
};

const stack = testStack();
const connection = { topicPrefix: stack.topicPrefix, logger };
const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', ...connection });
const reader = new ChangeReader(new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection }));
const adminKey = randomBytes(16).toString('hex');
const running = new Map<AppName, StartedApp>();
const transactions: CommittedTransaction[] = [];
let environments: Record<AppName, Record<string, string>>;
let odoo: Client;
let receiver: SampleReceiver;
let subscription: ShownSubscription;

beforeAll(async () => {
  const odooUrl = await stack.freshDatabase();
  await installSample(odooUrl);
  environments = environmentsOf(odooUrl, await stack.freshDatabase());
  odoo = new Client({ connectionString: odooUrl });
  // The database is dropped before this file's own end.
  odoo.on('error', () => undefined);
  await odoo.connect();
  receiver = await SampleReceiver.start({ port: 0, maxRemembered: Infinity });
  await Promise.all([start('control'), start('ingest')]);
  subscription = await subscribe();
  // They read what is subscribed before they are ready.
  await Promise.all([start('router'), start('delivery')]);
}, patienceMs);

afterAll(async () => {
  await Promise.all([...running.values()].map((app) => app.kill()));
  await odoo.end();
  await receiver.close();
  await kafka.close();
});

function environmentsOf(odooUrl: string, controlUrl: string): typeof environments {
  const common = {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
  };
  const outwards = { SECRETS_KEY: randomBytes(32).toString('base64'), ALLOWED_RECEIVERS: '127.0.0.1' };
  return {
    ingest: { ...common, ODOO_DATABASE_URL: odooUrl, DATABASE_SLUG: database },
    router: common,
    delivery: { ...common, ...outwards },
    control: { ...common, ...outwards, DATABASE_URL: controlUrl, ADMIN_KEY: adminKey, DATABASES: database },
  };
}

async function start(name: AppName): Promise<void> {
  running.set(name, await startApp(name, environments[name], { timeoutMs: patienceMs }));
}

function app(name: AppName): StartedApp {
  const found = running.get(name);
  if (found === undefined) {
    throw new Error(`${name} is not running`);
  }
  return found;
}

/** Control's API, wherever it listens now. */
function control(): ControlClient {
  return new ControlClient(app('control').url, adminKey);
}

async function subscribe(): Promise<ShownSubscription> {
  const path = '/stock';
  const body = { database, eventTypes: [eventType], format: 'json', url: receiver.urlOf(path) };
  const { id, secret } = await control().create(body);
  receiver.addEndpoint({ path, secret });
  return untilPublished(id);
}

function untilPublished(id: string): Promise<ShownSubscription> {
  return eventually(
    async () => {
      const found = await control().find(id);
      return found?.published === true ? found : undefined;
    },
    { timeoutMs: patienceMs },
  );
}

/** Lets the changes go on up to a number, so that some are always still to come when an app is killed. */
class Writer {
  mayMake = 0;
  made = 0;
  private readonly ids: Record<string, number[]> = {};

  async run(): Promise<void> {
    for (const table of tables) {
      const { rows } = await odoo.query<{ id: number }>(`SELECT id FROM ${table} ORDER BY id`);
      this.ids[table] = rows.map(({ id }) => id);
    }
    for (let turn = 0; this.made < changes; turn++) {
      await eventually(() => this.made < this.mayMake, { timeoutMs: patienceMs });
      await this.transaction(turn);
      await delay(pauseMs);
    }
  }

  /** Every tenth is first tried and rolled back: nothing of that may ever be seen. */
  private async transaction(turn: number): Promise<void> {
    if (turn % 10 === 0) {
      await (await this.begin(turn)).rollback();
    }
    const committed = await (await this.begin(turn)).commit('goods counted');
    this.made += committed.changes.length;
    transactions.push(committed);
  }

  private async begin(turn: number): Promise<RecordedTransaction> {
    const transaction = await RecordedTransaction.begin(odoo);
    const quants = this.pick('stock_quant', turn, changesPerTransaction - 1);
    await transaction.raw(
      'stock_quant',
      quants,
      'UPDATE stock_quant SET quantity = quantity + 1 WHERE id = ANY($1)',
    );
    await transaction.update('product_template', this.pick('product_template', turn, 1), {
      list_price: turn + 0.5,
    });
    return transaction;
  }

  private pick(table: string, turn: number, count: number): number[] {
    const ids = this.ids[table] ?? [];
    return Array.from({ length: count }, (_, index) => ids[(turn * count + index) % ids.length] ?? 0);
  }
}

function matched(): number {
  return transactions.flatMap((one) => one.changes).filter((change) => matches(eventType, change)).length;
}

/** Kills an app and starts it again at once; gives what it can have had in hand. */
async function killInTheMiddle(name: AppName): Promise<number> {
  await app(name).kill();
  const starting = start(name);
  const inFlight = await uncommitted(name);
  await starting;
  return Math.min(inFlight, mostInFlight[name]);
}

/** Records that no position is behind: at most these are read a second time. */
async function uncommitted(name: AppName): Promise<number> {
  switch (name) {
    case 'router':
      return Number(await kafka.lag('relay-router', changeTopics));
    case 'delivery':
      return Number(await kafka.lag('relay-delivery', taskTopics));
    case 'ingest':
    case 'control':
      return 0;
  }
}

/** Gives how many deliveries may have been made again. */
async function killEachOnce(writer: Writer): Promise<number> {
  const share = changes / (killOrder.length + 1);
  let inFlight = 0;
  for (const [index, name] of killOrder.entries()) {
    writer.mayMake = (index + 1.5) * share;
    const received = receiver.deliveries.size;
    // It does its work, with what came before the last kill and what came since.
    await eventually(
      () => writer.made >= (index + 0.5) * share && receiver.deliveries.size >= received + share / 4,
      { timeoutMs: patienceMs, pollMs: 1 },
    );
    // Control has been told and may not have passed it on.
    const other = name === 'control' ? await subscribeToNothing() : undefined;
    inFlight += await killInTheMiddle(name);
    if (other !== undefined) {
      await untilPublished(other);
    }
  }
  writer.mayMake = changes;
  return inFlight;
}

async function subscribeToNothing(): Promise<string> {
  const body = { database, eventTypes: ['product.created'], format: 'json', url: receiver.urlOf('/none') };
  return (await control().create(body)).id;
}

async function isDrained(): Promise<boolean> {
  if (receiver.deliveries.size < matched() || (await topicChanges()).length < changes) {
    return false;
  }
  const lags = [
    await kafka.lag('relay-router', changeTopics),
    await kafka.lag('relay-delivery', [...taskTopics, deliveryTopics.attempts]),
  ];
  return lags.every((lag) => lag === 0n);
}

/** What the topics hold besides the rows that ingest found at its first start. */
async function topicChanges(): Promise<TopicChange[]> {
  const found: TopicChange[] = [];
  for (const topic of changeTopics) {
    for (const record of await kafka.readToEnd(topic)) {
      const read = await reader.read(record);
      if (read.kind !== 'change') {
        throw new Error(`${topic} holds a record that is no change: ${read.kind}`);
      }
      const { change, recordId } = read;
      if (change.op !== 'r') {
        found.push({ kind: 'change', record: recordKey(change.source.table, recordId), change });
      }
    }
  }
  return found;
}

async function count(topic: string): Promise<number> {
  return (await kafka.readToEnd(topic)).length;
}

it('has 10,000 changes in their topics exactly once and loses no delivery when each app is killed in the middle, and repeats at most what was in flight', async () => {
  const writer = new Writer();
  const writing = writer.run();
  const [inFlight] = await Promise.all([killEachOnce(writer), writing]);
  await eventually(isDrained, {
    timeoutMs: patienceMs,
    pollMs: 500,
    describe: () => `${receiver.deliveries.size} of ${matched()} deliveries have arrived and no app lags`,
  });

  const { problems, ...result } = checkLedger({
    transactions,
    watchedTables: new Set(tables),
    topicChanges: await topicChanges(),
    subscriptions: [{ id: subscription.id, eventType }],
    deliveries: receiver.deliveries,
    dead: new Set(),
  });
  expect(problems).toEqual([]);
  expect(result).toEqual({
    changes,
    matched: matched(),
    delivered: matched(),
    dead: 0,
    lost: 0,
    pending: 0,
  });
  expect(matched()).toBeGreaterThan(0.9 * changes);
  // What came twice came with the same id: there is no more than one for any change.
  const changeIds = new Set([...receiver.deliveries.values()].map(({ changeId }) => changeId));
  expect(changeIds.size).toBe(receiver.deliveries.size);
  expect(receiver.figures.duplicates).toBeLessThanOrEqual(inFlight);
  expect(receiver.rejections).toEqual([]);
  for (const topic of [deliveryTopics.dead, ...['ingest', 'router', 'delivery'].map(rejectedTopic)]) {
    expect([topic, await count(topic)]).toEqual([topic, 0]);
  }
  expect(await control().find(subscription.id)).toEqual(subscription);
  for (const name of killOrder) {
    expect([name, await app(name).stop()]).toEqual([name, 0]);
  }
}, 600_000);
