import { expect } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkoutDirectory } from '#embedded';
import { delay } from '#libs/process';
import type { DeliveryFixture } from '../e2e/delivery-fixture.js';
import type { StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { DeliveryLedger, noFaults } from './instances-ledger.js';

/** How often an instance has joined its group: at its start and at each change of the group. */
export function joins(app: StartedApp): number {
  return app.logLines().filter(({ msg }) => msg === 'joined consumer group').length;
}

/** For an app that is to have a fault of its machine: see `app-faults.mjs`. */
export function withFaults(
  env: { TEST_CLOCK_SHIFT_MS?: string; TEST_ON_SIGNAL?: string } = {},
): Record<string, string> {
  const file = join(checkoutDirectory(), 'test', 'harness', 'app-faults.mjs');
  return { NODE_OPTIONS: `--import=${pathToFileURL(file).href}`, ...env };
}

/** Instances of delivery of which one is taken away again and again, the oldest first. */
export class Workers {
  readonly running: StartedApp[] = [];

  constructor(
    private readonly fixture: DeliveryFixture,
    private readonly env: Record<string, string> = {},
  ) {}

  async start(count = 1): Promise<void> {
    for (let left = count; left > 0; left--) this.running.push(await this.fixture.startApp(this.env));
  }

  async killOldest(): Promise<void> {
    await this.running.shift()?.kill();
  }

  /** 0 where it went in time: after 25 s it ends with another code by itself. */
  async stopOldest(): Promise<number | string | undefined> {
    return this.running.shift()?.stop();
  }

  stopAll(): Promise<(number | string)[]> {
    return Promise.all(this.running.splice(0).map((app) => app.stop()));
  }
}

export interface Churn {
  deliveries: number;
  /** Instances taken away while they come. */
  times: number;
  how: 'killOldest' | 'stopOldest';
  /** So many deliveries a second; without it, each piece is written at once and worked off as fast as can be. */
  perSecond?: number;
}

/** Two instances share the deliveries, and one of them goes again and again and another one comes for it. */
export async function churn(
  workers: Workers,
  ledger: DeliveryLedger,
  { deliveries, times, how, perSecond }: Churn,
): Promise<void> {
  await workers.start(2);
  // A piece for each time: all at once would be through before the last time.
  const piece = Math.ceil(deliveries / times);
  for (let time = 0; time < times; time++) {
    const sent = perSecond === undefined ? ledger.send(piece) : ledger.sendSteadily(piece, perSecond);
    if (perSecond === undefined) await sent;
    await ledger.untilReceived(time * piece + piece / 4);
    expect(ledger.received).toBeLessThan((time + 1) * piece);
    const ended = await workers[how]();
    expect(ended).toBe(how === 'stopOldest' ? 0 : undefined);
    await workers.start();
    await sent;
    // Otherwise what is taken away next works off a backlog, with all that it can have under way.
    if (perSecond !== undefined) await ledger.untilReceived((time + 1) * piece);
  }
  await ledger.untilDone();
  expect(ledger.faults).toEqual(noFaults);
  expect(await workers.stopAll()).toEqual([0, 0]);
}

const stormEnv = { LANE_CONCURRENCY: '2', MAX_OUTSTANDING: '100' };
const stormAnswerMs = 40;
const stormOptions = { subscriptions: 8, records: 50 };
/** What endpoints take that answer so, and not what the machine can do: starting apps must not count. */
const mostPerMs = (stormOptions.subscriptions * Number(stormEnv.LANE_CONCURRENCY)) / stormAnswerMs;

/**
 * A third instance joins and leaves again and again, `everyMs` after each other. Gives the throughput as a part of
 * what it was before.
 */
export async function rebalanceStorm(
  fixture: DeliveryFixture,
  { calmMs, stormMs, everyMs }: { calmMs: number; stormMs: number; everyMs: number },
): Promise<number> {
  const ledger = await DeliveryLedger.open(fixture, 'storm', stormOptions);
  ledger.answer(200, stormAnswerMs);
  const workers = new Workers(fixture, stormEnv);
  await workers.start(2);
  await ledger.send(Math.ceil((calmMs + stormMs) * mostPerMs));
  await ledger.untilReceived(500);
  const calm = await perMs(ledger, () => delay(calmMs));
  let changes = 0;
  const stormy = await perMs(ledger, async () => {
    const overMs = performance.now() + stormMs;
    while (performance.now() < overMs) {
      const nextMs = performance.now() + everyMs;
      // The guest leaves and not the oldest.
      if (changes++ % 2 === 0) await workers.start();
      else expect(await workers.running.pop()?.stop()).toBe(0);
      await delay(Math.max(0, nextMs - performance.now()));
    }
  });
  expect(changes).toBeGreaterThan(2);
  ledger.answer(200);
  await ledger.untilDone();
  expect(ledger.faults).toEqual(noFaults);
  // Of a partition that goes to another instance, what is under way here is made again there.
  const mostUnderWay = stormOptions.subscriptions * Number(stormEnv.LANE_CONCURRENCY);
  expect(ledger.duplicates).toBeLessThanOrEqual(changes * mostUnderWay);
  expect((await workers.stopAll()).every((code) => code === 0)).toBe(true);
  await ledger.close();
  return stormy / calm;
}

async function perMs(ledger: DeliveryLedger, during: () => Promise<void>): Promise<number> {
  const before = { received: ledger.received, atMs: performance.now() };
  await during();
  return (ledger.received - before.received) / (performance.now() - before.atMs);
}

const sleeperEnv = { LANE_CONCURRENCY: '4', MAX_OUTSTANDING: '50' };
const sleeperOptions = { subscriptions: 8, records: 200 };
/** Requests that one instance can have under way, and records a crash of it can repeat. */
const mostInFlight = sleeperOptions.subscriptions * Number(sleeperEnv.LANE_CONCURRENCY);
const mostRepeated = sleeperOptions.subscriptions * Number(sleeperEnv.MAX_OUTSTANDING);

/**
 * One of two instances stands still in the middle of its work until the other has done all of it, and wakes up
 * again. `sleep` resolves when it is awake; it may not wake up before `done` has resolved.
 */
export async function oversleep(
  fixture: DeliveryFixture,
  sleep: (app: StartedApp, done: Promise<void>) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const ledger = await DeliveryLedger.open(fixture, 'sleep', sleeperOptions);
  ledger.answer(200, 30);
  const sleeper = await fixture.startApp({ ...sleeperEnv, ...env });
  const other = await fixture.startApp(sleeperEnv);
  await ledger.send(4_000);
  await ledger.untilReceived(500);
  let repeatedBefore = 0;
  const joinsBefore = joins(sleeper);
  const done = (async () => {
    await eventually(() => joins(other) > 1, { timeoutMs: 60_000 });
    await ledger.untilDone();
    repeatedBefore = ledger.duplicates;
  })();
  await Promise.all([done, sleep(sleeper, done)]);
  // What it commits now is refused: had a position gone back, something would be made again.
  await eventually(() => joins(sleeper) > joinsBefore, { timeoutMs: 60_000 });
  await eventually(() => fixture.isQuiet());
  expect((await fetch(`${sleeper.url}/health/live`)).status).toBe(200);
  await eventually(async () => (await fetch(`${sleeper.url}/health/ready`)).ok);
  await ledger.send(400);
  await ledger.untilDone();
  expect(ledger.faults).toEqual(noFaults);
  expect(repeatedBefore).toBeLessThanOrEqual(mostRepeated);
  // Not even that which stood in its lanes: only what was under way can have gone out once more.
  expect(ledger.duplicates - repeatedBefore).toBeLessThanOrEqual(mostInFlight);
  expect([await sleeper.stop(), await other.stop()]).toEqual([0, 0]);
  await ledger.close();
}
