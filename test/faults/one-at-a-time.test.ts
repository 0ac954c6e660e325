import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryTopics, writeTask, type DeliveryTask } from '#libs/delivery-task';
import { delay } from '#libs/process';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { endsOf, quiet, replayOf, retryRecords } from './delivery-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  // Small, impatient and soon open again, so that much is put off, and not for long.
  await fixture.startApp({
    LANE_SIZE: '10',
    LANE_PATIENCE_MS: '50',
    CATCH_UP_PER_S: '500',
    BREAKER_RESET_MS: '300',
  });
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

const subscriptions = ['one', 'two'];
const records = 12;

describe('fault 72: two deliveries of one record to one endpoint', () => {
  it('never overlap, whatever is tried again, put off, read twice or sent once more meanwhile', async () => {
    const settings = { retryDelaysMs: [50, 100, 200, 400, 800, 800, 800, 800], disableAfter: 1_000 };
    for (const id of subscriptions) {
      await fixture.subscribe(fixture.subscription(id, `${receiver.url}${id}`, { settings }));
    }
    const open = new Set<string>();
    const overlaps: string[] = [];
    receiver.answer(async ({ path, body, index }) => {
      const key = `${path} ${body.toString()}`;
      if (open.has(key)) overlaps.push(key);
      open.add(key);
      await delay(20 + ((index * 37) % 60));
      open.delete(key);
      return [200, 500, 200, 200, 429, 200, 200, 502, 200, 200][index % 10] ?? 200;
    });
    const tasks = Array.from({ length: 360 }, (_, index) => {
      const record = `sale.order,${index % records}`;
      return fixture.task(subscriptions[index % 2] ?? '', { record, body: Buffer.from(record) });
    });
    const twice = tasks.filter((_, index) => index % 10 === 0);
    const again = tasks.filter((_, index) => index % 10 === 5).map((task) => replayOf(task, 'redrive-1'));
    await sendInPortions([...tasks, ...twice], again);
    await quiet(fixture);

    expect(overlaps).toEqual([]);
    expect(endsOf(await fixture.rows(), tasks)).toEqual({ delivered: tasks.length });
    const waited = await retryRecords(fixture, 'one');
    const isPutOff = waited.map(({ headers }) => headers['deferred'] !== undefined);
    expect(new Set(isPutOff)).toEqual(new Set([true, false]));
    // What waits for its turn is not written again and again meanwhile.
    expect(waited.length).toBeLessThan((10 * tasks.length) / subscriptions.length);
  });
});

async function sendInPortions(tasks: readonly DeliveryTask[], again: readonly DeliveryTask[]): Promise<void> {
  const portion = Math.ceil(tasks.length / 6);
  const replays = Math.ceil(again.length / 6);
  for (let turn = 0; turn < 6; turn++) {
    await fixture.send(tasks.slice(turn * portion, (turn + 1) * portion));
    const replayed = again.slice(turn * replays, (turn + 1) * replays);
    await fixture.publisher.publish(replayed.map((task) => writeTask(task, deliveryTopics.replay)));
    await delay(150);
  }
}
