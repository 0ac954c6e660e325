import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { Piece, Stack } from '#embedded';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import type { StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startPrivateStack } from '../harness/stack.js';
import { DeliveryLedger, noFaults } from './instances-ledger.js';

/**
 * The stack has one broker, which coordinates every group and leads every partition: the restart of one of several
 * is the smaller fault.
 */
let stack: Stack;
let fixture: DeliveryFixture;
let kafka: Piece;

/** To be called once at the top of a test file. */
export function usePrivateBroker(): void {
  beforeAll(async () => {
    stack = await startPrivateStack({ only: ['kafka', 'registry'] });
    fixture = await DeliveryFixture.open({ ...stack, topicPrefix: 'broker-' });
    if (stack.pieces.kafka === undefined) throw new Error('the stack has no Kafka of its own');
    kafka = stack.pieces.kafka;
  }, 180_000);

  afterEach(async () => {
    for (const app of fixture.apps) await app.kill();
  });

  afterAll(async () => {
    await fixture.close();
    await stack.stop();
  });
}

const subscriptions = 6;
const perTurn = 400;
/** Of the app: records of a partition that have no commit when it ends are made again. */
const maxOutstanding = 50;
const env = { MAX_OUTSTANDING: String(maxOutstanding) };

/** Both instances go on by themselves after each time the broker went, and so does whoever publishes. */
async function restarts(name: string, times: number, end: () => Promise<void>): Promise<DeliveryLedger> {
  const ledger = await DeliveryLedger.open(fixture, name, { subscriptions, records: 20 });
  ledger.answer(200, 20);
  const apps = [await fixture.startApp(env), await fixture.startApp(env)];
  for (let time = 1; time <= times; time++) {
    const before = ledger.received;
    const sending = ledger.send(perTurn);
    await ledger.untilReceived(before + perTurn / 4);
    await end();
    await kafka.start();
    await sending;
    await ledger.untilDone();
    await eventually(() => areReady(apps), { timeoutMs: 60_000 });
  }
  await ledger.send(perTurn);
  await ledger.untilDone();
  expect(ledger.faults).toEqual(noFaults);
  // Nothing that anybody would have to look at, and nobody had to start them again.
  expect(apps.flatMap((app) => app.logLines().filter(isError))).toEqual([]);
  for (const app of apps) expect(await app.stop()).toBe(0);
  await ledger.close();
  return ledger;
}

async function areReady(apps: readonly StartedApp[]): Promise<boolean> {
  const answers = await Promise.all(apps.map(({ url }) => fetch(`${url}/health/ready`)));
  return answers.every(({ ok }) => ok);
}

function isError({ level }: Record<string, unknown>): boolean {
  return level === 'error' || level === 'fatal' || Number(level) >= 50;
}

/** Nothing is lost however often the broker goes; of each time, what has no commit may be made again. */
export async function expectToGoOn(name: string, times: number, how: 'kill' | 'stop'): Promise<void> {
  const ledger = await restarts(name, times, () => kafka[how]());
  expect(ledger.duplicates).toBeLessThanOrEqual(times * subscriptions * maxOutstanding);
}
