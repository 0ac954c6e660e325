import type { Column } from '#libs/change';
import { isEvent, Listener, type EventTest, type Subject } from '#libs/event';
import { isActive, type Subscription, type SubscriptionState } from '#libs/subscription';
import { messageOf } from '#libs/process';
import { Candidates, type Wish } from './candidates.js';

/** A subscription that gets a change, and the event type that names the delivery. */
export interface Match {
  listener: Listener;
  eventType: string;
}

/** A subscription that may have wanted a change, and why that cannot be told. */
export interface Poisoned {
  subscription: Subscription;
  reason: string;
}

export interface Matched {
  matches: readonly Match[];
  poisoned: readonly Poisoned[];
}

/** Those who want an event type. */
interface Wanted {
  test: EventTest;
  candidates: Candidates;
}

type Columns = ReadonlyMap<string, Column>;

const nobody: Matched = { matches: [], poisoned: [] };

/**
 * Who gets a change: by database, model, event type and a value that the filter asks for, so that the cost grows with
 * the matches and not with the number of subscriptions. Subscriptions that are not active do not stand in it.
 */
export class SubscriptionIndex {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly states = new Map<string, SubscriptionState>();
  /** Of those that stand in the index. */
  private readonly listeners = new Map<string, Listener>();
  private readonly unreadable = new Map<string, string>();
  /** `<database>/<model>` -> event type -> who wants it. */
  private readonly wanted = new Map<string, Map<EventTest, Wanted>>();

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

  /** Why nothing is made for a subscription; undefined for those that can be read. */
  whyUnreadable(id: string): string | undefined {
    return this.unreadable.get(id);
  }

  /** Each subscription at most once. */
  matches(subject: Subject, columns: Columns): Matched {
    const { change } = subject;
    const { database, model } = change.source;
    const byTest = this.wanted.get(placeOf(database, model));
    if (byTest === undefined || !isEvent(change)) {
      return nobody;
    }
    const found = new Found(subject, columns);
    for (const { test, candidates } of byTest.values()) {
      if (test.isBorneBy(subject, columns)) {
        candidates.forEach(subject, columns, (wish) => {
          found.take(wish, test.type.name);
        });
      }
    }
    return found;
  }

  private add(id: string, subscription: Subscription): void {
    if (!isActive(subscription, this.states.get(id))) {
      return;
    }
    try {
      const listener = new Listener(subscription);
      this.listeners.set(id, listener);
      this.forEachWish(listener, (candidates, wish) => {
        candidates.add(wish);
      });
    } catch (error) {
      this.unreadable.set(id, messageOf(error));
    }
  }

  private remove(id: string): void {
    this.unreadable.delete(id);
    const listener = this.listeners.get(id);
    if (listener !== undefined) {
      this.listeners.delete(id);
      this.forEachWish(listener, (candidates, wish) => {
        candidates.remove(wish);
      });
      this.forgetEmpty(listener);
    }
  }

  private forEachWish(listener: Listener, use: (candidates: Candidates, wish: Wish) => void): void {
    for (const [model, { types }] of listener.byModel) {
      const place = placeOf(listener.subscription.database, model);
      const byTest = this.wanted.get(place) ?? new Map<EventTest, Wanted>();
      this.wanted.set(place, byTest);
      types.forEach((test, rank) => {
        const wanted = byTest.get(test) ?? { test, candidates: new Candidates(model) };
        byTest.set(test, wanted);
        use(wanted.candidates, { listener, rank });
      });
    }
  }

  /** Leaves nothing empty behind, so that memory follows the subscriptions there are. */
  private forgetEmpty({ byModel, subscription }: Listener): void {
    for (const [model, { types }] of byModel) {
      const place = placeOf(subscription.database, model);
      const byTest = this.wanted.get(place);
      types.forEach((test) => {
        if (byTest?.get(test)?.candidates.isEmpty === true) {
          byTest.delete(test);
        }
      });
      if (byTest?.size === 0) {
        this.wanted.delete(place);
      }
    }
  }
}

/** What was found for one change so far. */
class Found implements Matched {
  private readonly best = new Map<string, Match & { rank: number }>();
  private readonly asked = new Map<string, boolean>();
  readonly poisoned: Poisoned[] = [];

  constructor(
    private readonly subject: Subject,
    private readonly columns: Columns,
  ) {}

  get matches(): readonly Match[] {
    return [...this.best.values()];
  }

  take({ listener, rank }: Wish, eventType: string): void {
    const { id, sinceMs } = listener.subscription;
    if (this.subject.change.source.ts_ms < sinceMs || rank >= (this.best.get(id)?.rank ?? Infinity)) {
      return;
    }
    if (this.wants(listener, id)) {
      this.best.set(id, { listener, eventType, rank });
    }
  }

  /** Asked once, also where a change bears several of its event types. */
  private wants(listener: Listener, id: string): boolean {
    let wants = this.asked.get(id);
    if (wants === undefined) {
      try {
        wants = listener.wants(this.subject, this.columns);
      } catch (error) {
        wants = false;
        this.poisoned.push({ subscription: listener.subscription, reason: messageOf(error) });
      }
      this.asked.set(id, wants);
    }
    return wants;
  }
}

/** Neither a slug nor a model's name holds a slash. */
function placeOf(database: string, model: string): string {
  return `${database}/${model}`;
}
