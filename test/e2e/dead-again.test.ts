import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { ControlClient } from './control-client.js';
import { DeliveryFixture, idsOf } from './delivery-fixture.js';

const stack = testStack();
let fixture: DeliveryFixture;
let control: StartedApp;
let client: ControlClient;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  // Else the breaker would put off what is to die.
  await fixture.startApp({ BREAKER_VOLUME: '10000' });
  control = await startApp('control', await ControlClient.environment(stack, fixture.secretsKey));
  client = new ControlClient(control.url);
});

afterAll(async () => {
  await control.stop();
  await fixture.close();
  await receiver.close();
});

const count = 20;

describe('dead letters that are sent once more', () => {
  it('and die again become dead letters once, count for nothing, and can be sent again by time', async () => {
    const id = await client.subscribe(receiver.url, { retryDelaysMs: [100], disableAfter: 50 });
    receiver.answer(500);
    const tasks = Array.from({ length: count }, () => fixture.task(id));
    const ids = tasks.map((task) => task.webhookId).sort();
    await fixture.send(tasks);
    await eventually(async () => (await fixture.deadLetters()).length === count);
    await eventually(() => fixture.isQuiet());
    receiver.forget();

    const first = await client.redrive({ subscriptionId: id, ratePerS: 1_000 });
    await eventually(async () => (await fixture.deadLetters()).length === 2 * count);
    await eventually(() => fixture.isQuiet());
    // Whatever would go round would come again now.
    await delay(2_000);
    const done = await client.readRedrive(first.id);
    expect(done).toMatchObject({ state: 'done', matched: count, sent: count, skipped: {} });
    const letters = await fixture.deadLetters();
    expect(letters).toHaveLength(2 * count);
    expect(
      letters
        .slice(count)
        .map(({ task }) => task.webhookId)
        .sort(),
    ).toEqual(ids);
    // With all their attempts, which are two.
    expect(idsOf(receiver.requests).sort()).toEqual([...ids, ...ids].sort());
    expect((await fixture.state(id))?.consecutiveDead).toBe(count);

    receiver.forget();
    receiver.answer(200);
    const from = new Date(done.startedAt).toISOString();
    const second = await client.redrive({ subscriptionId: id, from, ratePerS: 1_000 });
    await eventually(() => receiver.requests.length >= count);
    await eventually(() => fixture.isQuiet());
    expect(await client.readRedrive(second.id)).toMatchObject({ state: 'done', matched: count, sent: count });
    expect(idsOf(receiver.requests).sort()).toEqual(ids);
    const rows = (await fixture.rows()).filter((row) => row.redrive === second.id);
    expect(rows.map(({ outcome }) => outcome)).toEqual(Array.from({ length: count }, () => 'delivered'));
  });
});
