import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Stack } from '#embedded';
import { deliveryTopics } from '#libs/delivery-task';
import { eventually } from '../harness/eventually.js';
import { patienceMs, records, type ControlledPipeline } from './control-outage.js';

export interface ControlOutage {
  /** With control's Postgres, and nobody else's. */
  own: Stack;
  subscriptionId: string;
  outageMs: number;
}

/** Control is ended and its Postgres killed; both come back, in this order: Postgres, control. */
export async function goThroughOutage(
  pipeline: ControlledPipeline,
  { own, subscriptionId, outageMs }: ControlOutage,
): Promise<void> {
  await pipeline.untilMoreIsReceived('all');
  await own.pieces.postgres?.kill();
  await pipeline.control.kill();
  const before = pipeline.received('all').length;
  const endMs = performance.now() + outageMs;
  while (performance.now() < endMs) {
    await delay(Math.min(outageMs / 4, 10_000));
    await pipeline.untilMoreIsReceived('all');
  }
  expect(pipeline.received('all').length).toBeGreaterThan(before);
  await own.pieces.postgres?.start();
  await pipeline.restartControl();
  await expectChangeable(pipeline, subscriptionId);
  await pipeline.untilMoreIsReceived('all');
}

/** Control has come to itself: it says so, and a subscription can be changed and is heard of. */
export async function expectChangeable(pipeline: ControlledPipeline, id: string): Promise<void> {
  await eventually(async () => (await fetch(`${pipeline.control.url}/health/ready`)).ok, {
    timeoutMs: patienceMs,
  });
  const answer = await pipeline.call('PATCH', `/v1/subscriptions/${id}`, { settings: { timeoutMs: 4_000 } });
  expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ id })]);
  await pipeline.untilPublished(id);
}

/** Each change since the first that came, once, and those of each record in their order. */
export function expectInOrder(pipeline: ControlledPipeline, path: string): void {
  const received = pipeline.received(path);
  expect(new Set(received.map(({ change_id: id }) => id)).size).toBe(received.length);
  const first = Math.min(...received.map(({ sequence }) => sequence));
  for (let record = 1; record <= records; record++) {
    const sequences = received.filter(({ record_id: id }) => id === record).map(({ sequence }) => sequence);
    // Sequences of a record are as many apart as there are records.
    const from = first + ((((record - first) % records) + records) % records);
    const length = Math.floor((pipeline.sequence - from) / records) + 1;
    const made = Array.from({ length }, (_, index) => from + index * records);
    expect([record, sequences]).toEqual([record, made]);
  }
}

/** Nothing waits any more, and the history is what the topic is. */
export async function expectWholeHistory(pipeline: ControlledPipeline): Promise<void> {
  const { fixture } = pipeline;
  await eventually(() => fixture.isQuiet(), { timeoutMs: patienceMs });
  const wanted = (await fixture.kafka.readToEnd(deliveryTopics.attempts))
    .map(({ partition, offset }) => `${partition}/${offset}`)
    .sort();
  let found: string[] = [];
  await eventually(
    async () => {
      found = await pipeline.positions();
      return found.length >= wanted.length;
    },
    { timeoutMs: patienceMs, pollMs: 500, describe: () => `${found.length} of ${wanted.length} attempts` },
  );
  expect(found.sort()).toEqual(wanted);
}
