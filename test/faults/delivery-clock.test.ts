import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import { delay } from '#libs/process';
import { DeliveryFixture, idsOf } from '../e2e/delivery-fixture.js';
import type { StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { joins, withFaults } from './delivery-group-faults.js';

const stack = testStack();
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sessionTimeoutMs = 10_000;
/** Of a timestamp, for a slow machine; the clocks are off by far more. */
const toleranceMs = 120_000;
const settings = { retryDelaysMs: [2_000], disableAfter: 1_000 };
/** 20 failures in a row are no outage here. */
const env = { BREAKER_VOLUME: '10000' };
const ids = ['clock-1', 'clock-2', 'clock-3', 'clock-4'];
let fixture: DeliveryFixture;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  for (const id of ids) await fixture.subscribe(fixture.subscription(id, receiver.url, { settings }));
});

beforeEach(() => {
  receiver.forget();
});

afterEach(async () => {
  for (const app of fixture.apps) await app.kill();
});

afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

async function send(): Promise<DeliveryTask[]> {
  const tasks = ids.map((id) => fixture.task(id, { expiresAtMs: Date.now() + dayMs }));
  await fixture.send(tasks);
  return tasks;
}

/** Deliveries that have failed once and are in a retry topic. */
async function sendFailing(): Promise<DeliveryTask[]> {
  receiver.answer(500);
  const tasks = await send();
  for (const { webhookId } of tasks)
    await eventually(async () => (await fixture.outcomes(webhookId)).includes('failed'));
  receiver.answer(200);
  return tasks;
}

async function untilDelivered(tasks: readonly DeliveryTask[]): Promise<void> {
  await eventually(async () => {
    const rows = await fixture.rows();
    const delivered = new Set(
      rows.filter(({ outcome }) => outcome === 'delivered').map((row) => row.webhook_id),
    );
    return tasks.every(({ webhookId }) => delivered.has(webhookId));
  });
  await eventually(() => fixture.isQuiet());
}

/** Its signature is right and was made when a clock that is off by so much says. */
function isSignedAt(request: ReceivedRequest, shiftMs: number): boolean {
  const atMs = Number(request.headers['webhook-timestamp']) * 1_000;
  return fixture.isSigned(request) && Math.abs(atMs - (request.receivedAtMs + shiftMs)) < toleranceMs;
}

describe('fault 50: a clock', () => {
  it('that is set an hour ahead and back again makes nothing wait for that hour, and signs with it', async () => {
    const shifts = [hourMs, 0, -hourMs];
    const onSignal = JSON.stringify(shifts.map((shiftMs) => ({ shiftMs })));
    const app = await fixture.startApp({ ...env, ...withFaults({ TEST_ON_SIGNAL: onSignal }) });
    await untilDelivered(await send());
    const joined = joins(app);
    for (const shiftMs of shifts) {
      const waiting = await sendFailing();
      receiver.forget();
      process.kill(app.pid, 'SIGUSR2');
      await untilDelivered(waiting);
      receiver.forget();
      const fresh = await send();
      await untilDelivered(fresh);
      expect(new Set(idsOf(receiver.requests))).toEqual(new Set(fresh.map(({ webhookId }) => webhookId)));
      expect(receiver.requests.every((request) => isSignedAt(request, shiftMs))).toBe(true);
    }
    // Its heartbeats go on: it stays in its group.
    await delay(sessionTimeoutMs + 2_000);
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
    await untilDelivered(await send());
    expect(joins(app)).toBe(joined);
    expect((await fixture.deadLetters()).length).toBe(0);
    expect(await app.stop()).toBe(0);
  }, 120_000);

  it.each([
    { writerMs: 600_000, readerMs: 0 },
    { writerMs: 0, readerMs: 600_000 },
  ])(
    'that is 10 min off ($writerMs ms) makes no retry wait for that where an instance with another one ($readerMs ms) makes it',
    async ({ writerMs, readerMs }) => {
      const start = (shiftMs: number): Promise<StartedApp> =>
        fixture.startApp({ ...env, ...withFaults({ TEST_CLOCK_SHIFT_MS: String(shiftMs) }) });
      const writer = await start(writerMs);
      const waiting = await sendFailing();
      expect(await writer.stop()).toBe(0);
      receiver.forget();
      const reader = await start(readerMs);
      await untilDelivered(waiting);
      expect(receiver.requests).toHaveLength(waiting.length);
      expect(receiver.requests.every((request) => isSignedAt(request, readerMs))).toBe(true);
      // Side by side.
      const beside = await start(writerMs);
      await untilDelivered(await sendFailing());
      await untilDelivered(await send());
      expect([await reader.stop(), await beside.stop()]).toEqual([0, 0]);
    },
    120_000,
  );
});
