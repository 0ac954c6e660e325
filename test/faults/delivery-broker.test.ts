import { describe, it } from '@jest/globals';
import { expectToGoOn, usePrivateBroker } from './delivery-broker-faults.js';

usePrivateBroker();

describe('the instances of delivery', () => {
  it('fault 46: are back in their group by themselves when its coordinator was killed', async () => {
    await expectToGoOn('killed', 1, 'kill');
  }, 240_000);

  it('fault 52: go on without an error when the broker is restarted in order', async () => {
    await expectToGoOn('restarted', 1, 'stop');
  }, 240_000);
});
