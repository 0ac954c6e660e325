import {
  retryTiers,
  type AttemptRow,
  type DeadReason,
  type DeliveryTask,
  type Outcome,
} from '#libs/delivery-task';
import { KafkaMetrics } from '#libs/kafka';
import { Metrics, type Counter, type Histogram } from '#libs/process';
import type { AttemptResult } from './attempt.js';
import type { DeferralReason } from './deliver.js';
import type { OutcomeObserver } from './outcome-records.js';

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
  /** By what delivery says of them. */
  subscriptions(): ReadonlyMap<string, number>;
}

/** What can be counted is there from the start: the first one of a kind is seen as a rise. */
const outcomes = [
  ...(['delivered', 'gone', 'failed', 'timedOut', 'unsendable'] as const),
  ...(['dead', 'expired', 'dropped', 'superseded'] as const),
] satisfies Outcome[];
const deadReasons: readonly DeadReason[] = [
  'attempts-exhausted',
  'expired',
  'unsendable',
  'gone',
  'subscription-disabled',
];
const deferralReasons: readonly DeferralReason[] = [
  'lane full',
  'order',
  'breaker open',
  'subscription unknown',
];

/** In the terms of Prometheus. No label holds a subscription: there may be 100,000. */
export class DeliveryMetrics implements OutcomeObserver {
  readonly metrics = new Metrics('delivery');
  readonly kafka = new KafkaMetrics(this.metrics);
  private readonly outcomes: Counter;
  private readonly attempts: Counter;
  private readonly durations: Histogram;
  private readonly firstAttempts: Histogram;
  private readonly endToEnd: Histogram;
  private readonly deadLetters: Counter;
  private readonly deferrals: Counter;
  private readonly rejections: Counter;
  private view: DeliveryView | undefined;

  constructor(private readonly groupId: string) {
    const { metrics } = this;
    this.outcomes = metrics.counters('relay_delivery_outcomes_total', 'Rows of relay.attempts by outcome', [
      'outcome',
    ]);
    this.attempts = metrics.counters(
      'relay_delivery_attempts_total',
      "Attempts by outcome and class of the answer's status: 2xx to 5xx, none where there was no answer",
      ['outcome', 'status_class'],
    );
    this.durations = metrics.durations(
      'relay_delivery_attempt_duration_seconds',
      'How long attempts took, to the end of the answer',
    );
    this.firstAttempts = metrics.latency(
      'relay_delivery_first_attempt_latency_seconds',
      'From the commit in Odoo to the beginning of the first attempt; without what is sent again by a redrive or replay',
    );
    this.endToEnd = metrics.latency(
      'relay_delivery_end_to_end_latency_seconds',
      "From the commit in Odoo to the receiver's 2xx, retries and waits for an endpoint that was down included; without what is sent again by a redrive or replay",
    );
    this.deadLetters = metrics.counters('relay_delivery_dead_letters_total', 'Dead letters by reason', [
      'reason',
    ]);
    this.deferrals = metrics.counters(
      'relay_delivery_deferrals_total',
      'Deliveries that were put off without an attempt',
      ['reason'],
    );
    this.rejections = metrics.counter(
      'relay_delivery_rejected_records_total',
      'Records that cannot be read, in relay.rejected.delivery',
    );
    this.beginAtZero();
    this.describeView();
  }

  row({ outcome, reason }: AttemptRow): void {
    this.outcomes.labels(outcome).inc();
    if (outcome === 'dead' || outcome === 'expired') {
      this.deadLetters.labels(reason ?? outcome).inc();
    }
  }

  attempt({ attempts, redrive, committedAtMs }: DeliveryTask, result: AttemptResult): void {
    const { outcome, status, durationMs } = result;
    const statusClass = status === null ? 'none' : `${String(Math.trunc(status / 100))}xx`;
    this.attempts.labels(outcome, statusClass).inc();
    this.durations.observe(durationMs / 1000);
    if (redrive !== null) {
      return;
    }
    // The clocks of two machines differ.
    const sinceCommitMs = Math.max(0, Date.now() - committedAtMs);
    if (attempts === 0) {
      this.firstAttempts.observe(Math.max(0, sinceCommitMs - durationMs) / 1000);
    }
    if (outcome === 'delivered') {
      this.endToEnd.observe(sinceCommitMs / 1000);
    }
  }

  rejected(): void {
    this.rejections.inc();
  }

  deferral(reason: DeferralReason): void {
    this.deferrals.labels(labelOf(reason)).inc();
  }

  watch(view: DeliveryView): void {
    this.view = view;
  }

  private beginAtZero(): void {
    outcomes.forEach((outcome) => {
      this.outcomes.labels(outcome).inc(0);
    });
    deadReasons.forEach((reason) => {
      this.deadLetters.labels(reason).inc(0);
    });
    deferralReasons.forEach((reason) => {
      this.deferrals.labels(labelOf(reason)).inc(0);
    });
  }

  private describeView(): void {
    const { metrics } = this;
    metrics.gauge(
      'relay_delivery_requests_under_way',
      'Requests under way',
      () => this.view?.lanes().underWay,
    );
    metrics.gauge(
      'relay_delivery_waiting',
      'Deliveries that wait in lanes',
      () => this.view?.lanes().waiting,
    );
    metrics.gauge('relay_delivery_held', 'Deliveries of retry topics in memory until they are due', () =>
      this.view?.held(),
    );
    metrics.gauge('relay_delivery_catch_up_per_second', 'Most retries and late deliveries a second', () =>
      this.view?.catchUpPerS(),
    );
    metrics.gauge('relay_delivery_connections', 'Open connections to receivers', () =>
      this.view?.connections(),
    );
    metrics.gauges(
      'relay_delivery_breakers',
      'Endpoints that failed lately, by state of their breaker: open ones get no more than an attempt now and then',
      ['state'],
      () => Object.entries(this.view?.breakers() ?? {}).map(([state, count]) => [[state], count] as const),
    );
    metrics.gauges(
      'relay_delivery_retries_waiting',
      'Deliveries that wait in a retry topic of this instance, by its delay: to be retried, or put off',
      ['tier'],
      () =>
        retryTiers.map(({ topic }) => [[tierName(topic)], this.kafka.lagOf(this.groupId, topic)] as const),
    );
    metrics.gauges(
      'relay_delivery_subscriptions',
      'Subscriptions by what delivery has found: active, failing or disabled; each instance knows all of them, so take the maximum, not the sum',
      ['state'],
      () => Array.from(this.view?.subscriptions() ?? [], ([state, count]) => [[state], count] as const),
    );
  }
}

function labelOf(reason: DeferralReason): string {
  return reason.replace(' ', '_');
}

/** `5m` of relay.deliveries.retry.5m. */
function tierName(topic: string): string {
  return topic.slice(topic.lastIndexOf('.') + 1);
}
