import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deliveryTopics, writeTask, type DeliveryTask } from '#libs/delivery-task';
import { delay } from '#libs/process';
import type { Ordering } from '#libs/subscription';
import { DeliveryFixture, idsOf } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { endsOf, quiet, replayOf } from './delivery-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
let subscriptions = 0;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  await fixture.startApp({ BREAKER_VOLUME: '10000' });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

async function subscribe(ordering: Ordering, retryDelaysMs: readonly number[]): Promise<string> {
  const id = `sub-${++subscriptions}`;
  const settings = { ordering, retryDelaysMs, disableAfter: 1_000 };
  await fixture.subscribe(fixture.subscription(id, receiver.url, { settings }));
  return id;
}

/** A change of the record, with its sequence in its body as the router writes it. */
function change(id: string, record = 'sale.order,1'): DeliveryTask {
  const task = fixture.task(id, { record });
  return { ...task, body: Buffer.from(JSON.stringify({ record, sequence: Number(task.sequence) })) };
}

const bodyOf = ({ body }: ReceivedRequest) =>
  JSON.parse(body.toString()) as { record: string; sequence: number };
const lastOutcome = async ({ webhookId }: DeliveryTask): Promise<string | undefined> =>
  (await fixture.outcomes(webhookId)).at(-1);
const hasEnded = (task: DeliveryTask, outcome: string): Promise<boolean> =>
  eventually(async () => (await lastOutcome(task)) === outcome);

describe('fault 110: an older change of a record that waits while a newer one goes out', () => {
  it('is superseded where only the latest is wanted, and never sent after it', async () => {
    const id = await subscribe('latest', [2_000]);
    const older = change(id);
    const newer = change(id);
    receiver.answer(({ index }) => (index === 0 ? 500 : 200));
    await fixture.send([older]);
    await hasEnded(older, 'failed');
    await fixture.send([newer]);
    await hasEnded(older, 'superseded');
    expect(await fixture.outcomes(newer.webhookId)).toEqual(['delivered']);
    expect(await fixture.outcomes(older.webhookId)).toEqual(['failed', 'superseded']);
    expect(idsOf(receiver.requests)).toEqual([older.webhookId, newer.webhookId]);
    expect(await fixture.state(id)).toBeUndefined();
  });

  it('is superseded also while the newer one is still under way', async () => {
    const id = await subscribe('latest', [300]);
    const older = change(id);
    const newer = change(id);
    let answerNewer: (status: number) => void = () => undefined;
    receiver.answer(({ index }) =>
      index === 0 ? 500 : new Promise<number>((resolve) => (answerNewer = resolve)),
    );
    await fixture.send([older]);
    await hasEnded(older, 'failed');
    await fixture.send([newer]);
    await eventually(() => receiver.requests.length === 2);
    // The older one is due by now, and has not been sent.
    await delay(600);
    expect(idsOf(receiver.requests)).toEqual([older.webhookId, newer.webhookId]);
    answerNewer(200);
    await hasEnded(older, 'superseded');
    expect(receiver.requests).toHaveLength(2);
  });

  it('is superseded also when the newer one waits for its own retry', async () => {
    const id = await subscribe('latest', [1_000]);
    const older = change(id);
    const newer = change(id);
    receiver.answer(({ index }) => (index < 2 ? 500 : 200));
    await fixture.send([older, newer]);
    await hasEnded(newer, 'delivered');
    await hasEnded(older, 'superseded');
    expect(idsOf(receiver.requests)).toEqual([older.webhookId, newer.webhookId, newer.webhookId]);
  });

  it('is superseded also as a dead letter that is sent once more', async () => {
    const id = await subscribe('latest', []);
    const older = change(id);
    const newer = change(id);
    receiver.answer(({ index }) => (index === 0 ? 500 : 200));
    await fixture.send([older]);
    await hasEnded(older, 'dead');
    await fixture.send([newer]);
    await hasEnded(newer, 'delivered');
    const replays = [older, change(id, 'sale.order,2')].map((task) => replayOf(task, 'redrive-1'));
    await fixture.publisher.publish(replays.map((task) => writeTask(task, deliveryTopics.replay)));
    await hasEnded(older, 'superseded');
    // What nothing newer is known of is sent.
    await eventually(() => receiver.requests.length === 3);
    await quiet(fixture);
    expect(idsOf(receiver.requests)).toEqual([older.webhookId, newer.webhookId, replays[1]?.webhookId]);
    const rows = (await fixture.rows()).filter((row) => row.webhook_id === older.webhookId);
    expect(rows.map(({ outcome, redrive }) => `${outcome} ${redrive}`)).toEqual([
      'failed null',
      'dead null',
      'superseded redrive-1',
    ]);
  });

  it('is sent where all are wanted, and its sequence shows that it is older', async () => {
    const id = await subscribe('none', [500]);
    const older = change(id);
    const newer = change(id);
    receiver.answer(({ index }) => (index === 0 ? 500 : 200));
    await fixture.send([older]);
    await hasEnded(older, 'failed');
    await fixture.send([newer]);
    await hasEnded(older, 'delivered');
    const accepted = receiver.requests.slice(1).map((request) => bodyOf(request).sequence);
    expect(accepted).toEqual([Number(newer.sequence), Number(older.sequence)]);
  });

  it('never makes a receiver go back, and each delivery ends in one way', async () => {
    const id = await subscribe('latest', [100, 200, 300]);
    receiver.answer(async ({ index }) => {
      await delay((index * 7) % 25);
      return index % 3 === 0 ? 500 : 200;
    });
    const tasks = Array.from({ length: 300 }, (_, index) => change(id, `sale.order,${index % 25}`));
    for (let from = 0; from < tasks.length; from += 50) {
      await fixture.send(tasks.slice(from, from + 50));
      await delay(120);
    }
    await quiet(fixture);
    const newest = new Map<string, number>();
    const backwards = receiver.requests.map(bodyOf).filter(({ record, sequence }) => {
      const known = newest.get(record) ?? 0;
      newest.set(record, Math.max(known, sequence));
      return sequence < known;
    });
    expect(backwards).toEqual([]);
    const { delivered = 0, dead = 0, pending = 0, superseded = 0 } = endsOf(await fixture.rows(), tasks);
    expect({ pending, all: delivered + dead + superseded }).toEqual({ pending: 0, all: tasks.length });
    expect(superseded).toBeGreaterThan(0);
    expect(await fixture.deadLetters()).toHaveLength(dead + 1);
  });
});
