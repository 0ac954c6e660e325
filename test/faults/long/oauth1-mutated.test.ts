import { expect, it } from '@jest/globals';
import { oauth1UnderTest } from '../../../apps/control/test/oauth1-under-test.js';
import { sendMutated } from '../oauth1-mutated.js';

const oauth1 = oauth1UnderTest();

it('R15: of 100,000 signed requests that were changed in one place none is accepted, each refused in 50 ms', async () => {
  const seed = Date.now() % 2 ** 32;
  const run = await sendMutated(oauth1, 100_000, seed);
  console.log(`seed ${String(seed)}: 99 % refused within ${run.p99Ms.toFixed(1)} ms`);
  expect(run.accepted).toEqual([]);
  expect(run.wronglyRefused).toEqual([]);
  expect(run.p99Ms).toBeLessThanOrEqual(50);
});
