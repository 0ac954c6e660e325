import { expect, it } from '@jest/globals';
import { oauth1UnderTest } from '../../apps/control/test/oauth1-under-test.js';
import { sendMutated } from './oauth1-mutated.js';

const oauth1 = oauth1UnderTest();

it('R15: of 2,000 signed requests that were changed in one place none is accepted', async () => {
  const run = await sendMutated(oauth1, 2_000, 5849);
  expect(run.accepted).toEqual([]);
  expect(run.wronglyRefused).toEqual([]);
  expect([run.sent, run.kinds]).toEqual([2_000, 17]);
});
