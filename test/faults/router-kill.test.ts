import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { silentLogger as logger } from '#libs/telemetry';
import { deliveredTo, orderChange, RouterInput, subscriptionOf } from '../e2e/router-fixture.js';
import { startApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';

const changes = 10_000;
const records = 400;
const kills = 3;
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

it('killed in the middle of 10,000 changes it loses nothing, repeats at most what was in flight, and keeps the order of each record', async () => {
  const sequences = Array.from({ length: changes }, (_, n) => n + 1);
  let router = await startApp('router', env);
  const published = input.publish(...sequences.map((sequence) => orderChange(sequence % records, sequence)));
  let before = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const enough = before + changes / (kills + 2);
    await eventually(async () => (await deliveries()).length > enough);
    await router.kill();
    before = (await deliveries()).length;
    expect(new Set(deliveredTo(await deliveries(), 's')).size).toBeLessThan(changes);
    router = await startApp('router', env);
  }
  await published;
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
  console.log(`repeated after ${kills} kills: ${all.length - changes}`);
}, 120_000);
