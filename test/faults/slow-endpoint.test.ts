import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import type { DeliverySettings } from '#libs/subscription';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Answer, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { endsOf, quiet, retryRecords } from './delivery-ledger.js';

const stack = testStack();
let fixture: DeliveryFixture;
let receiver: Receiver;
let subscriptions = 0;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  await fixture.startApp({
    CATCH_UP_PER_S: '1000',
    BREAKER_VOLUME: '10000',
    BREAKER_RESET_MS: '200',
  });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

async function subscribe(settings: Partial<DeliverySettings>): Promise<string> {
  const id = `sub-${++subscriptions}`;
  await fixture.subscribe(fixture.subscription(id, receiver.url, { settings }));
  return id;
}

describe('under load', () => {
  it('a subscription gets no more requests a second than it asks for, and all of them', async () => {
    const rateLimitPerS = 40;
    const id = await subscribe({ rateLimitPerS });
    const tasks = Array.from({ length: 300 }, () => fixture.task(id));
    await fixture.send(tasks);
    await quiet(fixture);
    expect(endsOf(await fixture.rows(), tasks)).toEqual({ delivered: tasks.length });
    const atMs = receiver.requests.map(({ receivedAtMs }) => receivedAtMs);
    // Whatever the machine does, so many can only come in so much time; a little may have been held up on the way.
    const tookMs = (atMs.at(-1) ?? 0) - (atMs[0] ?? 0);
    expect(tookMs).toBeGreaterThan(((tasks.length - 1) / rateLimitPerS) * 1_000 * 0.9);
    // What has to wait for the rate is not written again and again.
    expect((await retryRecords(fixture, id)).length).toBeLessThan(10 * tasks.length);
  });

  it('a subscription has no more requests under way than it asks for', async () => {
    const id = await subscribe({ concurrency: 3 });
    let open = 0;
    let most = 0;
    receiver.answer(async () => {
      most = Math.max(most, ++open);
      await delay(40);
      open--;
      return 200;
    });
    const tasks = Array.from({ length: 200 }, () => fixture.task(id));
    await fixture.send(tasks);
    await quiet(fixture);
    expect(most).toBe(3);
    expect(endsOf(await fixture.rows(), tasks)).toEqual({ delivered: tasks.length });
  });

  it('Retry-After comes before the schedule, whether it is later or sooner', async () => {
    const later = await subscribe({ retryDelaysMs: [50] });
    receiver.answer({ status: 429, headers: { 'retry-after': '60' } });
    const task = fixture.task(later);
    await fixture.send([task]);
    const [record] = await eventually(async () => {
      const found = await retryRecords(fixture, later);
      return found.length > 0 && found;
    });
    const [row] = (await fixture.rows()).filter(({ webhook_id }) => webhook_id === task.webhookId);
    expect(Number(record?.headers['due-at']) - Number(row?.at_ms)).toBeGreaterThanOrEqual(59_999);
    expect(receiver.requests).toHaveLength(1);

    const sooner = await subscribe({ retryDelaysMs: [3_600_000] });
    receiver.answer(({ index }) => (index === 1 ? { status: 503, headers: { 'retry-after': '1' } } : 200));
    const other = fixture.task(sooner);
    await fixture.send([other]);
    await eventually(async () => (await fixture.outcomes(other.webhookId)).includes('delivered'));
  });

  it.each<[string, Answer]>([
    ['429', 429],
    ['502', 502],
    ['504', 504],
    ['no answer in time', 'hang'],
  ])(
    'an endpoint that says %s gets fewer requests at a time, and more again when it answers',
    async (_, answer) => {
      const id = await subscribe({ retryDelaysMs: [300, 300, 300], timeoutMs: 1_000 });
      let open = 0;
      /** Most requests under way among those with an index from here on. */
      const most = { before: 0, after: 0 };
      const slowFrom = 60;
      const slowTo = 64;
      receiver.answer(async ({ index }) => {
        if (index >= slowFrom && index < slowTo) return answer;
        open++;
        if (index < slowFrom) most.before = Math.max(most.before, open);
        if (index >= slowTo + 16 && index < slowTo + 24) most.after = Math.max(most.after, open);
        await delay(30);
        open--;
        return 200;
      });
      const tasks = Array.from({ length: 300 }, () => fixture.task(id));
      await fixture.send(tasks);
      await quiet(fixture);
      expect(endsOf(await fixture.rows(), tasks)).toEqual({ delivered: tasks.length });
      expect(most.before).toBe(16);
      expect(most.after).toBeLessThan(most.before);
    },
  );
});
