import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deliveryTopics } from '#libs/delivery-task';
import { urlHash } from '#libs/subscription';
import type { StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { DeliveryFixture, idsOf } from './delivery-fixture.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
let app: StartedApp;
let subscriptions = 0;
const nextSubscription = (): string => `sub-${++subscriptions}`;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  app = await fixture.startApp({ LOG_LEVEL: 'debug' });
});
afterAll(() => fixture.close());

beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const quiet = (): Promise<boolean> => eventually(() => fixture.isQuiet());

describe('a delivery', () => {
  it('arrives signed, with the bytes of its record and its id, and has one row', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, `${receiver.url}hook?a=b`));
    const task = fixture.task(id);
    await fixture.send([task]);
    await eventually(() => receiver.requests.length === 1);
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/hook?a=b' });
    expect(request?.headers).toMatchObject({
      'webhook-id': task.webhookId,
      'content-type': 'application/json',
      'content-length': String(task.body.length),
    });
    expect(request?.body).toEqual(task.body);
    expect(request && fixture.isSigned(request)).toBe(true);
    await quiet();
    const rows = (await fixture.rows()).filter((row) => row.webhook_id === task.webhookId);
    expect(rows).toMatchObject([
      { outcome: 'delivered', attempt: 1, status: 200, subscription_id: id, sequence: task.sequence },
    ]);
    // Which URL was asked, without a word of it: warehouses read this topic.
    expect(rows[0]?.url_hash).toBe(urlHash(`${receiver.url}hook?a=b`));
    const written = await fixture.kafka.readToEnd(deliveryTopics.attempts);
    expect(written.filter(({ value }) => value?.includes('a=b'))).toEqual([]);
    const lines = app.logLines().filter(({ webhookId }) => webhookId === task.webhookId);
    const ids = { subscriptionId: id, changeId: task.changeId, sequence: String(task.sequence) };
    const outcome = { outcome: 'delivered', attempt: 1, status: 200 };
    expect(lines).toEqual([expect.objectContaining({ level: 20, msg: 'an outcome', ...ids, ...outcome })]);
    expect(app.output()).not.toContain('a=b');
  });

  it('that is answered 500 is tried six times with one id and is then dead', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, receiver.url));
    receiver.answer({ status: 500, body: 'no luck' });
    const task = fixture.task(id);
    await fixture.send([task]);
    const letter = await eventually(async () =>
      (await fixture.deadLetters()).find((dead) => dead.task.webhookId === task.webhookId),
    );
    await quiet();
    expect(idsOf(receiver.requests)).toEqual(Array<string>(6).fill(task.webhookId));
    const timestamps = receiver.requests.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(timestamps).toEqual([...timestamps].sort((a, b) => a - b));
    expect(receiver.requests.every((request) => fixture.isSigned(request))).toBe(true);
    expect(letter).toMatchObject({ reason: 'attempts-exhausted', task: { attempts: 6, body: task.body } });
    expect(await fixture.outcomes(task.webhookId)).toEqual([...Array<string>(6).fill('failed'), 'dead']);
    const [row] = (await fixture.rows()).filter(({ webhook_id }) => webhook_id === task.webhookId);
    expect(row).toMatchObject({ status: 500, response: 'no luck' });
  });

  it('that succeeds at a later attempt is not tried again', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, receiver.url));
    receiver.answer(({ index }) => (index < 2 ? 503 : 204));
    const task = fixture.task(id);
    await fixture.send([task]);
    await eventually(() => receiver.requests.length === 3);
    await quiet();
    expect(await fixture.outcomes(task.webhookId)).toEqual(['failed', 'failed', 'delivered']);
    expect(receiver.requests).toHaveLength(3);
  });

  it('that is answered 503 with Retry-After comes back then, not by the schedule', async () => {
    const id = nextSubscription();
    const settings = { retryDelaysMs: [3_600_000] };
    await fixture.subscribe(fixture.subscription(id, receiver.url, { settings }));
    receiver.answer(({ index }) => (index === 0 ? { status: 503, headers: { 'retry-after': '1' } } : 200));
    await fixture.send([fixture.task(id)]);
    await eventually(() => receiver.requests.length === 2);
  });

  it('that nobody takes is tried and dead like one that is refused', async () => {
    const id = nextSubscription();
    const closed = await startReceiver();
    await closed.close();
    await fixture.subscribe(fixture.subscription(id, closed.url, { settings: { retryDelaysMs: [100] } }));
    const task = fixture.task(id);
    await fixture.send([task]);
    await eventually(async () => (await fixture.outcomes(task.webhookId)).includes('dead'));
    expect(await fixture.outcomes(task.webhookId)).toEqual(['failed', 'failed', 'dead']);
  });

  it('that is not answered has timed out, and the next attempt is a new one', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, receiver.url, { settings: { timeoutMs: 300 } }));
    receiver.answer(({ index }) => (index === 0 ? 'hang' : 200));
    const task = fixture.task(id);
    await fixture.send([task]);
    await eventually(async () => (await fixture.outcomes(task.webhookId)).includes('delivered'));
    expect(await fixture.outcomes(task.webhookId)).toEqual(['timedOut', 'delivered']);
  });

  it('that has expired is dead without a request', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, receiver.url));
    const task = fixture.task(id, { expiresAtMs: Date.now() - 1 });
    await fixture.send([task]);
    await eventually(async () => (await fixture.outcomes(task.webhookId)).includes('expired'));
    const letters = await fixture.deadLetters();
    expect(letters.find((dead) => dead.task.webhookId === task.webhookId)?.reason).toBe('expired');
    expect(receiver.requests).toHaveLength(0);
  });

  it('to a private address that nobody allowed is dead at once and not even dialled', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, 'http://10.255.255.1:8080/'));
    const task = fixture.task(id);
    await fixture.send([task]);
    await eventually(async () => (await fixture.outcomes(task.webhookId)).includes('dead'));
    expect(await fixture.outcomes(task.webhookId)).toEqual(['unsendable', 'dead']);
    const row = (await fixture.rows()).find(({ webhook_id }) => webhook_id === task.webhookId);
    const none = { status: null, response: null, url_hash: null };
    expect(row).toMatchObject({ error: 'the address is not allowed', ...none });
  });

  it('waits for a subscription whose record comes later', async () => {
    const id = nextSubscription();
    const task = fixture.task(id);
    await fixture.send([task]);
    await eventually(async () => (await fixture.kafka.readToEnd('relay.deliveries.retry.1s')).length > 0);
    await fixture.subscribe(fixture.subscription(id, receiver.url));
    await eventually(() => receiver.requests.length === 1);
    expect(idsOf(receiver.requests)).toEqual([task.webhookId]);
  });

  it('of a deleted subscription is dropped, and counted as dropped', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, receiver.url));
    receiver.answer(500);
    const task = fixture.task(id);
    await fixture.send([task]);
    await eventually(() => receiver.requests.length > 0);
    await fixture.unsubscribe(id);
    await eventually(async () => (await fixture.outcomes(task.webhookId)).at(-1) === 'dropped');
    await quiet();
    const letters = await fixture.deadLetters();
    expect(letters.some((dead) => dead.task.webhookId === task.webhookId)).toBe(false);
  });
});

