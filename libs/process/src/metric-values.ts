/**
 * What metrics count in. Whoever counts keeps the object: to count is then an addition, on whatever path it is, and
 * names and texts are made only when somebody scrapes.
 */
export interface MetricValue {
  samples(name: string): readonly Sample[];
}

/** One line of what is scraped, without the labels of its family. */
export interface Sample {
  /** With what a histogram puts behind it. */
  name: string;
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** Goes only up. */
export class Count implements MetricValue {
  private total = 0;

  add(amount = 1): void {
    this.total += amount;
  }

  samples(name: string): Sample[] {
    return [{ name, value: this.total }];
  }
}

/** How many observations lie below each bound. */
export class Buckets implements MetricValue {
  /** The last one is of what lies above all bounds. */
  private readonly counts: number[];
  private sum = 0;

  /** In rising order. */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] ?? Infinity)) {
      place++;
    }
    counts[place] = (counts[place] ?? 0) + 1;
    this.sum += value;
  }

  samples(name: string): Sample[] {
    let count = 0;
    const buckets = this.counts.map((own, place): Sample => {
      count += own;
      const bound = this.bounds[place];
      return {
        name: `${name}_bucket`,
        labels: { le: bound === undefined ? '+Inf' : String(bound) },
        value: count,
      };
    });
    return [...buckets, { name: `${name}_sum`, value: this.sum }, { name: `${name}_count`, value: count }];
  }
}

/** One value for each combination of labels, of which there must be few. */
export class Family<Value extends MetricValue> {
  private readonly members = new Map<string, { labels: readonly string[]; value: Value }>();

  constructor(
    readonly labelNames: readonly string[],
    private readonly make: () => Value,
  ) {}

  /** Values of the labels in the order of their names. */
  of(...labels: readonly string[]): Value {
    const key = labels.join('\n');
    let member = this.members.get(key);
    if (member === undefined) {
      member = { labels, value: this.make() };
      this.members.set(key, member);
    }
    return member.value;
  }

  samples(name: string): Sample[] {
    return [...this.members.values()].flatMap(({ labels, value }) => {
      const own = labelled(this.labelNames, labels);
      return value.samples(name).map((sample) => ({ ...sample, labels: { ...own, ...sample.labels } }));
    });
  }
}

export function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
