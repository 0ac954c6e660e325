import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '#libs/delivery-task';
import { defaultDeliverySettings, type SubscriptionState } from '#libs/subscription';
import { countRow, type CountedRow } from './consecutive-count.js';

const subscription = { id: 's', enabledEpoch: 0, settings: { ...defaultDeliverySettings, disableAfter: 5 } };

function row(offset: number, id: string, outcome: Outcome, reason: string | null = null): CountedRow {
  return {
    offset: BigInt(offset),
    row: { webhook_id: id, outcome, reason, redrive: null, at_ms: BigInt(offset) },
  };
}
const dead = (offset: number, id = `d${offset}`): CountedRow => row(offset, id, 'dead', 'attempts-exhausted');
const delivered = (offset: number): CountedRow => row(offset, `ok${offset}`, 'delivered');

function count(
  rows: readonly CountedRow[],
  from?: SubscriptionState,
  of = subscription,
): SubscriptionState | undefined {
  return rows.reduce<SubscriptionState | undefined>(
    (state, next) => countRow(of, state, next) ?? state,
    from,
  );
}

describe('the count of dead letters in a row', () => {
  it.each([
    ['dead', 'attempts-exhausted', 1],
    ['dead', 'unsendable', 1],
    ['expired', 'expired', 1],
    ['dead', 'gone', 0],
    ['dead', 'subscription-disabled', 0],
    ['failed', null, 0],
    ['timedOut', null, 0],
    ['unsendable', null, 0],
    ['dropped', null, 0],
  ] as const)('%s (%s) adds %i', (outcome, reason, expected) => {
    expect(count([row(1, 'a', outcome, reason)])?.consecutiveDead ?? 0).toBe(expected);
  });

  it('is announced at half and disables at the limit', () => {
    const states = [1, 2, 3, 4, 5].map(
      (last) => count([1, 2, 3, 4, 5].slice(0, last).map((n) => dead(n)))?.state,
    );
    expect(states).toEqual(['active', 'active', 'failing', 'failing', 'disabled']);
  });

  it('with a limit of one disables at the first', () => {
    const strict = { ...subscription, settings: { ...subscription.settings, disableAfter: 1 } };
    expect(count([dead(1)], undefined, strict)).toMatchObject({ state: 'disabled', consecutiveDead: 1 });
  });

  it('is back to none after one success, however long ago the dead ones were', () => {
    expect(count([dead(1), dead(2), dead(3), delivered(4)])).toMatchObject({
      state: 'active',
      consecutiveDead: 0,
    });
  });

  it('takes a delivery once, also when its row was written again after a success', () => {
    expect(count([dead(1, 'a'), dead(2, 'a'), dead(3, 'b')])?.consecutiveDead).toBe(2);
    expect(count([dead(1, 'a'), delivered(2), dead(3, 'a')])?.consecutiveDead).toBe(0);
  });

  it('is not changed by success once it has disabled the subscription', () => {
    const rows = [1, 2, 3, 4, 5].map((n) => dead(n));
    expect(count([...rows, delivered(6)])).toMatchObject({ state: 'disabled', consecutiveDead: 0 });
  });

  it('begins anew when the subscription is enabled again', () => {
    const before = count([1, 2, 3, 4, 5].map((n) => dead(n)));
    const again = { ...subscription, enabledEpoch: 1 };
    expect(count([dead(6)], before, again)).toMatchObject({
      state: 'active',
      enabledEpoch: 1,
      consecutiveDead: 1,
    });
  });

  it('leaves a gone receiver disabled at once', () => {
    expect(count([row(1, 'a', 'gone')])).toMatchObject({
      state: 'disabled',
      reason: 'gone',
      breaker: null,
      consecutiveDead: 0,
    });
  });

  it('says with the first success that a subscription that was enabled again is not disabled any more', () => {
    const before = count([1, 2, 3, 4, 5].map((n) => dead(n)));
    expect(before?.state).toBe('disabled');
    const again = { ...subscription, enabledEpoch: 1 };
    const after = count([delivered(6)], before, again);
    expect(after).toMatchObject({ state: 'active', enabledEpoch: 1, consecutiveDead: 0, reason: null });
    expect(countRow(again, after, delivered(7))).toBeUndefined();
  });

  it('comes to the same after any crash, from whichever row it is read again', () => {
    const outcome = fc.constantFrom<'dead' | 'delivered' | 'failed'>('dead', 'dead', 'delivered', 'failed');
    const rows = fc.array(fc.tuple(outcome, fc.integer({ min: 0, max: 20 })), { maxLength: 30 });
    fc.assert(
      fc.property(rows, fc.array(fc.nat(30), { maxLength: 5 }), (kinds, crashes) => {
        const log = kinds.map(([kind, id], offset) =>
          kind === 'dead' ? dead(offset, `d${id}`) : row(offset, `x${offset}`, kind),
        );
        const straight = count(log);
        let state: SubscriptionState | undefined;
        for (const crash of crashes) {
          // Read up to somewhere, and then from the beginning of what is kept.
          state = count(log.slice(0, crash), state);
        }
        expect(count(log, state)).toEqual(straight);
      }),
    );
  });

  it('remembers a bounded number of deliveries', () => {
    const rows = Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? dead(n) : delivered(n)));
    expect(count(rows)?.countedWebhookIds.length).toBeLessThanOrEqual(50);
  });
});
