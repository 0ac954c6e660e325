import { describe, expect, it } from '@jest/globals';
import type { Change } from '#libs/change';
import { Subject } from '#libs/event';
import type { Subscription, SubscriptionState } from '#libs/subscription';
import { eventOf, source } from '../../../libs/event/test/event-samples.js';
import { subscriptionOf } from '../test/subscription-samples.js';
import { SubscriptionIndex } from './subscription-index.js';

const order = (change: Partial<Change> = {}): Change => eventOf({ change }).change;
const confirmed = order({ before: { state: 'draft' }, after: { state: 'sale' }, changed: ['state'] });

function indexOf(...subscriptions: ReturnType<typeof subscriptionOf>[]): SubscriptionIndex {
  const index = new SubscriptionIndex();
  subscriptions.forEach((subscription) => {
    index.setSubscription(subscription.id, subscription);
  });
  return index;
}

const columns = new Map(['state', 'name', 'note'].map((name) => [name, { name, kind: 'text' } as const]));

function named(index: SubscriptionIndex, change: Change): string[] {
  const { matches } = index.matches(new Subject(change), columns);
  return matches.map(({ listener, eventType }) => `${listener.subscription.id} ${eventType}`);
}

function stateOf(state: SubscriptionState['state'], enabledEpoch: number): SubscriptionState {
  const counts = { consecutiveDead: 5, countedWebhookIds: [], attemptsOffset: 0n };
  return { subscriptionId: 's', state, enabledEpoch, ...counts, sinceMs: 0n, reason: null, breaker: null };
}

describe('who gets a change', () => {
  it('nobody where it is of a relation table, which has no model', () => {
    const types = ['.updated', 'sale_order_tag_rel.updated', 'sale.order.updated'];
    const index = indexOf(subscriptionOf({ id: 'all', eventTypes: types }));
    const relation = { ...source, table: 'sale_order_tag_rel', model: '' };
    expect(named(index, order({ source: relation }))).toEqual([]);
  });

  it('those of its database that want an event type it bears, and no others', () => {
    const index = indexOf(
      subscriptionOf({ id: 'confirmed', eventTypes: ['sale.order.confirmed'] }),
      subscriptionOf({ id: 'updated', eventTypes: ['sale.order.updated'] }),
      subscriptionOf({ id: 'created', eventTypes: ['sale.order.created'] }),
      subscriptionOf({ id: 'elsewhere', eventTypes: ['sale.order.updated'], database: 'other' }),
      subscriptionOf({ id: 'other model', eventTypes: ['res.partner.updated'] }),
    );
    expect(named(index, confirmed)).toEqual(['confirmed sale.order.confirmed', 'updated sale.order.updated']);
    expect(named(index, order())).toEqual(['updated sale.order.updated']);
  });

  it('a subscription gets a change once, named after the first of its event types that matches', () => {
    const both = ['sale.order.confirmed', 'sale.order.updated'];
    const index = indexOf(
      subscriptionOf({ id: 'a', eventTypes: both }),
      subscriptionOf({ id: 'b', eventTypes: both.toReversed() }),
      subscriptionOf({ id: 'c', eventTypes: ['sale.order.updated', ...both] }),
    );
    expect(named(index, confirmed).sort()).toEqual([
      'a sale.order.confirmed',
      'b sale.order.updated',
      'c sale.order.updated',
    ]);
  });

  it('an event type that is not known matches nothing and harms no other', () => {
    const index = indexOf(
      subscriptionOf({ id: 's', eventTypes: ['sale.order.exploded', 'sale.order.updated', ''] }),
    );
    expect(named(index, order())).toEqual(['s sale.order.updated']);
  });

  it('changes read before the subscription began are not for it', () => {
    const index = indexOf(
      subscriptionOf({ id: 'then', eventTypes: ['sale.order.updated'], sinceMs: source.ts_ms }),
      subscriptionOf({ id: 'later', eventTypes: ['sale.order.updated'], sinceMs: source.ts_ms + 1n }),
    );
    expect(named(index, order())).toEqual(['then sale.order.updated']);
  });

  it('nobody gets what is no event', () => {
    const index = indexOf(
      subscriptionOf({ id: 's', eventTypes: ['sale.order.updated', 'sale.order.created'] }),
    );
    expect(named(index, order({ changed: ['write_date'] }))).toEqual([]);
    expect(named(index, order({ op: 'r', changed: null }))).toEqual([]);
  });
});

