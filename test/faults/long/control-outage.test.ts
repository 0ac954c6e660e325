import { afterAll, beforeAll, it } from '@jest/globals';
import type { Stack } from '#embedded';
import { startPrivateStack, testStack } from '../../harness/stack.js';
import { ControlledPipeline } from '../control-outage.js';
import { expectInOrder, expectWholeHistory, goThroughOutage } from '../control-stopped.js';

const outageMs = 600_000;
const stack = testStack();
let own: Stack;
let pipeline: ControlledPipeline;

beforeAll(async () => {
  own = await startPrivateStack({ only: ['postgres'] });
  pipeline = await ControlledPipeline.start(stack, await own.createDatabase('control'));
}, 180_000);

afterAll(async () => {
  await pipeline.close();
  await own.stop();
});

it('without control and its Postgres for ten minutes changes go on in order, and the history is whole afterwards', async () => {
  const subscriptionId = await pipeline.subscribe('all');
  pipeline.startWriting();
  await goThroughOutage(pipeline, { own, subscriptionId, outageMs });
  await pipeline.stopWriting();
  await expectWholeHistory(pipeline);
  expectInOrder(pipeline, 'all');
}, 900_000);
