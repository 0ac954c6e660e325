import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { ControlClient } from '../../e2e/control-client.js';
import { DeliveryFixture } from '../../e2e/delivery-fixture.js';
import { startApp, type StartedApp } from '../../harness/apps.js';
import { eventually } from '../../harness/eventually.js';
import { startReceiver, type Receiver } from '../../harness/receiver.js';
import { testStack } from '../../harness/stack.js';
import { dieInMasses, MemoryWatch, smallHeap } from '../redrive-memory.js';

const stack = testStack();
let fixture: DeliveryFixture;
let control: StartedApp;
let client: ControlClient;
let live: Receiver;
let replayed: Receiver;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  // Control's rate is to hold them up, and not delivery's own.
  await fixture.startApp({ CATCH_UP_PER_S: '1000' });
  const environment = await ControlClient.environment(stack, fixture.secretsKey);
  control = await startApp('control', { ...environment, ...smallHeap });
  client = new ControlClient(control.url);
  live = await startReceiver();
  replayed = await startReceiver();
});

afterAll(async () => {
  await control.stop();
  await fixture.close();
  await Promise.all([live.close(), replayed.close()]);
});

const count = 100_000;
/** All the rest is on the same machine: what keeps its processors busy would hold up anything. */
const ratePerSecond = 400;
const liveEveryMs = 40;
/** A busy machine may hold up one in a hundred a little; behind a queue of replays it would be minutes. */
const mostSlowerMs = 1_000;
const mostGrowthMb = 110;

/** Sends live deliveries as long as `holds`; gives how long the slowest took but for 1 %. */
async function liveP99Ms(subscriptionId: string, holds: () => Promise<boolean>): Promise<number> {
  live.forget();
  const sentAtMs = new Map<string, number>();
  const over = new AbortController();
  const watching = (async () => {
    while (await holds()) await delay(250);
    over.abort();
  })();
  while (!over.signal.aborted) {
    const task = fixture.task(subscriptionId);
    sentAtMs.set(task.webhookId, Date.now());
    await fixture.send([task]);
    await delay(liveEveryMs);
  }
  await watching;
  await eventually(() => live.requests.length >= sentAtMs.size);
  const tookMs = live.requests
    .map(({ headers, receivedAtMs }) => receivedAtMs - (sentAtMs.get(String(headers['webhook-id'])) ?? 0))
    .sort((left, right) => left - right);
  return tookMs[Math.floor(tookMs.length * 0.99)] ?? Infinity;
}

describe('control', () => {
  it('fault 112: 100,000 dead letters sent once more keep rate and ids, and hold up no live delivery', async () => {
    const liveId = await client.subscribe(live.url);
    const id = await client.subscribe(replayed.url);
    const ids = await dieInMasses(fixture, id, { count, bodyBytes: 1_000 });
    let quietUntilMs = Date.now() + 3_000;
    // The first ones warm it up.
    await liveP99Ms(liveId, () => Promise.resolve(Date.now() < quietUntilMs));
    quietUntilMs = Date.now() + 20_000;
    const quietP99Ms = await liveP99Ms(liveId, () => Promise.resolve(Date.now() < quietUntilMs));

    const memory = new MemoryWatch(control.pid);
    const startedMs = performance.now();
    const { id: redriveId } = await client.redrive({ subscriptionId: id, ratePerS: ratePerSecond });
    const p99Ms = await liveP99Ms(
      liveId,
      async () => (await client.readRedrive(redriveId)).state === 'running',
    );
    const tookMs = performance.now() - startedMs;
    const grownMb = memory.end();

    expect(await client.readRedrive(redriveId)).toMatchObject({ state: 'done', matched: count, sent: count });
    await eventually(() => replayed.requests.length >= count, { timeoutMs: 600_000 });
    const received = new Set(replayed.requests.map(({ headers }) => headers['webhook-id']));
    expect(ids.filter((each) => !received.has(each))).toEqual([]);
    expect(replayed.requests).toHaveLength(count);
    // The first step goes at once.
    expect(tookMs).toBeGreaterThan((count / ratePerSecond) * 1_000 * 0.9);
    expect(p99Ms).toBeLessThan(quietP99Ms + mostSlowerMs);
    expect(grownMb).toBeLessThan(mostGrowthMb);
  });
});