describe('subscriptions that change', () => {
  const subscription = subscriptionOf({ id: 's', eventTypes: ['sale.order.updated'], enabledEpoch: 1 });

  it('one that was deleted gets nothing', () => {
    const index = indexOf(subscription);
    index.setSubscription('s', undefined);
    expect(named(index, order())).toEqual([]);
  });

  it('what it no longer wants it no longer gets', () => {
    const index = indexOf(subscription);
    index.setSubscription('s', { ...subscription, eventTypes: ['sale.order.created'] });
    expect(named(index, order())).toEqual([]);
    expect(named(index, order({ op: 'c' }))).toEqual(['s sale.order.created']);
    index.setSubscription('s', { ...subscription, database: 'other' });
    expect(named(index, order({ op: 'c' }))).toEqual([]);
  });

  it('one that its owner switched off gets nothing until it is switched on', () => {
    const index = indexOf({ ...subscription, enabled: false });
    expect(named(index, order())).toEqual([]);
    index.setSubscription('s', subscription);
    expect(named(index, order())).toEqual(['s sale.order.updated']);
  });

  it.each(['state first', 'subscription first'])(
    'one that delivery disabled gets nothing (%s)',
    (orderOfArrival) => {
      const index = new SubscriptionIndex();
      const steps = [
        () => {
          index.setState('s', stateOf('disabled', 1));
        },
        () => {
          index.setSubscription('s', subscription);
        },
      ];
      (orderOfArrival === 'state first' ? steps : steps.toReversed()).forEach((step) => {
        step();
      });
      expect(named(index, order())).toEqual([]);
      index.setSubscription('s', { ...subscription, enabledEpoch: 2 });
      expect(named(index, order())).toEqual(['s sale.order.updated']);
    },
  );

  it('a state that is gone or only failing disables nothing', () => {
    const index = indexOf(subscription);
    index.setState('s', stateOf('failing', 1));
    expect(named(index, order())).toEqual(['s sale.order.updated']);
    index.setState('s', stateOf('disabled', 1));
    index.setState('s', undefined);
    expect(named(index, order())).toEqual(['s sale.order.updated']);
  });
});

describe('filters', () => {
  const ids = (index: SubscriptionIndex, change: Change): string[] =>
    named(index, change).map((text) => text.replace(/ sale.order.*/, ''));
  const asking = (id: string, filter: unknown, given: Partial<Subscription> = {}): Subscription =>
    subscriptionOf({ id, eventTypes: ['sale.order.updated'], filter: JSON.stringify(filter), ...given });

  it('those who ask for another value are not even looked at, and nobody is missed', () => {
    const index = indexOf(
      asking('sale', [['state', '=', 'sale']]),
      asking('one of', [['state', 'in', ['sale', 'done']]]),
      asking('either', ['|', ['state', '=', 'sale'], ['name', '=', 'x']]),
      asking('not', ['!', ['state', '=', 'sale']]),
      asking('both', ['&', ['state', '=', 'sale'], ['name', '=', 'x']]),
      asking('draft', [['state', '=', 'draft']]),
    );
    expect(ids(index, confirmed).sort()).toEqual(['either', 'one of', 'sale']);
    expect(ids(index, order({ after: { state: 'draft' } })).sort()).toEqual(['draft', 'not']);
  });

  it('one whose filter changes is found by the new one alone', () => {
    const index = indexOf(asking('s', [['state', '=', 'draft']]));
    index.setSubscription('s', asking('s', [['state', '=', 'sale']]));
    expect(ids(index, confirmed)).toEqual(['s']);
    expect(ids(index, order({ after: { state: 'draft' } }))).toEqual([]);
    index.setSubscription('s', undefined);
    expect(ids(index, confirmed)).toEqual([]);
  });

  it('those who wait for a field find it among several that changed, once', () => {
    const fieldChanges = JSON.stringify([{ field: 'state' }, { field: 'note' }]);
    const index = indexOf(subscriptionOf({ id: 's', eventTypes: ['sale.order.updated'], fieldChanges }));
    expect(ids(index, order({ changed: ['note', 'state', 'name'] }))).toEqual(['s']);
    expect(ids(index, order({ changed: ['name'] }))).toEqual([]);
  });

  it('a poison subscription stops only itself, and is named with its reason', () => {
    const index = indexOf(
      asking('poison', [['colour', '=', 'red']]),
      asking('good', [['state', '=', 'sale']]),
    );
    const { matches, poisoned } = index.matches(new Subject(confirmed), columns);
    expect(matches.map(({ listener }) => listener.subscription.id)).toEqual(['good']);
    expect(poisoned.map(({ subscription, reason }) => `${subscription.id}: ${reason}`)).toEqual([
      'poison: [0][0]: sale.order has no captured field colour',
    ]);
  });

  it('one that cannot be read gets nothing, says why, and is read again when it changes', () => {
    const broken = subscriptionOf({ id: 's', eventTypes: ['sale.order.updated'], filter: '["&"]' });
    const index = indexOf(broken);
    expect(ids(index, confirmed)).toEqual([]);
    expect(index.whyUnreadable('s')).toBe('its filter: [0]: "&" stands before two terms');
    index.setSubscription('s', { ...broken, filter: '[]' });
    expect([ids(index, confirmed), index.whyUnreadable('s')]).toEqual([['s'], undefined]);
  });
});

it('the cost grows with the matches, not with the subscriptions of other models and databases', () => {
  const index = indexOf(subscriptionOf({ id: 's', eventTypes: ['sale.order.updated'] }));
  let looked = 0;
  for (let n = 0; n < 10_000; n++) {
    const other = subscriptionOf({
      id: `o${n}`,
      eventTypes: ['res.partner.updated'],
      database: `db${n % 7}`,
    });
    const watched = new Proxy(other, {
      get: (target, name, receiver): unknown => {
        looked++;
        return Reflect.get(target, name, receiver);
      },
    });
    index.setSubscription(other.id, watched);
  }
  looked = 0;
  expect(named(index, order())).toEqual(['s sale.order.updated']);
  expect(looked).toBe(0);
});
