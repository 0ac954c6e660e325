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

/**
 * Who wants an event type, found by what they certainly ask for: a value of a field (`["partner_id", "=", 7]`), or
 * that a field changed. Only those that ask for neither are looked at for every change.
 */
export class Candidates {
  private readonly anyway: Wishes = new Map();
  /** Field -> value -> who asks for it. */
  private readonly byValue = new Map<string, Map<Key, Wishes>>();
  private readonly byChanged = new Map<string, Wishes>();

  constructor(private readonly model: string) {}

  get isEmpty(): boolean {
    return this.anyway.size === 0 && this.byValue.size === 0 && this.byChanged.size === 0;
  }

  add(wish: Wish): void {
    const { id } = wish.listener.subscription;
    const put = (wishes: Wishes): void => {
      // A type that stands twice in the list keeps its first place.
      wishes.set(id, wishes.get(id) ?? wish);
    };
    const asked = this.asked(wish.listener);
    switch (asked.kind) {
      case 'value': {
        const byKey = entry(this.byValue, asked.field, () => new Map<Key, Wishes>());
        asked.values.forEach((value) => {
          put(entry(byKey, value, (): Wishes => new Map()));
        });
        break;
      }
      case 'changed':
        asked.fields.forEach((field) => {
          put(entry(this.byChanged, field, (): Wishes => new Map()));
        });
        break;
      case 'anything':
        put(this.anyway);
    }
  }

  remove({ listener }: Wish): void {
    const { id } = listener.subscription;
    const asked = this.asked(listener);
    switch (asked.kind) {
      case 'value': {
        const byKey = this.byValue.get(asked.field);
        asked.values.forEach((value) => {
          forget(byKey, value, id);
        });
        if (byKey?.size === 0) {
          this.byValue.delete(asked.field);
        }
        break;
      }
      case 'changed':
        asked.fields.forEach((field) => {
          forget(this.byChanged, field, id);
        });
        break;
      case 'anything':
        this.anyway.delete(id);
    }
  }

  /** Some more than once where several fields changed. */
  forEach(subject: Subject, columns: ReadonlyMap<string, Column>, use: (wish: Wish) => void): void {
    this.anyway.forEach(use);
    for (const [field, byKey] of this.byValue) {
      if (columns.has(field)) {
        byKey.get(keyOf(subject.row[field]))?.forEach(use);
      } else {
        // A column that is not there (any more): all who ask for it have to be told so.
        byKey.forEach((wishes) => {
          wishes.forEach(use);
        });
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
      this.byChanged.forEach((wishes) => {
        wishes.forEach(use);
      });
    }
  }

  private asked(listener: Listener): Asked {
    const wishes = listener.byModel.get(this.model);
    const equality = wishes?.filter?.equality;
    if (equality !== undefined) {
      return { kind: 'value', ...equality };
    }
    const fields = wishes?.fieldChanges?.flatMap(({ type }) => type.changedAny ?? []);
    return fields === undefined ? { kind: 'anything' } : { kind: 'changed', fields };
  }
}

type Asked =
  | { kind: 'value'; field: string; values: readonly Key[] }
  | { kind: 'changed'; fields: readonly string[] }
  | { kind: 'anything' };

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

function forget<K>(map: Map<K, Wishes> | undefined, key: K, id: string): void {
  const wishes = map?.get(key);
  wishes?.delete(id);
  if (wishes?.size === 0) {
    map?.delete(key);
  }
}
