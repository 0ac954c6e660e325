import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { delay } from '#libs/process';
import { silentLogger as logger } from '#libs/telemetry';
import { deliveredTo, orderChange, RouterInput, subscriptionOf } from '../e2e/router-fixture.js';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';

/** At least; more while the router takes its time to end. */
const changes = 10_000;
const atOnce = 500;
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

async function allDeliveries(): Promise<IncomingRecord[]> {
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

/** Publishes changes numbered from `from + 1` while the router is ended and started again in the middle. */
async function routeWhileEnding(
  from: number,
  end: (router: StartedApp) => Promise<unknown>,
): Promise<{ published: number; deliveries: IncomingRecord[] }> {
  let router = await startApp('router', env);
  const counter = await countDeliveries();
  let last = from;
  const publishSome = async (): Promise<void> => {
    const some = Array.from({ length: atOnce }, (_, n) =>
      orderChange((last + n + 1) % records, last + n + 1),
    );
    last += atOnce;
    await input.publish(...some);
  };
  for (let round = 0; round < ends; round++) {
    const routed = counter.afterMore(atOnce);
    const ended = new AbortController();
    const ending = routed
      .then(() => end(router))
      .finally(() => {
        ended.abort();
      });
    // Goes on until it has ended, so that it is always ended in the middle of work.
    while (!ended.signal.aborted) {
      await publishSome();
      await delay(100);
    }
    await ending;
    expect(await kafka.lag('relay-router')).toBeGreaterThan(0n);
    router = await startApp('router', env);
  }
  while (last < from + changes) {
    await publishSome();
  }
  const mine = async (): Promise<IncomingRecord[]> =>
    (await allDeliveries()).filter(({ headers }) => Number(headers['sequence']) > from);
  await eventually(async () => new Set(deliveredTo(await mine(), 's')).size === last - from, {
    timeoutMs: 50_000,
  });
  const published = last - from;
  expect(await router.stop()).toBe(0);
  expect(await kafka.lag('relay-router')).toBe(0n);
  return { published, deliveries: await mine() };
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
}

it('killed in the middle of 10,000 changes it loses nothing, repeats at most what was in flight with the same ids, and keeps the order of each record', async () => {
  const { published, deliveries } = await routeWhileEnding(0, (router) => router.kill());
  expectStableIdsInOrder(deliveries);
  expect(deliveries.length - published).toBeLessThanOrEqual(ends * inFlight);
}, 120_000);

it('stopped in the middle of 10,000 changes it loses nothing and repeats nothing', async () => {
  const { published, deliveries } = await routeWhileEnding(1_000_000, async (router) => {
    expect(await router.stop()).toBe(0);
  });
  expectStableIdsInOrder(deliveries);
  expect(deliveries.length).toBe(published);
}, 120_000);
