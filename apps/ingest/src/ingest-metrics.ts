import { KafkaMetrics } from '#libs/kafka';
import { Metrics, type Counter } from '#libs/process';
import type { CaptureState } from './outbox-slots.js';

/** What was last seen of the capture in the database. */
export interface CaptureLook {
  state: CaptureState;
  outboxBytes: number;
  /** Since the oldest change that is not published was written; undefined where all are. */
  lagMs: number | undefined;
  /** Numbers given to changes since the last published one, those of transactions that were rolled back among them. */
  lagChanges: number;
  /** Of the oldest transaction that has written changes and is open; undefined where none is. */
  openTransactionMs: number | undefined;
}

const captureStates: readonly CaptureState[] = ['on', 'stopped', 'paused'];
/** Of a look that is older nothing is known but its age. */
const staleLookMs = 5_000;

/** In the terms of Prometheus. */
export class IngestMetrics {
  readonly metrics = new Metrics('ingest');
  readonly kafka = new KafkaMetrics(this.metrics);
  readonly captured: Counter;
  readonly loaded: Counter;
  readonly rejected: Counter;
  readonly interruptions: Counter;
  private look: CaptureLook | undefined;
  private lookedAtMs = performance.now();
  private isStandingBy = false;

  constructor(private readonly outboxMaxBytes: number) {
    const { metrics } = this;
    this.captured = metrics.counter(
      'relay_ingest_captured_changes_total',
      'Net changes of the outbox that were published, one for each record and transaction',
    );
    this.loaded = metrics.counter(
      'relay_ingest_loaded_rows_total',
      'Rows, and deletes, that loads of whole tables have published',
    );
    this.rejected = metrics.counter(
      'relay_ingest_rejected_records_total',
      'Changes in relay.rejected.ingest, which their topic cannot hold',
    );
    this.interruptions = metrics.counter(
      'relay_ingest_interruptions_total',
      'Times that capture was interrupted by Postgres, Kafka or the registry, and tried again',
    );
    this.describeLook();
  }

  looked(look: CaptureLook): void {
    this.look = look;
    this.lookedAtMs = performance.now();
  }

  /** Another instance captures: how far behind it is, that one says. */
  standsBy(): void {
    this.isStandingBy = true;
  }

  captures(): void {
    this.isStandingBy = false;
    this.lookedAtMs = performance.now();
  }

  private describeLook(): void {
    const { metrics } = this;
    metrics.gauge(
      'relay_ingest_capture_lag_seconds',
      'Since the oldest change was written that is not published; while the database cannot be asked, since it was; none while another instance captures',
      () => (this.isStandingBy ? undefined : this.lagMs() / 1000),
    );
    metrics.gauge(
      'relay_ingest_capture_lag_changes',
      'Changes in the outbox that are not published, those of transactions that were rolled back among them',
      () => this.look?.lagChanges,
    );
    metrics.gauge(
      'relay_ingest_oldest_open_transaction_seconds',
      'Age of the oldest open transaction that has written changes: until it ends, they wait, and their part of the outbox is not emptied',
      () => this.look && (this.look.openTransactionMs ?? 0) / 1000,
    );
    metrics.gauge(
      'relay_ingest_outbox_bytes',
      "Size of the outbox in Odoo's database, with what is published and not emptied yet",
      () => this.look?.outboxBytes,
    );
    metrics.gauge(
      'relay_ingest_outbox_limit_bytes',
      'OUTBOX_MAX_BYTES: where the outbox reaches it, capture stops',
      () => this.outboxMaxBytes,
    );
    metrics.gauges(
      'relay_ingest_capture_state',
      '1 for the state in which capture is: on, stopped (at the limit of the outbox) or paused (by an operator)',
      ['state'],
      () => captureStates.map((state) => [[state], this.look?.state === state ? 1 : 0] as const),
    );
  }

  private lagMs(): number {
    const lookAgeMs = performance.now() - this.lookedAtMs;
    return (this.look?.lagMs ?? 0) + (lookAgeMs > staleLookMs ? lookAgeMs : 0);
  }
}
