import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryFixture } from '../../e2e/delivery-fixture.js';
import { startReceiver, type Receiver } from '../../harness/receiver.js';
import { testStack } from '../../harness/stack.js';
import { goThroughOutage } from '../wide-outage.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  await fixture.startApp();
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

describe('fault 113: 200 endpoints that are down for long and come back together', () => {
  /** Ten minutes and the schedule of the defaults, each a seventh. */
  const outageMs = 90_000;
  const retryDelaysMs = [1_000, 45_000, 270_000, 1_080_000, 2_700_000];

  it('get no spike and no more attempts than were planned, and nothing is lost', async () => {
    const figures = await goThroughOutage(fixture, receiver, {
      endpoints: 200,
      // More than CATCH_UP_PER_S: below, that is what endpoints see.
      steadyPerS: 150,
      outageMs,
      afterMs: 150_000,
      retryDelaysMs,
    });
    console.log(JSON.stringify(figures));
    expect(figures.attempts).toBeLessThanOrEqual(1.1 * figures.budgeted);
    expect(figures.attemptsPerDeliveryAfter).toBeLessThanOrEqual(1.1);
    expect(figures.busiestSecond).toBeLessThanOrEqual(2);
  });
});
