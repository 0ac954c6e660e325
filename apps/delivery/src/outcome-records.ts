import {
  deliveryTopics,
  rejectedRecord,
  taskHeaders,
  writeTask,
  type AttemptRow,
  type DeadReason,
  type DeliveryTask,
  type Outcome,
} from '#libs/delivery-task';
import type { AvroCodec, IncomingRecord, OutgoingRecord } from '#libs/kafka';
import type { Logger } from '#libs/telemetry';
import type { AttemptResult } from './attempt.js';
import type { Delivery } from './delivery.js';
import { logOutcome } from './outcome-log.js';
import { tierFor } from './retry-schedule.js';
import { printable } from './printable.js';

/** Of an answer, in UTF-8. */
const maxResponseBytes = 20_480;

/** What a row says besides the delivery itself. */
export interface RowDetails {
  attempt: number;
  status?: number | null;
  error?: string | null;
  reason?: DeadReason;
  durationMs?: number;
  response?: string | null;
  urlHash?: number | undefined;
}

/** Hears what becomes of deliveries, for the metrics. */
export interface OutcomeObserver {
  row(row: AttemptRow): void;
  attempt(task: DeliveryTask, result: AttemptResult): void;
  rejected(): void;
}

/**
 * The records that say what became of a delivery. All of them go to the partition that the delivery came from,
 * so that whoever has a subscription's deliveries also has its rows and its retries.
 */
export class OutcomeRecords {
  constructor(
    private readonly rowCodec: AvroCodec,
    private readonly observer: OutcomeObserver,
    private readonly logger: Logger,
  ) {}

  row(task: DeliveryTask, partition: number, outcome: Outcome, details: RowDetails): OutgoingRecord {
    const row: AttemptRow = {
      webhook_id: task.webhookId,
      subscription_id: task.subscriptionId,
      database: task.database,
      change_id: task.changeId,
      event_type: task.eventType,
      record: task.record,
      sequence: task.sequence,
      outcome,
      attempt: details.attempt,
      status: details.status ?? null,
      error: details.error ?? null,
      reason: details.reason ?? null,
      at_ms: BigInt(Date.now()),
      duration_ms: details.durationMs ?? 0,
      committed_at_ms: BigInt(task.committedAtMs),
      redrive: task.redrive,
      response: details.response ?? null,
      url_hash: details.urlHash ?? null,
    };
    this.observer.row(row);
    logOutcome(this.logger, row);
    return {
      topic: deliveryTopics.attempts,
      partition,
      key: task.subscriptionId,
      value: this.rowCodec.encode(row),
    };
  }

  attemptRow(task: DeliveryTask, partition: number, result: AttemptResult): OutgoingRecord {
    const { outcome, ...details } = result;
    this.observer.attempt(task, result);
    const response = result.response === null ? null : printable(result.response, maxResponseBytes);
    return this.row(task, partition, outcome, { ...details, response, attempt: task.attempts + 1 });
  }

  /** The dead letter and its one row: `expired` where that is the reason, else `dead`. */
  dead(task: DeliveryTask, partition: number, reason: DeadReason, error: string | null): OutgoingRecord[] {
    const outcome = reason === 'expired' ? 'expired' : 'dead';
    const letter = writeTask(task, deliveryTopics.dead, { [taskHeaders.reason]: reason });
    return [
      { ...letter, partition },
      this.row(task, partition, outcome, { attempt: task.attempts, reason, error }),
    ];
  }

  /** Instead of a record that is too large for its topic: the letter's headers, and where its body is. */
  trimmedLetter(delivery: Delivery, refused: readonly OutgoingRecord[]): OutgoingRecord {
    const { task, partition, batch, offset } = delivery;
    const headers = refused.find(({ topic }) => topic === deliveryTopics.dead)?.headers;
    const letter = writeTask({ ...task, body: Buffer.alloc(0) }, deliveryTopics.dead, {
      [taskHeaders.reason]: 'unsendable',
      ...headers,
      [taskHeaders.original]: `${batch.topic}/${String(partition)}/${String(offset)}`,
    });
    return { ...letter, partition };
  }

  /** Of a record that is no delivery. */
  rejected(record: IncomingRecord, reason: string): OutgoingRecord {
    this.observer.rejected();
    return rejectedRecord('delivery', record, reason);
  }

  /** One more attempt, after so long or when it expires. */
  again(task: DeliveryTask, partition: number, waitMs: number): OutgoingRecord {
    return this.waiting({ ...task, deferred: false }, partition, Date.now() + waitMs);
  }

  /** In the tier in which it waits until then or until it expires. */
  waiting(task: DeliveryTask, partition: number, wantedMs: number): OutgoingRecord {
    const nowMs = Date.now();
    const dueAtMs = Math.ceil(Math.min(wantedMs, Math.max(task.expiresAtMs, nowMs)));
    return { ...writeTask({ ...task, dueAtMs }, tierFor(dueAtMs - nowMs).topic), partition };
  }
}