describe('deliveries of one record', () => {
  it('go out one after the other in their order while others overtake them', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, receiver.url));
    let open = 0;
    let most = 0;
    receiver.answer(async ({ body }) => {
      if (!body.includes('"slow"')) return 200;
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 20));
      open--;
      return 200;
    });
    const slow = Array.from({ length: 20 }, () =>
      fixture.task(id, { record: 'sale.order,1', body: Buffer.from('"slow"') }),
    );
    const others = Array.from({ length: 20 }, () => fixture.task(id));
    await fixture.send([...slow, ...others]);
    await eventually(() => receiver.requests.length === 40);
    const ofRecord = receiver.requests.filter(({ body }) => body.includes('"slow"'));
    expect(idsOf(ofRecord)).toEqual(slow.map((task) => task.webhookId));
    expect(most).toBe(1);
    expect(receiver.requests.at(-1)?.body.toString()).toBe('"slow"');
  });

  it('keep their order when they are more than the endpoint can take and are put off', async () => {
    const id = nextSubscription();
    await fixture.subscribe(fixture.subscription(id, receiver.url));
    // Slower than prompt: else the lane would keep them all.
    receiver.answer({ status: 200, delayMs: 300 });
    const records = Array.from({ length: 40 }, (_, index) => `sale.order,${index}`);
    const tasks = Array.from({ length: 400 }, (_, index) =>
      fixture.task(id, { record: records[(index * 7) % records.length] ?? '' }),
    );
    for (let index = 0; index < tasks.length; index += 100) {
      await fixture.send(tasks.slice(index, index + 100));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await eventually(() => receiver.requests.length === tasks.length);
    const received = idsOf(receiver.requests);
    for (const record of records) {
      const sent = tasks.filter((task) => task.record === record).map((task) => task.webhookId);
      expect(received.filter((webhookId) => sent.includes(webhookId))).toEqual(sent);
    }
    await quiet();
    const putOff = (await fixture.kafka.readToEnd('relay.deliveries.retry.1s')).filter(
      ({ headers }) => headers['subscription-id'] === id,
    );
    expect(putOff.length).toBeGreaterThan(0);
    expect(putOff.every(({ headers }) => headers['attempt'] === '0')).toBe(true);
  });
});
