import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryFixture } from '../../e2e/delivery-fixture.js';
import type { StartedApp } from '../../harness/apps.js';
import { testStack } from '../../harness/stack.js';
import { workOffBacklog } from '../dead-backlog.js';

const stack = testStack();
let fixture: DeliveryFixture;
let app: StartedApp;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  app = await fixture.startApp({ CATCH_UP_PER_S: '2000' });
});
afterAll(() => fixture.close());

describe('fault 116: 100,000 deliveries for a dead endpoint', () => {
  it('take no more memory than few, hold up no others, and go out in the order of their records', async () => {
    const figures = await workOffBacklog(fixture, app, {
      deliveries: 100_000,
      records: 13_000,
      bodyBytes: 500,
      deadMs: 20_000,
      drainTimeoutMs: 400_000,
    });
    console.log(JSON.stringify(figures));
    expect(figures.othersDelivered).toBe(100);
    expect(figures.rssStartMb + figures.rssGrownMb).toBeLessThan(512);
    expect(figures.rssSlopeMb).toBeLessThan(60);
    expect(figures.rewrites).toBeLessThan(15);
    expect(figures.attempts).toBeLessThan(1.02 * 100_000);
  });
});
