import { expect } from '@jest/globals';
import { retryTiers, type DeliveryTask } from '#libs/delivery-task';
import { delay } from '#libs/process';
import { DeliveryFixture, idsOf } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver } from '../harness/receiver.js';
import { quiet } from './delivery-ledger.js';
import { MemoryWatch } from './redrive-memory.js';

export interface Backlog {
  deliveries: number;
  /** They repeat: one after the other in this many. */
  records: number;
  bodyBytes: number;
  /** How long the endpoint stays dead after all of it has been read once. */
  deadMs: number;
  drainTimeoutMs: number;
}

export interface BacklogFigures {
  rssStartMb: number;
  rssGrownMb: number;
  /** Of the second half of the dead time over the first: what grows with time. */
  rssSlopeMb: number;
  /** Records written to retry topics for each delivery. */
  rewrites: number;
  /** While it was dead, of 100. */
  othersDelivered: number;
  drainedPerS: number;
  attempts: number;
}

const pageSize = 2_000;

/**
 * A dead endpoint is sent a backlog while others are alive; it comes back and has to get all of it, each record's
 * changes in their order.
 */
export async function workOffBacklog(
  fixture: DeliveryFixture,
  app: { pid: number },
  { deliveries, records, bodyBytes, deadMs, drainTimeoutMs }: Backlog,
): Promise<BacklogFigures> {
  const dead = await startReceiver('reset');
  const alive = await startReceiver();
  // Only the breaker is to be seen: a first attempt that fails would go its own way.
  const settings = { retryDelaysMs: Array<number>(10).fill(1_000), disableAfter: 100_000 };
  await fixture.subscribe(fixture.subscription('dead', dead.url, { settings }));
  await fixture.subscribe(fixture.subscription('alive', alive.url));
  const first = fixture.task('alive');
  await fixture.send([first]);
  await eventually(() => alive.requests.length === 1);
  const memory = new MemoryWatch(app.pid);

  const text = 'x'.repeat(bodyBytes);
  const sequences = new Map<string, bigint>();
  for (let done = 0; done < deliveries; done += pageSize) {
    const page = Array.from({ length: Math.min(pageSize, deliveries - done) }, (_, index) =>
      fixture.task('dead', {
        record: `product.product,${(done + index) % records}`,
        body: Buffer.from(text),
      }),
    );
    for (const { webhookId, sequence } of page) sequences.set(webhookId, sequence);
    await fixture.send(page);
  }
  await eventually(async () => (await fixture.kafka.lag('relay-delivery', ['relay.deliveries'])) === 0n, {
    timeoutMs: drainTimeoutMs,
    pollMs: 200,
  });

  const others: DeliveryTask[] = [];
  const rssMb: number[] = [];
  for (let turn = 0; turn < 100; turn++) {
    const task = fixture.task('alive');
    others.push(task);
    await fixture.send([task]);
    rssMb.push(memory.nowMb());
    await delay(deadMs / 100);
  }
  await eventually(() => alive.requests.length === others.length + 1);
  const othersDelivered = new Set(idsOf(alive.requests.slice(1))).size;

  const attemptsWhileDead = dead.requests.length;
  dead.answer(200);
  const backAtMs = performance.now();
  const received = (): number => dead.requests.length - attemptsWhileDead;
  await eventually(() => received() >= deliveries, {
    timeoutMs: drainTimeoutMs,
    pollMs: 200,
    describe: () => `${received()} of ${deliveries} after the endpoint came back`,
  });
  const drainedPerS = deliveries / ((performance.now() - backAtMs) / 1_000);
  await quiet(fixture, 120_000);
  const grownMb = memory.end();

  const drained = dead.requests.slice(attemptsWhileDead);
  const tried = new Set(idsOf(dead.requests.slice(0, attemptsWhileDead)));
  expect(new Set(idsOf(drained)).size).toBe(deliveries);
  expectInOrder(
    drained.map(({ headers }) => String(headers['webhook-id'])),
    { sequences, records, tried },
  );
  const half = rssMb.length / 2;
  const figures = {
    rssStartMb: Math.round(memory.startMb),
    rssGrownMb: Math.round(grownMb),
    rssSlopeMb: Math.round(mean(rssMb.slice(half)) - mean(rssMb.slice(0, half))),
    rewrites: (await retryRecordCount(fixture)) / deliveries,
    othersDelivered,
    drainedPerS: Math.round(drainedPerS),
    attempts: dead.requests.length,
  };
  await Promise.all([dead.close(), alive.close()]);
  return figures;
}

/** A delivery that failed is a retry and may be overtaken: those few are left out. */
function expectInOrder(
  ids: readonly string[],
  given: { sequences: ReadonlyMap<string, bigint>; records: number; tried: ReadonlySet<string> },
): void {
  const newest = new Map<bigint, bigint>();
  const overtaken = ids.filter((id) => {
    const sequence = given.sequences.get(id) ?? 0n;
    if (given.tried.has(id)) return false;
    const record = sequence % BigInt(given.records);
    const known = newest.get(record) ?? 0n;
    if (sequence > known) newest.set(record, sequence);
    return sequence < known;
  });
  expect(overtaken).toEqual([]);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

async function retryRecordCount(fixture: DeliveryFixture): Promise<number> {
  let count = 0;
  for (const { topic } of retryTiers) {
    for (const offset of (await fixture.kafka.offsets(topic, 'end')).values()) count += Number(offset);
  }
  return count;
}
