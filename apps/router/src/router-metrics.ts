import { KafkaMetrics } from '#libs/kafka';
import { Metrics, type Counter } from '#libs/process';

/** What can be seen of the app at any moment. */
export interface RouterView {
  subscriptions(): number;
  /** Subscriptions that cannot be asked about changes. */
  notApplicable(): number;
}

/** In the terms of Prometheus. What comes in and goes out is counted by topic, by {@link KafkaMetrics}. */
export class RouterMetrics {
  readonly metrics = new Metrics('router');
  readonly kafka = new KafkaMetrics(this.metrics);
  readonly rejected: Counter;
  private view: RouterView | undefined;

  constructor() {
    const { metrics } = this;
    this.rejected = metrics.counter(
      'relay_router_rejected_records_total',
      'Changes in relay.rejected.router: they cannot be read, or a subscription cannot be asked about them',
    );
    metrics.gauge(
      'relay_router_subscriptions',
      'Subscriptions that are known; each instance knows all of them, so take the maximum, not the sum',
      () => this.view?.subscriptions(),
    );
    metrics.gauge(
      'relay_router_inapplicable_subscriptions',
      'Subscriptions whose filter or shape could not be asked since they were changed last',
      () => this.view?.notApplicable(),
    );
  }

  watch(view: RouterView): void {
    this.view = view;
  }
}
