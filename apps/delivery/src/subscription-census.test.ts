import { expect, it } from '@jest/globals';
import type { SubscriptionState } from '#libs/subscription';
import { SubscriptionCensus } from './subscription-census.js';

function stateOf(subscriptionId: string, state: SubscriptionState['state']): SubscriptionState {
  return {
    ...{ subscriptionId, state, enabledEpoch: 0, consecutiveDead: 0, countedWebhookIds: [] },
    ...{ attemptsOffset: 0n, sinceMs: 0n, reason: null, breaker: null },
  };
}

it('the census counts each subscription once, as it is now', () => {
  const census = new SubscriptionCensus();
  census.subscription('a', { enabledEpoch: 0 });
  census.subscription('b', { enabledEpoch: 0 });
  census.state(stateOf('b', 'failing'));
  census.state(stateOf('deleted long ago', 'disabled'));
  expect(Object.fromEntries(census.counts)).toEqual({ active: 1, failing: 1, disabled: 0 });
  census.state(stateOf('a', 'disabled'));
  census.subscription('b', undefined);
  expect(Object.fromEntries(census.counts)).toEqual({ active: 0, failing: 0, disabled: 1 });
  // Enabled again: what was found before counts no more.
  census.subscription('a', { enabledEpoch: 1 });
  expect(Object.fromEntries(census.counts)).toEqual({ active: 1, failing: 0, disabled: 0 });
});
