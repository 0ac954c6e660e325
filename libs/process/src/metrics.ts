import { Controller, Get, Inject, Module, Res, type DynamicModule } from '@nestjs/common';
import type { Response } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

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

  counter(name: string, help: string): Counter {
    return this.counters(name, help, []);
  }

  counters(name: string, help: string, labels: readonly string[]): Counter {
    this.descriptions.push({ name, help, labels, type: 'counter' });
    return new Counter({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  /** How long single steps take, in seconds. */
  durations(name: string, help: string, labels: readonly string[] = []): Histogram {
    return this.histogram({ name, help, labels, type: 'histogram' }, durationBoundsS);
  }

  /** How long it is from one end to another, in seconds: hours where an endpoint is down. */
  latency(name: string, help: string): Histogram {
    return this.histogram({ name, help, labels: [], type: 'histogram' }, latencyBoundsS);
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
    this.descriptions.push({ name, help, labels, type: 'gauge' });
    const gauge = new Gauge({
      ...{ name, help, labelNames: [...labels], registers: [this.registry] },
      collect: () => {
        gauge.reset();
        if (labels.length === 0) {
          // It would be 0 now; what is not known is left out.
          gauge.remove();
        }
        for (const [values, value] of ask()) {
          gauge.labels(...values).set(value);
        }
      },
    });
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  private histogram(described: DescribedMetric, buckets: readonly number[]): Histogram {
    const { name, help, labels } = described;
    this.descriptions.push(described);
    const registers = [this.registry];
    return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers });
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
