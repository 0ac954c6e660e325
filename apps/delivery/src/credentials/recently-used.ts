export interface Bounds {
  /** Beyond so many the one that was used longest ago is dropped. */
  max: number;
  /** One that was not used for so long is dropped. */
  idleMs: number;
}

interface Entry<V> {
  value: V;
  usedAtMs: number;
}

/** Values that can be made again, by key, kept while they are used. */
export class RecentlyUsed<V> {
  /** In the order of their last use. */
  private readonly entries = new Map<string, Entry<V>>();
  private readonly sweep: NodeJS.Timeout;

  constructor(
    private readonly bounds: Bounds,
    private readonly dropped: (value: V) => void = () => undefined,
  ) {
    this.sweep = setInterval(() => {
      this.dropIdle(performance.now() - bounds.idleMs);
    }, bounds.idleMs);
    this.sweep.unref();
  }

  get size(): number {
    return this.entries.size;
  }

  of(key: string, make: () => V): V {
    const entry = this.entries.get(key) ?? { value: make(), usedAtMs: 0 };
    entry.usedAtMs = performance.now();
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size > this.bounds.max) {
      this.dropFirst();
    }
    return entry.value;
  }

  values(): V[] {
    return [...this.entries.values()].map(({ value }) => value);
  }

  /** Drops all. */
  close(): void {
    clearInterval(this.sweep);
    this.dropIdle(Infinity);
  }

  private dropFirst(): void {
    for (const [key, { value }] of this.entries) {
      this.entries.delete(key);
      this.dropped(value);
      return;
    }
  }

  private dropIdle(beforeMs: number): void {
    for (const [key, { value, usedAtMs }] of this.entries) {
      if (usedAtMs >= beforeMs) {
        return;
      }
      this.entries.delete(key);
      this.dropped(value);
    }
  }
}
