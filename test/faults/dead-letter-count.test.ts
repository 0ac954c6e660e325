import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { countsOf, expectCounts } from './dead-letter-counts.js';
import { endsOf, quiet } from './delivery-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
const env = { BREAKER_VOLUME: '10000' };

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

async function subscribe(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const settings = { retryDelaysMs: [], disableAfter: 1_000 };
    await fixture.subscribe(fixture.subscription(id, receiver.url, { settings }));
  }
}

describe('fault 108: the count of dead letters in a row', () => {
  it('begins anew after one success, and counts once what is read twice', async () => {
    await subscribe(['once']);
    const app = await fixture.startApp(env);
    const dead = Array.from({ length: 6 }, () => fixture.task('once'));
    receiver.answer(500);
    // Each of them twice, as after a crash of the router.
    await fixture.send([...dead.slice(0, 3), ...dead.slice(0, 3)]);
    await quiet(fixture);
    expect((await fixture.rows()).filter(({ outcome }) => outcome === 'dead')).toHaveLength(6);
    expect(await fixture.state('once')).toMatchObject({ consecutiveDead: 3 });
    receiver.answer(200);
    await fixture.send([fixture.task('once')]);
    await quiet(fixture);
    expect(await fixture.state('once')).toMatchObject({ consecutiveDead: 0, state: 'active' });
    receiver.answer(500);
    // One that was counted before the success, and new ones.
    await fixture.send(dead.slice(2));
    await quiet(fixture);
    expect(await fixture.state('once')).toMatchObject({ consecutiveDead: 3 });
    expect(await app.stop()).toBe(0);
  });

  it('is the same as if nothing had happened after kills and restarts in the middle', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `kill-${index}`);
    await subscribe(ids);
    receiver.forget();
    receiver.answer(({ index }) => (index % 9 === 0 ? 200 : 500));
    const tasks: DeliveryTask[] = [];
    for (const [turn, end] of (['kill', 'stop', 'kill', 'wait'] as const).entries()) {
      const app = await fixture.startApp(env);
      const some = Array.from({ length: 240 }, (_, index) => fixture.task(ids[index % ids.length] ?? ''));
      tasks.push(...some);
      await fixture.send(some);
      await eventually(() => receiver.requests.length > turn * 240 + 150);
      if (end === 'wait') await quiet(fixture);
      else await app[end]();
    }
    const rows = await fixture.rows();
    const { delivered = 0, dead = 0 } = endsOf(rows, tasks);
    expect(delivered + dead).toBe(tasks.length);
    await expectCounts(fixture, ids, countsOf(rows));
  });
});
