import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import type { StartedApp } from '../harness/apps.js';
import { testStack } from '../harness/stack.js';
import { workOffBacklog } from './dead-backlog.js';

const stack = testStack();
let fixture: DeliveryFixture;
let app: StartedApp;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  app = await fixture.startApp({ CATCH_UP_PER_S: '500', BREAKER_RESET_MS: '1000' });
});
afterAll(() => fixture.close());

describe('fault 116: 4,000 deliveries for a dead endpoint', () => {
  it('take little memory, hold up no others, and go out in the order of their records when it is back', async () => {
    const figures = await workOffBacklog(fixture, app, {
      deliveries: 4_000,
      records: 800,
      bodyBytes: 500,
      deadMs: 4_000,
      drainTimeoutMs: 120_000,
    });
    console.log(JSON.stringify(figures));
    expect(figures.othersDelivered).toBe(100);
    expect(figures.rssGrownMb).toBeLessThan(200);
    expect(figures.rewrites).toBeLessThan(10);
    expect(figures.attempts).toBeLessThan(1.02 * 4_000);
  }, 240_000);
});
