import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import { DeliveryFixture, idsOf } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
const subscriptions = ['sub-1', 'sub-2', 'sub-3'];
/** Records read and not committed, in all partitions that are in use: as many may be made again. */
const maxOutstanding = 100;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  for (const id of subscriptions) await fixture.subscribe(fixture.subscription(id, receiver.url));
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

const env = { MAX_OUTSTANDING: String(maxOutstanding) };

async function sendMany(count: number): Promise<DeliveryTask[]> {
  const tasks = Array.from({ length: count }, (_, index) =>
    fixture.task(subscriptions[index % subscriptions.length] ?? '', {
      record: `product.product,${index % 97}`,
    }),
  );
  await fixture.send(tasks);
  return tasks;
}

/** Webhook ids that came more than once, with how often too often. */
function repeats(): number {
  return receiver.requests.length - new Set(idsOf(receiver.requests)).size;
}

const received = (): number => new Set(idsOf(receiver.requests)).size;

describe('delivery', () => {
  it('fault 39: killed in the middle loses nothing and repeats at most what was in flight', async () => {
    const tasks = await sendMany(3_000);
    const kills = 2;
    for (let kill = 1; kill <= kills; kill++) {
      const app = await fixture.startApp(env);
      const goal = kill * 900;
      await eventually(() => received() >= goal);
      await app.kill();
    }
    expect(received()).toBeLessThan(tasks.length);
    const app = await fixture.startApp(env);
    await eventually(() => received() === tasks.length, { timeoutMs: 60_000 });
    await eventually(() => fixture.isQuiet());
    expect(new Set(idsOf(receiver.requests))).toEqual(new Set(tasks.map((task) => task.webhookId)));
    expect(repeats()).toBeLessThanOrEqual(kills * subscriptions.length * maxOutstanding);
    expect(await app.stop()).toBe(0);
  });

  it('fault 40: stopped in the middle loses nothing and repeats nothing', async () => {
    receiver.forget();
    receiver.answer({ status: 200, delayMs: 15 });
    const tasks = await sendMany(2_400);
    for (const goal of [600, 1_200]) {
      const app = await fixture.startApp();
      await eventually(() => received() >= goal);
      expect(await app.stop()).toBe(0);
    }
    expect(received()).toBeLessThan(tasks.length);
    receiver.answer(200);
    const app = await fixture.startApp();
    await eventually(() => received() === tasks.length, { timeoutMs: 60_000 });
    await eventually(() => fixture.isQuiet());
    expect(repeats()).toBe(0);
    expect(await app.stop()).toBe(0);
  });

  it('fault 39: with two instances loses nothing when one is killed, and the count goes on with the other', async () => {
    receiver.forget();
    receiver.answer({ status: 200, delayMs: 5 });
    const settings = { retryDelaysMs: [], disableAfter: 4 };
    const failing = await startReceiver(500);
    for (const id of ['bad-1', 'bad-2', 'bad-3', 'bad-4']) {
      await fixture.subscribe(fixture.subscription(id, failing.url, { settings }));
    }
    const fail = async (): Promise<void> => {
      const before = failing.requests.length;
      await fixture.send(['bad-1', 'bad-2', 'bad-3', 'bad-4'].map((id) => fixture.task(id)));
      await eventually(() => failing.requests.length >= before + 4);
    };
    const one = await fixture.startApp();
    const other = await fixture.startApp();
    await fail();
    await fail();
    const tasks = await sendMany(2_000);
    await eventually(() => received() >= 500);
    await one.kill();
    await eventually(() => received() === tasks.length, { timeoutMs: 60_000 });
    await fail();
    await eventually(() => fixture.isQuiet());
    for (const id of ['bad-1', 'bad-2', 'bad-3', 'bad-4']) {
      expect(await fixture.state(id)).toMatchObject({ state: 'failing', consecutiveDead: 3 });
    }
    await fail();
    for (const id of ['bad-1', 'bad-2', 'bad-3', 'bad-4']) {
      await eventually(async () => (await fixture.state(id))?.state === 'disabled');
    }
    expect(await other.stop()).toBe(0);
    await failing.close();
  });

  it('fault 40: stopped with retries waiting makes them after the next start, each attempt once', async () => {
    receiver.forget();
    receiver.answer(500);
    const settings = { retryDelaysMs: [1_500], disableAfter: 1_000 };
    await fixture.subscribe(fixture.subscription('sub-1', receiver.url, { settings }));
    const tasks = Array.from({ length: 50 }, () => fixture.task('sub-1'));
    let app = await fixture.startApp({ BREAKER_VOLUME: '10000' });
    await fixture.send(tasks);
    await eventually(() => receiver.requests.length === 50);
    expect(await app.stop()).toBe(0);
    receiver.answer(200);
    app = await fixture.startApp();
    await eventually(() => receiver.requests.length >= 100);
    await eventually(() => fixture.isQuiet());
    expect(receiver.requests).toHaveLength(100);
    expect(received()).toBe(50);
    expect(await app.stop()).toBe(0);
  });
});
