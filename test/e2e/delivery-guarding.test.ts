import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryTopics, retryTiers, writeTask } from '#libs/delivery-task';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { DeliveryFixture, idsOf } from './delivery-fixture.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  receiver = await startReceiver();
  await fixture.subscribe(fixture.subscription('sub-1', receiver.url));
  await fixture.startApp({ BREAKER_RESET_MS: '2000' });
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

describe('a record that cannot be read', () => {
  it('stops nothing and is found again with its bytes, its place and the reason', async () => {
    const good = fixture.task('sub-1');
    const written = writeTask(good, deliveryTopics.first);
    const poison = Buffer.from([0, 1, 2, 0xff]);
    const partition = 3;
    const at = (topic: string, value: Buffer | null, headers: Record<string, string>) => ({
      ...written,
      topic,
      partition,
      value,
      headers,
    });
    const [tier] = retryTiers;
    await fixture.publisher.publish([
      { topic: deliveryTopics.first, partition, key: null, value: poison },
      { topic: deliveryTopics.first, partition, key: poison, value: poison, headers: { 'webhook-id': '\0' } },
      at(deliveryTopics.first, null, { ...written.headers }),
      at(deliveryTopics.first, poison, { ...written.headers, sequence: '1e9' }),
      at(tier?.topic ?? '', poison, { ...written.headers, 'due-at': 'tomorrow' }),
      { ...written, partition },
    ]);
    await eventually(() => receiver.requests.length > 0);
    expect(idsOf(receiver.requests)).toEqual([good.webhookId]);
    const rejected = await eventually(async () => {
      const found = await fixture.rejected();
      return found.length >= 5 && found;
    });
    const reasons = rejected.map(({ headers }) => `${headers['origin-topic']} ${headers['reason']}`);
    expect(reasons.sort()).toEqual(
      [
        'relay.deliveries header subscription-id is missing',
        'relay.deliveries header subscription-id is missing',
        'relay.deliveries it has no body',
        'relay.deliveries header sequence is not valid',
        'relay.deliveries.retry.1s header due-at is not valid',
      ].sort(),
    );
    expect(rejected[0]?.value).toEqual(poison);
    expect(rejected[0]?.headers).toMatchObject({ 'origin-partition': '3', 'origin-offset': '0' });
    await eventually(() => fixture.isQuiet());
  });
});

describe('an endpoint that hangs', () => {
  it('does not hold up others, not even of its own partition', async () => {
    const hanging = await startReceiver('hang');
    const timeoutMs = 20_000;
    await fixture.subscribe(fixture.subscription('hangs', hanging.url, { settings: { timeoutMs } }));
    receiver.forget();
    const stuck = Array.from({ length: 600 }, () => fixture.task('hangs'));
    const others = Array.from({ length: 300 }, () => fixture.task('sub-1'));
    const partition = 5;
    const inOnePartition = [...stuck, ...others].map((task) => ({
      ...writeTask(task, deliveryTopics.first),
      partition,
    }));
    await fixture.publisher.publish(inOnePartition);
    await eventually(() => receiver.requests.length === others.length);
    expect(hanging.requests.length).toBeGreaterThan(0);
    // All of them are still waiting for their answer: nobody was served because the hanging ones had ended.
    const rows = await fixture.rows();
    expect(rows.map((row) => row.subscription_id)).not.toContain('hangs');
    await hanging.close();
  });
});

describe('an endpoint that fails and fails', () => {
  it('is left alone for a while by its breaker, without using up attempts', async () => {
    const down = await startReceiver(500);
    const settings = { retryDelaysMs: [100, 100, 100], disableAfter: 1_000 };
    await fixture.subscribe(fixture.subscription('down', down.url, { settings }));
    const tasks = Array.from({ length: 200 }, () => fixture.task('down'));
    await fixture.send(tasks);
    const deferred = async (): Promise<number> => {
      const topics = await Promise.all(retryTiers.map(({ topic }) => fixture.kafka.readToEnd(topic)));
      const put = topics.flat().filter(({ headers }) => headers['deferred'] !== undefined);
      return put.filter(({ headers }) => headers['subscription-id'] === 'down').length;
    };
    await eventually(async () => (await deferred()) > 50);
    expect(down.requests.length).toBeLessThan(200);
    down.answer(200);
    await eventually(() => new Set(idsOf(down.requests)).size === 200, { timeoutMs: 60_000 });
    const rows = (await fixture.rows()).filter((row) => row.subscription_id === 'down');
    expect(rows.some((row) => row.outcome === 'dead')).toBe(false);
    const { length: rejected } = (await fixture.rejected()).filter(
      ({ headers }) => headers['origin-headers']?.includes('"down"') === true,
    );
    expect(rejected).toBe(0);
    await down.close();
  });
});
