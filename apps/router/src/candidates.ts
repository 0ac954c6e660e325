import type { Column } from '#libs/change';
import type { Listener, Subject } from '#libs/event';

/** A listener's interest in an event type. */
export interface Wish {
  listener: Listener;
  /** The event type's place in the subscription's list: the first that matches names the delivery. */
  rank: number;
}

type Wishes = Map<string, Wish>;
type Key = string | number | boolean;
type Buckets = Map<Key, Wishes>;

/**
 * Who wants an event type, found by what they certainly ask for: a value of a field (`["partner_id", "=", 7]`), or
 * that a field changed. Only those that ask for neither are looked at for every change.
 */
export class Candidates {
  private readonly anyway: Buckets = new Map();
  /** Field -> value -> who asks for it. */
  private readonly byValue = new Map<string, Buckets>();
  /** Field -> who asks that it changed. */
  private readonly byChanged: Buckets = new Map();

  constructor(private readonly model: string) {}

  get isEmpty(): boolean {
    return this.anyway.size === 0 && this.byValue.size === 0 && this.byChanged.size === 0;
  }

  add(wish: Wish): void {
    const { id } = wish.listener.subscription;
    for (const [buckets, key] of this.placesOf(wish.listener)) {
      const wishes = entry(buckets, key, (): Wishes => new Map());
      // A type that stands twice in the list keeps its first place.
      wishes.set(id, wishes.get(id) ?? wish);
    }
  }

  /** Leaves nothing empty behind. */
  remove({ listener }: Wish): void {
    for (const [buckets, key] of this.placesOf(listener)) {
      const wishes = buckets.get(key);
      wishes?.delete(listener.subscription.id);
      if (wishes?.size === 0) {
        buckets.delete(key);
      }
    }
    for (const [field, buckets] of this.byValue) {
      if (buckets.size === 0) {
        this.byValue.delete(field);
      }
    }
  }

  /** Some more than once where several fields changed. */
  forEach(subject: Subject, columns: ReadonlyMap<string, Column>, use: (wish: Wish) => void): void {
    forAll(this.anyway, use);
    for (const [field, byKey] of this.byValue) {
      if (columns.has(field)) {
        byKey.get(keyOf(subject.row[field]))?.forEach(use);
      } else {
        // A column that is not there (any more): all who ask for it have to be told so.
        forAll(byKey, use);
      }
    }
    if (this.byChanged.size === 0) {
      return;
    }
    const { changed, op } = subject.change;
    if (op === 'u' && changed !== null) {
      for (const field of changed) {
        this.byChanged.get(field)?.forEach(use);
      }
    } else {
      forAll(this.byChanged, use);
    }
  }

  /** Where a listener stands: the same for as long as it is the same. */
  private placesOf(listener: Listener): (readonly [Buckets, Key])[] {
    const wishes = listener.byModel.get(this.model);
    const required = wishes?.filter?.equality;
    if (required !== undefined) {
      const buckets = entry(this.byValue, required.field, (): Buckets => new Map());
      return required.values.map((value) => [buckets, value]);
    }
    const fields = wishes?.fieldChanges?.flatMap(({ type }) => type.changedAny ?? []);
    return fields?.map((field) => [this.byChanged, field] as const) ?? [[this.anyway, '']];
  }
}

/** As the values of domains are: numbers are numbers, however a row keeps them. */
function keyOf(value: unknown): Key {
  return typeof value === 'bigint' ? Number(value) : (value as Key);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function forAll(buckets: Buckets, use: (wish: Wish) => void): void {
  buckets.forEach((wishes) => {
    wishes.forEach(use);
  });
}
