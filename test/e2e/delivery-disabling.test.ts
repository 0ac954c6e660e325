import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import type { StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { DeliveryFixture, idsOf } from './delivery-fixture.js';

const stack = testStack();
let fixture: DeliveryFixture;
let app: StartedApp;
let receiver: Receiver;
let subscriptions = 0;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  app = await fixture.startApp();
});
afterAll(() => fixture.close());

beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

/** A subscription with one quick retry, so two attempts. */
async function subscribe(disableAfter = 5): Promise<string> {
  const id = `sub-${++subscriptions}`;
  const settings = { retryDelaysMs: [100], disableAfter };
  await fixture.subscribe(fixture.subscription(id, receiver.url, { settings }));
  return id;
}

/** Sends deliveries one after the other, each when the one before is done with, and gives the last row. */
async function makeInTurn(id: string, answers: readonly number[]): Promise<DeliveryTask[]> {
  const tasks: DeliveryTask[] = [];
  for (const status of answers) {
    receiver.answer(status);
    const task = fixture.task(id);
    tasks.push(task);
    await fixture.send([task]);
    await eventually(async () =>
      ['delivered', 'dead'].includes((await fixture.outcomes(task.webhookId)).at(-1) ?? ''),
    );
  }
  await eventually(() => fixture.isQuiet());
  return tasks;
}

const stateOf = async (id: string): Promise<string> => {
  const state = await fixture.state(id);
  return state === undefined ? 'none' : `${state.state} ${state.consecutiveDead}`;
};

const eventsOf = async (id: string): Promise<string[]> =>
  (await fixture.kafka.readToEnd('relay.events')).flatMap(({ headers, value }) => {
    const event = JSON.parse(value?.toString() ?? '') as Record<string, unknown>;
    return event['subscription_id'] === id ? [`${headers['ce_type'] ?? ''} ${headers['ce_id'] ?? ''}`] : [];
  });

describe('what is told of a subscription in relay.events', () => {
  it('is that it fails, has recovered, is disabled, and has recovered when it was enabled again; each with its own id', async () => {
    const id = await subscribe(2);
    await makeInTurn(id, [500, 200, 500, 200, 500, 500]);
    await fixture.subscribe(
      fixture.subscription(id, receiver.url, {
        enabledEpoch: 1,
        settings: { retryDelaysMs: [100], disableAfter: 2 },
      }),
    );
    await eventually(async () => {
      await makeInTurn(id, [200]);
      return (await stateOf(id)) === 'active 0';
    });
    const events = await eventsOf(id);
    expect(events.map((event) => event.split(' ')[0])).toEqual([
      'subscription.failing',
      'subscription.recovered',
      'subscription.failing',
      'subscription.recovered',
      'subscription.failing',
      'subscription.disabled',
      'subscription.recovered',
    ]);
    expect(new Set(events).size).toBe(events.length);
  });
});

describe('dead letters in a row', () => {
  it('disable the subscription at the fifth, are announced at half, and nothing more is sent then', async () => {
    const id = await subscribe();
    await makeInTurn(id, [500, 500]);
    expect(await stateOf(id)).toBe('active 2');
    await makeInTurn(id, [500]);
    expect(await stateOf(id)).toBe('failing 3');
    await makeInTurn(id, [500, 500]);
    expect(await stateOf(id)).toBe('disabled 5');
    const announced = app
      .logLines()
      .filter((line) => line['subscriptionId'] === id && line['consecutiveDead']);
    expect(announced.map((line) => line['msg'])).toEqual([
      'the subscription is failing',
      'the subscription is disabled',
    ]);

    receiver.forget();
    receiver.answer(200);
    const late = fixture.task(id);
    await fixture.send([late]);
    const letter = await eventually(async () =>
      (await fixture.deadLetters()).find((dead) => dead.task.webhookId === late.webhookId),
    );
    expect(letter.reason).toBe('subscription-disabled');
    expect(receiver.requests).toHaveLength(0);
    expect(await stateOf(id)).toBe('disabled 5');
  });

  it('begin anew after one success', async () => {
    const id = await subscribe();
    await makeInTurn(id, [500, 500, 500, 500]);
    expect(await stateOf(id)).toBe('failing 4');
    await makeInTurn(id, [200]);
    expect(await stateOf(id)).toBe('active 0');
    await makeInTurn(id, [500, 500, 500, 500]);
    expect(await stateOf(id)).toBe('failing 4');
    await makeInTurn(id, [500]);
    expect(await stateOf(id)).toBe('disabled 5');
  });

  it('count on over restarts and kills, each once', async () => {
    const id = await subscribe();
    await makeInTurn(id, [500, 500]);
    expect(await app.stop()).toBe(0);
    app = await fixture.startApp();
    await makeInTurn(id, [500]);
    await app.kill();
    app = await fixture.startApp();
    await makeInTurn(id, [500]);
    expect(await stateOf(id)).toBe('failing 4');
    await makeInTurn(id, [500]);
    expect(await stateOf(id)).toBe('disabled 5');
  });

  it('of an earlier time do not count after the subscription was enabled again', async () => {
    const id = await subscribe(2);
    await makeInTurn(id, [500, 500]);
    expect(await stateOf(id)).toBe('disabled 2');
    const settings = { retryDelaysMs: [100], disableAfter: 2 };
    await fixture.subscribe(fixture.subscription(id, receiver.url, { enabledEpoch: 1, settings }));
    await eventually(async () => {
      await makeInTurn(id, [200]);
      return receiver.requests.length > 4;
    });
    await makeInTurn(id, [500]);
    expect(await stateOf(id)).toBe('failing 1');
  });
});

describe('a receiver that answers 410', () => {
  it('has its subscription disabled at once', async () => {
    const id = await subscribe();
    const [gone] = await makeInTurn(id, [410]);
    expect(await fixture.outcomes(gone?.webhookId ?? '')).toEqual(['gone', 'dead']);
    expect(await fixture.state(id)).toMatchObject({ state: 'disabled', reason: 'gone', consecutiveDead: 0 });
    await makeInTurn(id, [200]);
    expect(idsOf(receiver.requests)).toEqual([gone?.webhookId]);
  });
});
