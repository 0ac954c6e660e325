import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { silentLogger as logger } from '#libs/telemetry';
import { deliveredTo, orderChange, RouterInput, subscriptionOf } from '../e2e/router-fixture.js';
import { startApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';

const changes = 10_000;
const records = 400;
const kills = 4;
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

/** Calls back as soon as so many more deliveries than now are written. */
async function countDeliveries(): Promise<{ afterMore(count: number): Promise<void> }> {
  let seen = 0;
  let waiting = { count: Infinity, done: (): void => undefined };
  await kafka.consumer({
    groupId: 'count',
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

it('killed in the middle of 10,000 changes it loses nothing, repeats at most what was in flight, and keeps the order of each record', async () => {
  let router = await startApp('router', env);
  const counter = await countDeliveries();
  for (let round = 0; round < kills; round++) {
    const enough = counter.afterMore(changes / 20);
    const share = Array.from({ length: changes / kills }, (_, n) => (round * changes) / kills + n + 1);
    const published = input.publish(...share.map((sequence) => orderChange(sequence % records, sequence)));
    await enough;
    await router.kill();
    await published;
    // Else it was killed when it had nothing to do.
    expect(await kafka.lag('relay-router')).toBeGreaterThan(0n);
    router = await startApp('router', env);
  }
  await eventually(async () => new Set(deliveredTo(await deliveries(), 's')).size === changes, {
    timeoutMs: 50_000,
  });
  expect(await router.stop()).toBe(0);
  expect(await kafka.lag('relay-router')).toBe(0n);

  const all = await deliveries();
  const idsByChange = new Map<string, Set<string>>();
  const orderByRecord = new Map<string, number[]>();
  for (const { headers } of all) {
    const change = headers['change-id'] ?? '';
    const isFirst = !idsByChange.has(change);
    idsByChange.set(change, (idsByChange.get(change) ?? new Set()).add(headers['webhook-id'] ?? ''));
    if (isFirst) {
      const record = headers['record'] ?? '';
      orderByRecord.set(record, [...(orderByRecord.get(record) ?? []), Number(headers['sequence'])]);
    }
  }
  expect(idsByChange.size).toBe(changes);
  expect([...idsByChange.values()].filter((ids) => ids.size > 1)).toEqual([]);
  expect(all.length - changes).toBeLessThanOrEqual(kills * inFlight);
  for (const order of orderByRecord.values()) {
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
}, 120_000);
