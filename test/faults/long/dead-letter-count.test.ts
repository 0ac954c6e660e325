import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import { DeliveryFixture } from '../../e2e/delivery-fixture.js';
import { eventually } from '../../harness/eventually.js';
import { startReceiver, type Receiver } from '../../harness/receiver.js';
import { testStack } from '../../harness/stack.js';
import { countsOf, expectCounts } from '../dead-letter-counts.js';
import { Workers } from '../delivery-group-faults.js';
import { endsOf, quiet } from '../delivery-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

const subscriptions = 48;
const piece = 960;

describe('fault 108: the count of dead letters in a row under eight instances', () => {
  it('is that of the rows, whoever is killed, stopped and comes while they are made', async () => {
    const ids = Array.from({ length: subscriptions }, (_, index) => `count-${index}`);
    for (const id of ids) {
      const settings = { retryDelaysMs: [], disableAfter: 10_000 };
      await fixture.subscribe(fixture.subscription(id, receiver.url, { settings }));
    }
    receiver.answer(({ index }) => (index % 37 === 0 ? 200 : 500));
    const workers = new Workers(fixture, { BREAKER_VOLUME: '10000' });
    await workers.start(8);
    const tasks: DeliveryTask[] = [];
    for (const end of ['killOldest', 'stopOldest', 'killOldest', 'killOldest', 'stopOldest'] as const) {
      const some = Array.from({ length: piece }, (_, index) =>
        fixture.task(ids[index % subscriptions] ?? ''),
      );
      const before = receiver.requests.length;
      tasks.push(...some);
      await fixture.send(some);
      await eventually(() => receiver.requests.length > before + piece / 2, { timeoutMs: 60_000 });
      await workers[end]();
      await workers.start();
    }
    await quiet(fixture, 120_000);
    const rows = await fixture.rows();
    const { delivered = 0, dead = 0 } = endsOf(rows, tasks);
    expect(delivered + dead).toBe(tasks.length);
    const expected = countsOf(rows);
    expect(Math.max(...expected.values())).toBeGreaterThan(5);
    await expectCounts(fixture, ids, expected);
    expect(workers.running).toHaveLength(8);
    expect((await workers.stopAll()).every((code) => code === 0)).toBe(true);
  });
});
