import { Controller, Get, Inject, Module, Res, type DynamicModule } from '@nestjs/common';
import type { Response } from 'express';
import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';
import { Buckets, Count, Family, labelled, type Sample } from './metric-values.js';

/** As docs/metrics.md has it. */
export interface DescribedMetric {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  help: string;
}

/** From a request inside of one machine to one that was given up. */
const durationBoundsS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From what is quick to what has waited for an endpoint through a night. */
const latencyBoundsS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200];

/**
 * The metrics of an app in the terms of Prometheus. Each is described where it is made, so that docs/metrics.md, which
 * is written from that, has all of them. No label may hold what there are many of: a subscription, an endpoint, a
 * record.
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly descriptions: DescribedMetric[] = [];

  /** With what Node says of itself: memory, event loop, open files. */
  constructor(app: string) {
    collectDefaultMetrics({ register: this.registry });
    this.gauges('relay_app_info', 'Always 1: which app this is', ['app'], () => [[[app], 1]]);
  }

  get described(): readonly DescribedMetric[] {
    return this.descriptions;
  }

  counter(name: string, help: string): Count {
    return this.counters(name, help, []).of();
  }

  counters(name: string, help: string, labels: readonly string[]): Family<Count> {
    return this.family({ name, help, labels, type: 'counter' }, () => new Count());
  }

  /** How long single steps take, in seconds. */
  durations(name: string, help: string, labels: readonly string[] = []): Family<Buckets> {
    return this.family({ name, help, labels, type: 'histogram' }, () => new Buckets(durationBoundsS));
  }

  /** How long it is from one end to another, in seconds: hours where an endpoint is down. */
  latency(name: string, help: string): Buckets {
    const described = { name, help, labels: [], type: 'histogram' } as const;
    return this.family(described, () => new Buckets(latencyBoundsS)).of();
  }

  /** Asked at each scrape; undefined while it is not known. */
  gauge(name: string, help: string, ask: () => number | undefined): void {
    this.gauges(name, help, [], () => {
      const value = ask();
      return value === undefined ? [] : [[[], value]];
    });
  }

  /** Asked at each scrape; values of the labels in the order of their names. */
  gauges(
    name: string,
    help: string,
    labels: readonly string[],
    ask: () => Iterable<readonly [readonly string[], number]>,
  ): void {
    this.add({ name, help, labels, type: 'gauge' }, () =>
      Array.from(ask(), ([values, value]) => ({ name, labels: labelled(labels, values), value })),
    );
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  private family<Value extends Count | Buckets>(
    described: DescribedMetric,
    make: () => Value,
  ): Family<Value> {
    const family = new Family(described.labels, make);
    this.add(described, () => family.samples(described.name));
    return family;
  }

  /** The registry asks a metric for its values; how these were counted is nothing to it. */
  private add(described: DescribedMetric, samples: () => readonly Sample[]): void {
    const { name, help, type } = described;
    const get = (): Promise<unknown> =>
      Promise.resolve({
        ...{ name, help, type, aggregator: 'sum' },
        values: samples().map(({ name: metricName, labels, value }) => ({ metricName, labels, value })),
      });
    this.registry.registerMetric({ name, get } as unknown as Metric);
    this.descriptions.push(described);
  }
}

@Controller('metrics')
class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  async show(@Res() response: Response): Promise<void> {
    response.type(this.metrics.contentType).send(await this.metrics.text());
  }
}

@Module({})
export class MetricsModule {
  /** `GET /metrics` for Prometheus, for an app's module's `imports`. */
  static of(metrics: Metrics): DynamicModule {
    return {
      module: MetricsModule,
      controllers: [MetricsController],
      providers: [{ provide: Metrics, useValue: metrics }],
    };
  }
}
