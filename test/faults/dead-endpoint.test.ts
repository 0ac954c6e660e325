import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryTopics, writeTask, type AttemptRow, type DeliveryTask } from '#libs/delivery-task';
import { DeliveryFixture, idsOf } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { quiet, replayOf, retryRecords } from './delivery-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
let tasks: DeliveryTask[];

const id = 'sub-1';
const scheduleMs = [200, 500, 1_500];
const disableAfter = 8;
/** What a busy process needs between two readings of the clock. */
const slackMs = 200;

const subscription = (enabledEpoch: number) =>
  fixture.subscription(id, receiver.url, {
    enabledEpoch,
    settings: { retryDelaysMs: scheduleMs, disableAfter },
  });

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver('reset');
  // Else the breaker would put off what is to die.
  await fixture.startApp({ BREAKER_VOLUME: '10000' });
  await fixture.subscribe(subscription(0));
  tasks = Array.from({ length: disableAfter }, () => fixture.task(id));
  await fixture.send(tasks);
  await eventually(async () => (await fixture.deadLetters()).length === tasks.length);
  await quiet(fixture);
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

/** By webhook id and attempt: when the next one was due. */
async function dueTimes(): Promise<Map<string, number>> {
  const records = await retryRecords(fixture, id);
  return new Map(
    records
      .filter(({ headers }) => headers['deferred'] === undefined)
      .map(({ headers }) => [`${headers['webhook-id']} ${headers['attempt']}`, Number(headers['due-at'])]),
  );
}

const startedAtMs = (row: AttemptRow): number => Number(row.at_ms) - row.duration_ms;

describe('fault 107: an endpoint that is dead for the whole schedule', () => {
  it('is tried by the schedule, each delay 20 % shorter or longer, and never before its time', async () => {
    const due = await dueTimes();
    const rows = (await fixture.rows()).filter(({ outcome }) => outcome === 'failed');
    const delays: number[] = [];
    for (const { webhookId } of tasks) {
      const attempts = rows.filter((row) => row.webhook_id === webhookId);
      expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
      for (const [index, delayMs] of scheduleMs.entries()) {
        const [failed, next] = attempts.slice(index, index + 2);
        const dueAtMs = due.get(`${webhookId} ${index + 1}`) ?? NaN;
        const waitMs = dueAtMs - Number(failed?.at_ms);
        expect(waitMs).toBeGreaterThanOrEqual(delayMs * 0.8 - 1);
        expect(waitMs).toBeLessThanOrEqual(delayMs * 1.2 + slackMs);
        // A few milliseconds early is made at once instead of waiting once more.
        expect(next && startedAtMs(next) - dueAtMs).toBeGreaterThanOrEqual(-10);
        delays.push(waitMs / delayMs);
      }
    }
    // What failed together does not come back together.
    const byHundredth = new Set(delays.map((share) => share.toFixed(2)));
    expect(byHundredth.size).toBeGreaterThan(scheduleMs.length);
  });

  it('then its deliveries are dead letters, and that it fails and is disabled is told to whoever runs it', async () => {
    const letters = await fixture.deadLetters();
    expect(letters.map(({ task }) => task.webhookId).sort()).toEqual(tasks.map((t) => t.webhookId).sort());
    expect(new Set(letters.map(({ reason }) => reason))).toEqual(new Set(['attempts-exhausted']));
    expect(letters.map(({ task }) => task.attempts)).toEqual(tasks.map(() => scheduleMs.length + 1));
    expect(await fixture.state(id)).toMatchObject({ state: 'disabled', consecutiveDead: disableAfter });
    const events = (await fixture.kafka.readToEnd('relay.events')).map(({ headers, value }) => ({
      type: headers['ce_type'],
      data: JSON.parse(value?.toString() ?? '') as Record<string, unknown>,
    }));
    const about = { subscription_id: id, application_id: 'app-1', database: 'acme' };
    expect(events).toMatchObject([
      {
        type: 'subscription.failing',
        data: { ...about, consecutive_dead: disableAfter / 2, disable_after: disableAfter },
      },
      { type: 'subscription.disabled', data: { ...about, consecutive_dead: disableAfter } },
    ]);
  });

  it('and when it is enabled again, what is sent once more arrives with its id', async () => {
    receiver.answer(200);
    receiver.forget();
    await fixture.subscribe(subscription(1));
    // Until the app has read that it is enabled.
    await eventually(async () => {
      const live = fixture.task(id);
      await fixture.send([live]);
      return eventually(async () => (await fixture.outcomes(live.webhookId)).at(-1) === 'delivered', {
        timeoutMs: 2_000,
      });
    });
    receiver.forget();
    const letters = await fixture.deadLetters();
    const lost = letters.filter(({ reason }) => reason === 'attempts-exhausted').map(({ task }) => task);
    await fixture.publisher.publish(
      lost.map((task) => writeTask(replayOf(task, 'redrive-1'), deliveryTopics.replay)),
    );
    await eventually(() => receiver.requests.length >= tasks.length);
    await quiet(fixture);
    expect(idsOf(receiver.requests).sort()).toEqual(tasks.map(({ webhookId }) => webhookId).sort());
    expect(receiver.requests.every((request) => fixture.isSigned(request))).toBe(true);
    const bodies = new Map(tasks.map(({ webhookId, body }) => [webhookId, body.toString()]));
    for (const { headers, body } of receiver.requests) {
      expect(body.toString()).toBe(bodies.get(String(headers['webhook-id'])));
    }
    const rows = (await fixture.rows()).filter(({ redrive }) => redrive === 'redrive-1');
    expect(rows.map(({ outcome }) => outcome)).toEqual(tasks.map(() => 'delivered'));
    expect(await fixture.state(id)).toMatchObject({ state: 'active', enabledEpoch: 1, consecutiveDead: 0 });
  });
});
