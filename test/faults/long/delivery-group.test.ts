import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { DeliveryFixture } from '../../e2e/delivery-fixture.js';
import { testStack } from '../../harness/stack.js';
import { churn, oversleep, rebalanceStorm, withFaults, Workers } from '../delivery-group-faults.js';
import { DeliveryLedger } from '../instances-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let ledger: DeliveryLedger | undefined;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
});

// What a test that failed has left would take part in the next.
afterEach(async () => {
  for (const app of fixture.apps) await app.kill();
  await ledger?.close();
  ledger = undefined;
});

afterAll(async () => {
  await fixture.close();
});

const deliveries = 100_000;
const times = 20;
const subscriptions = 10;
/** The defaults: records of a partition that are handed out, and requests to an endpoint that are under way. */
const maxOutstanding = 500;
const laneConcurrency = 16;
/**
 * All of them have room in their lane. What a lane that stands still puts off is known to its process only: after a
 * crash later changes of the record may go first.
 */
const env = { LANE_SIZE: String(maxOutstanding) };

describe('two instances of delivery', () => {
  it('fault 39: of which one is killed 20 times lose nothing of 100,000 deliveries, keep the order and repeat at most 0.1 % (R2)', async () => {
    ledger = await DeliveryLedger.open(fixture, 'killed', { subscriptions, records: 1_000 });
    await churn(new Workers(fixture, env), ledger, { deliveries, times, how: 'killOldest', perSecond: 500 });
    expect(ledger.duplicates / deliveries).toBeLessThanOrEqual(0.001);
  });

  it('fault 39: of which one is killed 20 times with all under way that it can have repeat no more than that', async () => {
    ledger = await DeliveryLedger.open(fixture, 'busy', { subscriptions, records: 1_000 });
    await churn(new Workers(fixture, env), ledger, { deliveries, times, how: 'killOldest' });
    expect(ledger.duplicates).toBeLessThanOrEqual(times * subscriptions * laneConcurrency);
  });

  it('fault 40: of which one is stopped 20 times lose and repeat nothing of 100,000 deliveries, and each is out in 25 s (R3)', async () => {
    ledger = await DeliveryLedger.open(fixture, 'stopped', { subscriptions, records: 1_000 });
    await churn(new Workers(fixture, env), ledger, { deliveries, times, how: 'stopOldest' });
    expect(ledger.duplicates).toBe(0);
  });

  it('fault 42: keep half of their throughput while one more joins or leaves every 3 s for 3 min', async () => {
    const ratio = await rebalanceStorm(fixture, { calmMs: 30_000, stormMs: 180_000, everyMs: 3_000 });
    expect(ratio).toBeGreaterThanOrEqual(0.5);
  });

  it('fault 43: of which one is stopped for 90 s: it sends no more than was under way when it wakes up', async () => {
    await oversleep(fixture, async ({ pid }, done) => {
      process.kill(pid, 'SIGSTOP');
      await Promise.all([done, delay(90_000)]);
      process.kill(pid, 'SIGCONT');
    });
  });

  it('fault 51: of which one has its event loop blocked for 20 s lose nothing, and it is live and ready afterwards', async () => {
    const env = withFaults({ TEST_ON_SIGNAL: JSON.stringify([{ blockMs: 20_000 }]) });
    await oversleep(
      fixture,
      async ({ pid }) => {
        process.kill(pid, 'SIGUSR2');
        await delay(20_000);
      },
      env,
    );
  });
});
