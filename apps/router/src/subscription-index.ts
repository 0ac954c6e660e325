import type { Change } from '#libs/change';
import {
  bearsEventType,
  eventTypeNamed,
  isActive,
  isEvent,
  type EventType,
  type Subscription,
  type SubscriptionState,
} from '#libs/subscription';

/** A subscription that gets a change, and the event type that names the delivery. */
export interface Match {
  subscription: Subscription;
  eventType: string;
}

interface Wish {
  subscription: Subscription;
  /** The event type's place in the subscription's list: the first that matches names the delivery. */
  rank: number;
}

/** Those who want an event type, by subscription id. */
interface Wanted {
  type: EventType;
  wishes: Map<string, Wish>;
}

/**
 * Who gets a change: by database, model and event type, so that the cost grows with the matches and not with the
 * number of subscriptions. Subscriptions that are not active do not stand in it.
 */
export class SubscriptionIndex {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly states = new Map<string, SubscriptionState>();
  /** `<database>/<model>` -> event type -> who wants it. */
  private readonly wanted = new Map<string, Map<string, Wanted>>();

  /** undefined for one that was deleted. */
  setSubscription(id: string, subscription: Subscription | undefined): void {
    this.remove(id);
    if (subscription === undefined) {
      this.subscriptions.delete(id);
      return;
    }
    this.subscriptions.set(id, subscription);
    this.add(id, subscription);
  }

  setState(id: string, state: SubscriptionState | undefined): void {
    if (state === undefined) {
      this.states.delete(id);
    } else {
      this.states.set(id, state);
    }
    this.setSubscription(id, this.subscriptions.get(id));
  }

  /** Each subscription at most once. */
  matches(change: Change): readonly Match[] {
    const { database, model, ts_ms: readAtMs } = change.source;
    const byType = this.wanted.get(placeOf(database, model));
    if (byType === undefined || !isEvent(change)) {
      return [];
    }
    const best = new Map<string, Match & { rank: number }>();
    for (const [eventType, { type, wishes }] of byType) {
      if (!bearsEventType(change, type)) {
        continue;
      }
      for (const [id, { subscription, rank }] of wishes) {
        if (readAtMs >= subscription.sinceMs && rank < (best.get(id)?.rank ?? Infinity)) {
          best.set(id, { subscription, eventType, rank });
        }
      }
    }
    return [...best.values()];
  }

  private add(id: string, subscription: Subscription): void {
    if (!isActive(subscription, this.states.get(id))) {
      return;
    }
    subscription.eventTypes.forEach((name, rank) => {
      const type = eventTypeNamed(name);
      if (type !== undefined) {
        const wishes = this.wishesFor(subscription.database, type);
        // A type that stands twice in the list keeps its first place.
        wishes.set(id, wishes.get(id) ?? { subscription, rank });
      }
    });
  }

  private remove(id: string): void {
    const subscription = this.subscriptions.get(id);
    for (const name of subscription?.eventTypes ?? []) {
      const type = eventTypeNamed(name);
      if (subscription !== undefined && type !== undefined) {
        this.forget(id, placeOf(subscription.database, type.model), name);
      }
    }
  }

  /** Leaves nothing empty behind, so that memory follows the subscriptions there are. */
  private forget(id: string, place: string, eventType: string): void {
    const byType = this.wanted.get(place);
    const wishes = byType?.get(eventType)?.wishes;
    wishes?.delete(id);
    if (wishes?.size === 0) {
      byType?.delete(eventType);
    }
    if (byType?.size === 0) {
      this.wanted.delete(place);
    }
  }

  private wishesFor(database: string, type: EventType): Map<string, Wish> {
    const place = placeOf(database, type.model);
    const byType = this.wanted.get(place) ?? new Map<string, Wanted>();
    this.wanted.set(place, byType);
    const wanted = byType.get(type.name) ?? { type, wishes: new Map<string, Wish>() };
    byType.set(type.name, wanted);
    return wanted.wishes;
  }
}

/** Neither a slug nor a model's name holds a slash. */
function placeOf(database: string, model: string): string {
  return `${database}/${model}`;
}
