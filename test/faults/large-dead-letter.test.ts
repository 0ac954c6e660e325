import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deliveryTopics, taskHeaders } from '#libs/delivery-task';
import { Kafka } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';

const stack = testStack();
let fixture: DeliveryFixture;

beforeAll(async () => {
  const { brokers, topicPrefix } = stack;
  const kafka = new Kafka({ brokers, clientId: 'test', topicPrefix, logger: silentLogger });
  const { dead: topic, partitions } = deliveryTopics;
  await kafka.ensureTopics([{ topic, partitions, config: { 'max.message.bytes': '2000' } }]);
  await kafka.close();
  fixture = await DeliveryFixture.open(stack);
});
afterAll(() => fixture.close());

it('fault 111: a dead letter that its topic does not take is kept without its body, with where that is', async () => {
  const receiver = await startReceiver(500);
  await fixture.subscribe(fixture.subscription('large', receiver.url, { settings: { retryDelaysMs: [] } }));
  const app = await fixture.startApp();
  const task = fixture.task('large', { body: Buffer.from(JSON.stringify({ text: 'x'.repeat(5_000) })) });
  await fixture.send([task]);
  await eventually(async () => (await fixture.outcomes(task.webhookId)).includes('dead'));
  await eventually(() => fixture.isQuiet());
  const [letter, ...others] = await fixture.kafka.readToEnd(deliveryTopics.dead);
  expect(others).toEqual([]);
  expect(letter?.value).toHaveLength(0);
  expect(letter?.headers).toMatchObject({ 'webhook-id': task.webhookId, reason: 'attempts-exhausted' });
  const [topic = '', partition, offset] = letter?.headers[taskHeaders.original]?.split('/') ?? [];
  const original = await fixture.kafka.recordAt(topic, Number(partition), BigInt(offset ?? -1));
  expect(original?.value).toEqual(task.body);
  expect(receiver.requests).toHaveLength(1);
  expect(await app.stop()).toBe(0);
  await receiver.close();
});
