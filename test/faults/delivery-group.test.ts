import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { churn, joins, oversleep, withFaults, Workers } from './delivery-group-faults.js';
import { DeliveryLedger, noFaults } from './instances-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
});

// What a test that failed has left would take part in the next.
afterEach(async () => {
  for (const app of fixture.apps) await app.kill();
});

afterAll(async () => {
  await fixture.close();
});

/** Of a member that does not answer, in libs/kafka. */
const sessionTimeoutMs = 10_000;

describe('the instances of delivery', () => {
  it('fault 49: begin with the earliest delivery where their group is new', async () => {
    const ledger = await DeliveryLedger.open(fixture, 'earliest', { subscriptions: 4, records: 10 });
    await ledger.send(200);
    const app = await fixture.startApp();
    await ledger.untilDone();
    expect(ledger.faults).toEqual(noFaults);
    expect(ledger.duplicates).toBe(0);
    expect(await app.stop()).toBe(0);
    await ledger.close();
  });

  it('fault 39: lose nothing and keep the order when one of two is killed', async () => {
    const ledger = await DeliveryLedger.open(fixture, 'killed', { subscriptions: 6, records: 50 });
    ledger.answer(200, 20);
    const workers = new Workers(fixture, { MAX_OUTSTANDING: '50', LANE_CONCURRENCY: '4' });
    await churn(workers, ledger, { deliveries: 2_400, times: 1, how: 'killOldest' });
    expect(ledger.duplicates).toBeLessThanOrEqual(6 * 50);
    await ledger.close();
  }, 120_000);

  it('fault 40: lose nothing and keep the order when one of two is stopped and another one comes, twice', async () => {
    const ledger = await DeliveryLedger.open(fixture, 'stopped', { subscriptions: 6, records: 50 });
    ledger.answer(200, 5);
    const workers = new Workers(fixture, { MAX_OUTSTANDING: '50', LANE_CONCURRENCY: '4' });
    await churn(workers, ledger, { deliveries: 3_600, times: 2, how: 'stopOldest' });
    // Not of the one that goes: of the one that stays, which gives partitions to the one that comes.
    expect(ledger.duplicates).toBeLessThanOrEqual(2 * 6 * 4);
    await ledger.close();
  }, 120_000);

  it('fault 41: stay in their group while an endpoint hangs longer than their session lasts', async () => {
    const ledger = await DeliveryLedger.open(fixture, 'beside', { subscriptions: 8, records: 10 });
    const hanging = await startReceiver('hang');
    const settings = { timeoutMs: sessionTimeoutMs + 2_000, retryDelaysMs: [] };
    for (const id of ['hangs-1', 'hangs-2', 'hangs-3'])
      await fixture.subscribe(fixture.subscription(id, hanging.url, { settings }));
    const apps = [await fixture.startApp(), await fixture.startApp()];
    await ledger.send(80);
    await ledger.untilDone();
    const joined = apps.map(joins);
    const tasks = ['hangs-1', 'hangs-2', 'hangs-3'].map((id) => fixture.task(id));
    await fixture.send(tasks);
    await eventually(() => hanging.requests.length === 3);
    await ledger.send(80);
    await ledger.untilReceived(160);
    for (const { webhookId } of tasks)
      await eventually(async () => (await fixture.outcomes(webhookId)).includes('timedOut'));
    await ledger.send(80);
    await ledger.untilDone();
    expect(apps.map(joins)).toEqual(joined);
    expect(hanging.requests).toHaveLength(3);
    expect(ledger.duplicates).toBe(0);
    for (const app of apps) expect(await app.stop()).toBe(0);
    await Promise.all([ledger.close(), hanging.close()]);
  }, 120_000);

  it('fault 43: that are stopped until others have their work send no more than was under way when they wake up', async () => {
    await oversleep(fixture, async ({ pid }, done) => {
      process.kill(pid, 'SIGSTOP');
      await done;
      process.kill(pid, 'SIGCONT');
    });
  }, 120_000);

  it('fault 51: whose event loop is blocked lose nothing, and are live and ready afterwards', async () => {
    const blockMs = sessionTimeoutMs + 4_000;
    const env = withFaults({ TEST_ON_SIGNAL: JSON.stringify([{ blockMs }]) });
    await oversleep(
      fixture,
      async ({ pid }) => {
        process.kill(pid, 'SIGUSR2');
        await delay(blockMs);
      },
      env,
    );
  }, 120_000);
});
