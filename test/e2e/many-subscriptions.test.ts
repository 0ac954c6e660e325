import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { eventsTopicSpec } from '#libs/operational-events';
import { silentLogger as logger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { Scrape } from '../harness/metrics.js';
import { testStack } from '../harness/stack.js';
import { deliveredTo, orderChange, RouterInput, subscriptionOf } from './router-fixture.js';

const stack = testStack();
const { topicPrefix } = stack;
const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', topicPrefix, logger });
const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, topicPrefix, logger });
const updated = ['sale.order.updated'];
const fanOut = Array.from({ length: 1_000 }, (_, n) => `s${n}`);
const colour = (id: string): ReturnType<typeof subscriptionOf> =>
  subscriptionOf(id, updated, { filter: '[["colour", "=", "red"]]' });

let input: RouterInput;
let router: StartedApp;

beforeAll(async () => {
  input = await RouterInput.open(kafka, registry);
  await input.subscribe(
    ...fanOut.map((id) => subscriptionOf(id, updated, { filter: '[["state", "=", "sale"]]' })),
    colour('poison'),
    subscriptionOf('broken', updated, { filter: '["&"]' }),
  );
  router = await startApp('router', {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: topicPrefix,
  });
});

afterAll(async () => {
  await router.stop();
  await kafka.close();
});

const deliveries = (): Promise<IncomingRecord[]> => kafka.readToEnd('relay.deliveries');
const told = async (): Promise<string[]> =>
  (await kafka.readToEnd(eventsTopicSpec.topic)).map(({ value }) => {
    const event = JSON.parse(String(value)) as { kind: string; subscription_id: string; reason: string };
    return `${event.kind} ${event.subscription_id}: ${event.reason}`;
  });

describe('a change that a thousand want', () => {
  it('becomes a delivery for each of them, once, whatever else cannot be asked', async () => {
    await input.publish(orderChange(1, 1), orderChange(2, 2));
    await eventually(async () => (await deliveries()).length >= 2 * fanOut.length);
    const records = await deliveries();
    expect(records).toHaveLength(2 * fanOut.length);
    for (const id of fanOut) {
      expect(deliveredTo(records, id).sort()).toEqual(['e1-1', 'e1-2']);
    }
    const series = (await Scrape.of(router.url)).text.split('\n').filter((line) => line.startsWith('relay_'));
    expect(series.length).toBeLessThan(30);
  });

  it('a subscription that cannot be asked stops only itself, and says so once; what it missed is put aside', async () => {
    const expected = [
      'subscription.not_applicable broken: its filter: [0]: "&" stands before two terms',
      'subscription.not_applicable poison: [0][0]: sale.order has no captured field colour',
    ];
    await eventually(async () => (await told()).length >= expected.length);
    expect((await told()).sort()).toEqual(expected);
    const rejected = await kafka.readToEnd('relay.rejected.router');
    expect(rejected.map(({ headers }) => headers['reason'])).toEqual([
      'no delivery for subscription poison: [0][0]: sale.order has no captured field colour',
      'no delivery for subscription poison: [0][0]: sale.order has no captured field colour',
    ]);
  });

  it('one whose filter is mended gets what follows, without a restart', async () => {
    await input.subscribe(subscriptionOf('poison', updated, { filter: '[["name", "=", "S3"]]' }));
    let sequence = 10;
    await eventually(async () => {
      await input.publish(orderChange(3, ++sequence), orderChange(4, ++sequence));
      return deliveredTo(await deliveries(), 'poison').length > 0;
    });
    const got = deliveredTo(await deliveries(), 'poison');
    // Order 3 has the odd numbers.
    expect(got.filter((id) => Number(id.slice(3)) % 2 === 0)).toEqual([]);
  });
});
