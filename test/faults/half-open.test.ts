import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AttemptResult } from '../../apps/delivery/src/attempt.js';
import { Breakers } from '../../apps/delivery/src/breakers.js';
import { delay } from '#libs/process';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { endsOf, quiet } from './delivery-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  await fixture.startApp({ BREAKER_RESET_MS: '1000', CATCH_UP_PER_S: '500' });
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

describe('fault 114: a breaker that is half open', () => {
  it('lets one attempt through while hundreds wait, then slowly more; what is open can be seen meanwhile', async () => {
    let open = 0;
    /** How many requests each found under way, itself included. */
    const found: number[] = [];
    let hold: Promise<number> | undefined;
    receiver.answer(async () => {
      found.push(++open);
      const status = await (hold ?? Promise.resolve(500));
      open--;
      return status;
    });
    const settings = { retryDelaysMs: Array<number>(10).fill(200), timeoutMs: 20_000, disableAfter: 1_000 };
    await fixture.subscribe(fixture.subscription('down', receiver.url, { settings }));
    const tasks = Array.from({ length: 400 }, () => fixture.task('down'));
    await fixture.send(tasks);
    const breaker = await eventually(async () => (await fixture.state('down'))?.breaker);
    expect(breaker.reason).toMatch(/failed, the last with: HTTP 500$/);

    // The next attempt is held: while it is under way all others have to wait, and their time comes meanwhile.
    let answer: (status: number) => void = () => undefined;
    hold = new Promise((resolve) => (answer = resolve));
    await eventually(() => open === 1);
    const before = found.length;
    await delay(3_000);
    expect([open, found.length]).toEqual([1, before]);
    // Another one, and another: still one by one.
    hold = Promise.resolve(500);
    answer(500);
    await eventually(() => found.length >= before + 2);
    expect(found.slice(before)).toEqual(found.slice(before).map(() => 1));

    // It is back: what was put off does not come all at once.
    const recovered = found.length;
    hold = delay(30).then(() => 200);
    receiver.answer(async () => {
      found.push(++open);
      await delay(30);
      open--;
      return 200;
    });
    await quiet(fixture);
    expect(endsOf(await fixture.rows(), tasks)).toEqual({ delivered: tasks.length });
    const first = found.slice(recovered, recovered + 8);
    expect(Math.max(...first)).toBeLessThanOrEqual(4);
    expect(Math.max(...found.slice(recovered))).toBeLessThanOrEqual(16);
    await fixture.send([fixture.task('down')]);
    await eventually(async () => (await fixture.state('down'))?.breaker === null);
  });
});

describe('fault 114: the breakers of 10,000 endpoints that fail', () => {
  const endpoints = 10_000;
  const failed: AttemptResult = {
    outcome: 'failed',
    status: 500,
    error: null,
    response: null,
    durationMs: 1,
    retryAfterMs: undefined,
  };

  it('are small, cost next to nothing while nothing happens, and go when their endpoints are well', async () => {
    const breakers = new Breakers({ volume: 3, resetMs: 600_000 });
    const heapBefore = process.memoryUsage().heapUsed;
    const attempt = (endpoint: number, result: AttemptResult) =>
      breakers.run(`https://endpoint-${endpoint}.example/`, () => Promise.resolve(result));
    for (let turn = 0; turn < 3; turn++) {
      for (let endpoint = 0; endpoint < endpoints; endpoint++) await attempt(endpoint, failed);
    }
    expect([breakers.count, breakers.openCount]).toEqual([endpoints, endpoints]);
    // What is garbage may be among it: generous.
    const kilobytes = (process.memoryUsage().heapUsed - heapBefore) / endpoints / 1024;
    expect(kilobytes).toBeLessThan(24);

    // What breakers cost they cost in every second; what else the process does (garbage) it does in some.
    const shares: number[] = [];
    for (let span = 0; span < 8; span++) shares.push(await cpuShare(1_000));
    expect(Math.min(...shares)).toBeLessThan(0.05);
    breakers.close();
    expect(breakers.count).toBe(0);
  });

  it('are dropped a while after the last failure', async () => {
    jest.useFakeTimers();
    const breakers = new Breakers({ volume: 10, resetMs: 600_000 });
    for (let endpoint = 0; endpoint < 1_000; endpoint++) {
      await breakers.run(`https://endpoint-${endpoint}.example/`, () => Promise.resolve(failed));
    }
    expect([breakers.count, breakers.openCount]).toEqual([1_000, 0]);
    jest.advanceTimersByTime(25_000);
    expect(breakers.count).toBe(0);
    breakers.close();
    jest.useRealTimers();
  });
});

/** Of a core, that this process uses for a while. */
async function cpuShare(durationMs: number): Promise<number> {
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  await delay(durationMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  return (user + system) / 1_000 / (performance.now() - startedAtMs);
}
