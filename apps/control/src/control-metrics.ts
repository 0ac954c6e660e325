import { KafkaMetrics } from '#libs/kafka';
import { Metrics, type Counter, type Histogram } from '#libs/process';

/** What reads a topic, where of all instances one does. */
export interface ReadingView {
  readonly name: string;
  /** Records that are not taken yet; undefined while another instance reads, or none can. */
  readonly lag: number | undefined;
}

/** What can be seen of the app at any moment. */
export interface ControlView {
  projections: readonly ReadingView[];
  /** Whether subscriptions get from the API to their topic. */
  isFeeding(): boolean;
}

/** In the terms of Prometheus. */
export class ControlMetrics {
  readonly metrics = new Metrics('control');
  readonly kafka = new KafkaMetrics(this.metrics);
  readonly rejected: Counter;
  readonly requests: Counter;
  readonly requestDurations: Histogram;
  private view: ControlView | undefined;

  constructor() {
    const { metrics } = this;
    this.requests = metrics.counters(
      'relay_control_http_requests_total',
      'Requests by the template of their route (none where no route is theirs) and the class of their status, aborted where who asked did not wait for the answer',
      ['method', 'route', 'status_class'],
    );
    this.requestDurations = metrics.durations(
      'relay_control_http_request_duration_seconds',
      'How long requests took, to the end of the answer',
      ['method', 'route'],
    );
    this.rejected = metrics.counter(
      'relay_control_rejected_records_total',
      'Records that cannot be read, in relay.rejected.control',
    );
    metrics.gauges(
      'relay_control_projection_lag_records',
      'Records that are not in Postgres yet: of relay.attempts (history), of relay.events (events); of the instance that reads them',
      ['projection'],
      () =>
        this.projections().flatMap(({ name, lag }) => (lag === undefined ? [] : [[[name], lag] as const])),
    );
    metrics.gauges(
      'relay_control_projection_leading',
      '1 where this instance reads the topic: of all instances one does, so that a sum of 0 means that nobody can',
      ['projection'],
      () => this.projections().map(({ name, lag }) => [[name], lag === undefined ? 0 : 1] as const),
    );
    metrics.gauge(
      'relay_control_feed_working',
      '1 while changed subscriptions get to relay.subscriptions by this instance, or another one sees to it',
      () => this.view && (this.view.isFeeding() ? 1 : 0),
    );
  }

  watch(view: ControlView): void {
    this.view = view;
  }

  private projections(): readonly ReadingView[] {
    return this.view?.projections ?? [];
  }
}
