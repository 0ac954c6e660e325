import { Counter, Gauge, type Registry } from 'prom-client';
import type { Outcome } from '#libs/delivery-task';
import type { DeferralReason } from './deliver.js';

/** What can be seen of the app at any moment. */
export interface DeliveryView {
  /** Of all lanes. */
  lanes(): { waiting: number; underWay: number };
  /** Deliveries of retry topics in memory until they are due. */
  held(): number;
  breakers(): { open: number; closed: number };
  /** Retries and what waited for an endpoint that was down, a second. */
  catchUpPerS(): number;
  /** Open ones to receivers, idle ones among them. */
  connections(): number;
}

/** In the terms of Prometheus. No label holds a subscription: there may be 100,000. */
export class DeliveryMetrics {
  private readonly outcomes: Counter<'outcome'>;
  private readonly deferrals: Counter<'reason'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.outcomes = new Counter({
      name: 'relay_delivery_outcomes_total',
      help: 'Rows of relay.attempts by outcome',
      labelNames: ['outcome'],
      registers,
    });
    this.deferrals = new Counter({
      name: 'relay_delivery_deferrals_total',
      help: 'Deliveries that were put off without an attempt',
      labelNames: ['reason'],
      registers,
    });
  }

  outcome(outcome: Outcome): void {
    this.outcomes.inc({ outcome });
  }

  deferral(reason: DeferralReason): void {
    this.deferrals.inc({ reason: reason.replace(' ', '_') });
  }

  watch(view: DeliveryView): void {
    this.gauge('relay_delivery_requests_under_way', 'Requests under way', () => view.lanes().underWay);
    this.gauge('relay_delivery_waiting', 'Deliveries that wait in lanes', () => view.lanes().waiting);
    this.gauge('relay_delivery_held', 'Deliveries of retry topics in memory until they are due', () =>
      view.held(),
    );
    this.gauge('relay_delivery_catch_up_per_second', 'Most retries and late deliveries a second', () =>
      view.catchUpPerS(),
    );
    this.gauge('relay_delivery_connections', 'Open connections to receivers', () => view.connections());
    const breakers = new Gauge({
      name: 'relay_delivery_breakers',
      help: 'Endpoints that failed lately: open ones get no more than an attempt now and then',
      labelNames: ['state'],
      registers: [this.registry],
      collect: () => {
        const { open, closed } = view.breakers();
        breakers.set({ state: 'open' }, open);
        breakers.set({ state: 'closed' }, closed);
      },
    });
  }

  private gauge(name: string, help: string, ask: () => number): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => {
        gauge.set(ask());
      },
    });
  }
}
