import { describe, expect, it } from '@jest/globals';
import { isActive, type SubscriptionState } from './subscription.js';

function stateOf(state: SubscriptionState['state'], enabledEpoch: number): SubscriptionState {
  const counts = { consecutiveDead: 5, countedWebhookIds: [], attemptsOffset: 0n };
  const rest = { ...counts, sinceMs: 0n, reason: null, breaker: null };
  return { subscriptionId: 'sub_1', state, enabledEpoch, ...rest };
}

describe('a subscription is delivered to', () => {
  it.each([
    ['while nothing is said of it', true, undefined, true],
    ['while it is failing', true, stateOf('failing', 2), true],
    ['not once delivery has disabled it', true, stateOf('disabled', 2), false],
    ['again once it is enabled anew, whatever was said before', true, stateOf('disabled', 1), true],
    ['not while its owner has switched it off', false, stateOf('active', 2), false],
  ])('%s', (_, enabled, state, active) => {
    expect(isActive({ enabled, enabledEpoch: 2 }, state)).toBe(active);
  });
});
