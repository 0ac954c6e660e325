import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import { delay } from '#libs/process';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import type { StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import type { TcpProxy } from '../harness/tcp-proxy.js';
import { quiet } from './delivery-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
let kafka: TcpProxy;
let answerAll: () => void = () => undefined;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  kafka = await stack.kafkaProxy();
  const settings = { retryDelaysMs: [], disableAfter: 1_000, timeoutMs: 20_000 };
  await fixture.subscribe(fixture.subscription('sub-1', receiver.url, { settings }));
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

const start = (): Promise<StartedApp> =>
  fixture.startApp({ KAFKA_BROKERS: kafka.address, BREAKER_VOLUME: '10000' });

/** Deliveries whose last attempt fails while the app has no Kafka. */
async function failWithoutKafka(): Promise<DeliveryTask[]> {
  receiver.forget();
  const answered = new Promise<void>((resolve) => (answerAll = resolve));
  receiver.answer(async () => {
    await answered;
    return 500;
  });
  const tasks = Array.from({ length: 10 }, () => fixture.task('sub-1'));
  await fixture.send(tasks);
  await eventually(() => receiver.requests.length === tasks.length);
  kafka.block();
  answerAll();
  // Time in which it could go on without having written anything.
  await delay(2_000);
  return tasks;
}

async function lettersOf(tasks: readonly DeliveryTask[]): Promise<string[]> {
  const ids = new Set(tasks.map(({ webhookId }) => webhookId));
  return (await fixture.deadLetters())
    .filter(({ task }) => ids.has(task.webhookId))
    .map(({ task }) => task.webhookId)
    .sort();
}

const idsOfTasks = (tasks: readonly DeliveryTask[]): string[] =>
  tasks.map(({ webhookId }) => webhookId).sort();

async function expectOneLetterEach(tasks: readonly DeliveryTask[]): Promise<void> {
  await eventually(async () => (await lettersOf(tasks)).length >= tasks.length);
  await quiet(fixture);
  expect(await lettersOf(tasks)).toEqual(idsOfTasks(tasks));
  for (const { webhookId } of tasks) expect(await fixture.outcomes(webhookId)).toEqual(['failed', 'dead']);
}

describe('fault 111: a dead letter that cannot be written', () => {
  it('leaves its record where it is, and is there once with its row when Kafka is back', async () => {
    const app = await start();
    const tasks = await failWithoutKafka();
    expect(await lettersOf(tasks)).toEqual([]);
    expect(await fixture.isQuiet()).toBe(false);
    kafka.restore();
    await expectOneLetterEach(tasks);
    // The same process went on by itself.
    expect(await app.stop()).toBe(0);
  });

  it('leaves its record to the next process where this one is killed meanwhile', async () => {
    const app = await start();
    const tasks = await failWithoutKafka();
    await app.kill();
    kafka.restore();
    expect(await lettersOf(tasks)).toEqual([]);
    expect(await fixture.isQuiet()).toBe(false);
    receiver.answer(500);
    const next = await start();
    await expectOneLetterEach(tasks);
    expect(receiver.requests).toHaveLength(2 * tasks.length);
    expect(await next.stop()).toBe(0);
  });
});
