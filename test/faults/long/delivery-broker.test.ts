import { describe, it } from '@jest/globals';
import { expectToGoOn, usePrivateBroker } from '../delivery-broker-faults.js';

usePrivateBroker();

describe('the instances of delivery', () => {
  it('fault 46: are back in their group by themselves each time its coordinator was killed', async () => {
    await expectToGoOn('killed', 6, 'kill');
  });

  it('fault 52: go on without an error each time the broker is restarted in order', async () => {
    await expectToGoOn('restarted', 6, 'stop');
  });
});
