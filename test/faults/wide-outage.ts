import { expect } from '@jest/globals';
import { deliveryTopics, writeTask, type DeliveryTask } from '#libs/delivery-task';
import { delay } from '#libs/process';
import type { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import type { ReceivedRequest, Receiver } from '../harness/receiver.js';
import { endsOf, quiet } from './delivery-ledger.js';

export interface WideOutage {
  endpoints: number;
  /** New deliveries, before, during and after the outage. */
  steadyPerS: number;
  outageMs: number;
  /** How long new deliveries go on after the outage, at most. */
  afterMs: number;
  retryDelaysMs: readonly number[];
}

export interface WideOutageFigures {
  deliveries: number;
  attempts: number;
  /** First attempts and all retries of the schedule up to the end of the outage, and one after it for each. */
  budgeted: number;
  /** In the busiest second after the outage, as a share of what is steadily sent. */
  busiestSecond: number;
  busiestThreeSeconds: number;
  /** Requests after the outage for each delivery that was not made until then. */
  attemptsPerDeliveryAfter: number;
}

/** How many of the times are in the busiest window of that length. */
function busiest(atMs: readonly number[], windowMs: number): number {
  let most = 0;
  let from = 0;
  atMs.forEach((time, index) => {
    while ((atMs[from] ?? time) <= time - windowMs) from++;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

/** All endpoints go down together while new deliveries come at their usual rate, and come back together. */
export async function goThroughOutage(
  fixture: DeliveryFixture,
  receiver: Receiver,
  outage: WideOutage,
): Promise<WideOutageFigures> {
  const { endpoints, steadyPerS, outageMs, afterMs, retryDelaysMs } = outage;
  const ids = Array.from({ length: endpoints }, (_, index) => `shop-${index}`);
  for (const id of ids) {
    // An endpoint of its own for each, as the breakers see it.
    const settings = { retryDelaysMs, disableAfter: 1_000 };
    await fixture.subscribe(fixture.subscription(id, `${receiver.url}${id}`, { settings }));
  }
  const sent = new Map<DeliveryTask, number>();
  const sending = new AbortController();
  const sender = (async () => {
    const startedAtMs = performance.now();
    while (!sending.signal.aborted) {
      const wanted = Math.floor(((performance.now() - startedAtMs) / 1_000) * steadyPerS);
      const tasks = Array.from({ length: wanted - sent.size }, (_, index) =>
        fixture.task(ids[(sent.size + index) % ids.length] ?? ''),
      );
      for (const task of tasks) sent.set(task, Date.now());
      await fixture.publisher.publish(tasks.map((task) => writeTask(task, deliveryTopics.first)));
      await delay(50);
    }
  })();
  // Counted here and not in topics: reading these would hold up the endpoints, which would be taken for a spike.
  const taken = new Set<unknown>();
  const take = ({ headers }: ReceivedRequest): number => {
    taken.add(headers['webhook-id']);
    return 200;
  };
  receiver.answer(take);
  await eventually(() => taken.size > 2 * steadyPerS);
  receiver.answer(503);
  await delay(outageMs);
  receiver.answer(take);
  const recoveredAtMs = Date.now();
  const waiting = sent.size - taken.size;
  const isCaughtUp = (): boolean =>
    sent.size - taken.size < steadyPerS || Date.now() > recoveredAtMs + afterMs;
  await eventually(isCaughtUp, { timeoutMs: afterMs + 30_000, pollMs: 500 });
  const sentAfter = [...sent.values()].filter((atMs) => atMs > recoveredAtMs).length;
  sending.abort();
  await sender;
  await quiet(fixture, 240_000);

  const tasks = [...sent.keys()];
  expect(endsOf(await fixture.rows(), tasks)).toEqual({ delivered: tasks.length });
  const afterAtMs = receiver.requests.map((each) => each.receivedAtMs).filter((at) => at > recoveredAtMs);
  return {
    deliveries: tasks.length,
    attempts: receiver.requests.length,
    budgeted: budgetOf([...sent.values()], recoveredAtMs - outageMs, recoveredAtMs, retryDelaysMs),
    busiestSecond: busiest(afterAtMs, 1_000) / steadyPerS,
    busiestThreeSeconds: busiest(afterAtMs, 3_000) / (3 * steadyPerS),
    attemptsPerDeliveryAfter: afterAtMs.length / (waiting + sentAfter),
  };
}

/** Attempts that a schedule without jitter and without breakers makes: all that fall into the outage, and one more. */
function budgetOf(
  sentAtMs: readonly number[],
  fromMs: number,
  toMs: number,
  retryDelaysMs: readonly number[],
): number {
  let attempts = 0;
  for (const sent of sentAtMs) {
    let atMs = sent;
    attempts++;
    for (const delayMs of atMs < fromMs ? [] : retryDelaysMs) {
      if (atMs >= toMs) break;
      atMs += delayMs;
      attempts++;
    }
  }
  return attempts;
}
