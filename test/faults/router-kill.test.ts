import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { silentLogger as logger } from '#libs/telemetry';
import { deliveredTo, orderChange, RouterInput, subscriptionOf } from '../e2e/router-fixture.js';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';

const changes = 10_000;
const records = 400;
const ends = 2;
/** The most the router has in hand: 500 records of each of the topic's 6 partitions. */
const inFlight = 3_000;

const stack = testStack();
const env = {
  KAFKA_BROKERS: stack.brokers.join(','),
  SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
  KAFKA_TOPIC_PREFIX: stack.topicPrefix,
};
const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', topicPrefix: stack.topicPrefix, logger });
const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, topicPrefix: stack.topicPrefix, logger });
let input: RouterInput;

beforeAll(async () => {
  input = await RouterInput.open(kafka, registry);
  await input.subscribe(subscriptionOf('s', ['sale.order.updated']));
});

afterAll(() => kafka.close());

async function deliveries(): Promise<IncomingRecord[]> {
  return kafka.readToEnd('relay.deliveries');
}

let counters = 0;

/** Resolves as soon as so many more deliveries than now are written. */
async function countDeliveries(): Promise<{ afterMore(count: number): Promise<void> }> {
  let seen = 0;
  let waiting = { count: Infinity, done: (): void => undefined };
  await kafka.consumer({
    groupId: `count-${++counters}`,
    topics: ['relay.deliveries'],
    onBatch: (batch) => {
      seen += batch.records.length;
      batch.records.forEach(({ offset }) => {
        batch.ack(offset);
      });
      if (seen >= waiting.count) {
        waiting.done();
      }
    },
    onCrash: (error) => {
      throw error;
    },
  });
  return {
    afterMore: (count) =>
      new Promise((done) => {
        waiting = { count: seen + count, done };
      }),
  };
}

/** Routes changes `from + 1` to `from + changes` while the router is ended and started again in the middle. */
async function routeWhileEnding(
  from: number,
  end: (router: StartedApp) => Promise<unknown>,
): Promise<IncomingRecord[]> {
  let router = await startApp('router', env);
  const counter = await countDeliveries();
  for (let round = 0; round < ends; round++) {
    const first = from + (round * changes) / ends + 1;
    const share = Array.from({ length: changes / ends }, (_, n) =>
      orderChange((first + n) % records, first + n),
    );
    const enough = counter.afterMore(changes / 20);
    const published = input.publish(...share);
    await enough;
    await end(router);
    await published;
    // Else it was ended when it had nothing to do.
    expect(await kafka.lag('relay-router')).toBeGreaterThan(0n);
    router = await startApp('router', env);
  }
  const mine = async (): Promise<IncomingRecord[]> =>
    (await deliveries()).filter(({ headers }) => Number(headers['sequence']) > from);
  await eventually(async () => new Set(deliveredTo(await mine(), 's')).size === changes, {
    timeoutMs: 50_000,
  });
  expect(await router.stop()).toBe(0);
  expect(await kafka.lag('relay-router')).toBe(0n);
  return mine();
}

function expectStableIdsInOrder(all: readonly IncomingRecord[]): void {
  const idByChange = new Map<string, string>();
  const lastByRecord = new Map<string, number>();
  for (const { headers } of all) {
    const { 'change-id': change = '', 'webhook-id': id = '', record = '' } = headers;
    if (!idByChange.has(change)) {
      expect(Number(headers['sequence'])).toBeGreaterThan(lastByRecord.get(record) ?? 0);
      lastByRecord.set(record, Number(headers['sequence']));
    }
    expect(idByChange.get(change) ?? id).toBe(id);
    idByChange.set(change, id);
  }
  expect(idByChange.size).toBe(changes);
}

it('killed in the middle of 10,000 changes it loses nothing, repeats at most what was in flight with the same ids, and keeps the order of each record', async () => {
  const all = await routeWhileEnding(0, (router) => router.kill());
  expectStableIdsInOrder(all);
  expect(all.length - changes).toBeLessThanOrEqual(ends * inFlight);
}, 120_000);

it('stopped in the middle of 10,000 changes it loses nothing and repeats nothing', async () => {
  const all = await routeWhileEnding(changes, async (router) => {
    expect(await router.stop()).toBe(0);
  });
  expectStableIdsInOrder(all);
  expect(all.length).toBe(changes);
}, 120_000);
