import {
  deliveryTopics,
  readTask,
  rejectedRecord,
  type DeadReason,
  type DeliveryTask,
} from '#libs/delivery-task';
import {
  isRecordTooLarge,
  type IncomingRecord,
  type OutgoingRecord,
  type Publisher,
  type RecordBatch,
} from '#libs/kafka';
import { delay } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import type { AttemptResult } from './attempt.js';
import type { Breakers } from './breakers.js';
import { DeferredRecords } from './deferred-records.js';
import { Delivery, type DeliverySteps, type Finished } from './delivery.js';
import type { Lanes } from './lane.js';
import type { OutcomeRecords } from './outcome-records.js';
import type { Receiver, Receivers } from './receivers.js';
import type { Requests } from './requests.js';
import { jittered, releaseAtMs, shortDeferralMs, tierFor } from './retry-schedule.js';
import type { UnknownSubscriptions } from './unknown-subscriptions.js';
import { WaitingRoom } from './waiting-room.js';

export interface DeliverParts {
  publisher: Publisher;
  receivers: Receivers;
  unknown: UnknownSubscriptions;
  requests: Requests;
  breakers: Breakers;
  lanes: Lanes;
  records: OutcomeRecords;
  logger: Logger;
  /** Ends the process: something could be written neither here nor anywhere else. */
  fail(error: unknown): void;
}

export interface DeliverLimits {
  maxBodyBytes: number;
}

/** Retries find a lane full when it is half full, so that first attempts go first. */
const retryShare = 0.5;
/** Deferred deliveries come back spread over this, those of one record together. */
const deferralSpreadMs = 1000;
/** A retry that is early by less is made at once instead of waiting once more. */
const earlyMs = 5;

/**
 * The way of a delivery, from its record to its outcome, from top to bottom:
 *
 *   record -> task -> (held until due) -> lane -> receiver -> attempt -> outcome -> rows, retry or dead letter
 *   -> acknowledged
 *
 * A record is acknowledged only when everything that follows from it is written.
 */
export class Deliver {
  private readonly steps: DeliverySteps = {
    run: (delivery) => this.run(delivery),
    putOff: (delivery) => {
      this.defer(delivery, shortDeferralMs);
    },
  };
  private readonly room = new WaitingRoom<Delivery>((delivery) => {
    this.due(delivery);
  });
  private readonly deferred = new DeferredRecords();
  /** Attempts and publications under way. */
  private underWay = 0;
  private stopping = false;

  constructor(
    private readonly parts: DeliverParts,
    private readonly limits: DeliverLimits,
  ) {}

  /** Records of `relay.deliveries` and of the retry topics. */
  take(batch: RecordBatch): void {
    for (const record of batch.records) {
      if (this.stopping) {
        batch.release(record.offset);
      } else {
        this.enter(record, batch);
      }
    }
  }

  private enter(record: IncomingRecord, batch: RecordBatch): void {
    const read = readTask(record);
    if (read.kind === 'unreadable') {
      this.parts.logger.warn(
        { topic: record.topic, partition: record.partition, offset: Number(record.offset) },
        `rejected a record: ${read.reason}`,
      );
      this.settle({ batch, offset: record.offset }, [rejectedRecord('delivery', record, read.reason)]);
      return;
    }
    const delivery = new Delivery(read.task, record.offset, batch, this.steps);
    const nowMs = Date.now();
    const untilMs = releaseAtMs(record, read.task.dueAtMs, nowMs);
    if (untilMs > nowMs) {
      this.room.hold(delivery, untilMs);
    } else {
      this.due(delivery);
    }
  }

  /** It is due, or its tier has no more time for it. */
  private due(delivery: Delivery): void {
    const { task } = delivery;
    if (delivery.lost) {
      return;
    }
    if (task.dueAtMs > Date.now() + earlyMs) {
      this.putOff(delivery, task.dueAtMs);
      return;
    }
    const share = task.attempts === 0 ? 1 : retryShare;
    if (!this.parts.lanes.of(task.subscriptionId).offer(delivery, share)) {
      this.defer(delivery, shortDeferralMs);
    }
  }

  /** Its lane has room: from here to the answer no other delivery of the same record is under way. */
  private async run(delivery: Delivery): Promise<void> {
    if (this.stopping) {
      delivery.batch.release(delivery.offset);
      return;
    }
    const { task } = delivery;
    if (delivery.lost) {
      return;
    }
    const nowMs = Date.now();
    if (task.expiresAtMs <= nowMs) {
      this.dead(delivery, 'expired', null);
      return;
    }
    const behindMs = task.attempts === 0 ? this.deferred.turn(delivery, nowMs) : undefined;
    if (behindMs !== undefined) {
      this.deferUntil(delivery, behindMs);
      return;
    }
    const found = this.parts.receivers.find(task.subscriptionId);
    switch (found.kind) {
      case 'unknown':
        this.withoutSubscription(delivery);
        return;
      case 'disabled':
        this.dead(delivery, 'subscription-disabled', null);
        return;
      case 'unsendable':
        this.outcome(delivery, unsendable(found.error), []);
        return;
      case 'receiver':
        await this.attempt(delivery, found);
    }
  }

  private async attempt(delivery: Delivery, receiver: Receiver): Promise<void> {
    const { breakers, requests } = this.parts;
    const { task } = delivery;
    if (task.body.length > this.limits.maxBodyBytes) {
      this.outcome(delivery, unsendable('the body is too large'), []);
      return;
    }
    const endpoint = receiver.subscription.url;
    const waitMs = breakers.waitMs(endpoint);
    if (waitMs > 0) {
      this.defer(delivery, waitMs);
      return;
    }
    this.underWay++;
    const result = await breakers.run(endpoint, () => requests.send(task, receiver));
    this.underWay--;
    this.pace(delivery, result);
    // Another instance has the record now and makes the delivery itself.
    if (!delivery.lost) {
      this.outcome(delivery, result, receiver.subscription.settings.retryDelaysMs);
    }
  }

  private pace({ task }: Delivery, { outcome }: AttemptResult): void {
    const lane = this.parts.lanes.of(task.subscriptionId);
    if (outcome === 'timedOut') {
      lane.slowDown();
    } else if (outcome === 'delivered') {
      lane.speedUp();
    }
  }

  /** What happens next, after an attempt. */
  private outcome(delivery: Delivery, result: AttemptResult, retryDelaysMs: readonly number[]): void {
    const { records } = this.parts;
    const { task, partition } = delivery;
    const row = records.attemptRow(task, partition, result);
    const tried = { ...task, attempts: task.attempts + 1, lastOutcome: result.outcome };
    switch (result.outcome) {
      case 'delivered':
        this.settle(delivery, [row]);
        return;
      case 'gone':
      case 'unsendable':
        this.settle(delivery, [row, ...this.deadRecords(tried, partition, result.outcome, result.error)]);
        return;
      case 'failed':
      case 'timedOut': {
        const delayMs = retryDelaysMs[task.attempts];
        this.settle(
          delivery,
          delayMs === undefined
            ? [row, ...this.deadRecords(tried, partition, 'attempts-exhausted', result.error)]
            : [
                row,
                this.retryRecord(tried, partition, result.retryAfterMs ?? jittered(delayMs, Math.random())),
              ],
        );
      }
    }
  }

  private retryRecord(task: DeliveryTask, partition: number, waitMs: number): OutgoingRecord {
    const nowMs = Date.now();
    const dueAtMs = Math.min(nowMs + waitMs, Math.max(task.expiresAtMs, nowMs));
    return this.parts.records.retry({ ...task, dueAtMs }, partition, tierFor(dueAtMs - nowMs).topic);
  }

  private dead(delivery: Delivery, reason: DeadReason, error: string | null): void {
    this.settle(delivery, this.deadRecords(delivery.task, delivery.partition, reason, error));
  }

  private deadRecords(
    task: DeliveryTask,
    partition: number,
    reason: DeadReason,
    error: string | null,
  ): OutgoingRecord[] {
    const { webhookId, subscriptionId, changeId, attempts } = task;
    this.parts.logger.warn(
      { webhookId, subscriptionId, changeId, attempts, reason, error },
      'a delivery is dead',
    );
    return this.parts.records.dead(task, partition, reason, error);
  }

  /** It may be so new that its record is still on its way to here; a deleted one stays unknown. */
  private withoutSubscription(delivery: Delivery): void {
    const { task, partition } = delivery;
    if (this.parts.unknown.mayAppear(task.subscriptionId)) {
      this.defer(delivery, shortDeferralMs);
      return;
    }
    this.settle(delivery, [
      this.parts.records.row(task, partition, 'dropped', {
        attempt: task.attempts,
        error: 'the subscription was deleted',
      }),
    ]);
  }

  /** Puts a delivery off without using up an attempt. */
  private defer(delivery: Delivery, waitMs: number): void {
    this.deferUntil(delivery, Date.now() + waitMs + spreadMs(delivery.record));
  }

  private deferUntil(delivery: Delivery, dueAtMs: number): void {
    if (delivery.task.attempts === 0) {
      this.deferred.add(delivery, dueAtMs);
    }
    this.putOff(delivery, dueAtMs);
  }

  private putOff(delivery: Delivery, dueAtMs: number): void {
    const task = { ...delivery.task, dueAtMs: Math.min(Math.ceil(dueAtMs), delivery.task.expiresAtMs) };
    const tier = tierFor(task.dueAtMs - Date.now());
    this.settle(delivery, [this.parts.records.retry(task, delivery.partition, tier.topic)]);
  }

  /** Writes what follows from a record, in this order, and then acknowledges it. */
  private settle(finished: Finished, records: readonly OutgoingRecord[]): void {
    this.underWay++;
    this.parts.publisher.publish(records).then(
      () => {
        this.underWay--;
        finished.batch.ack(finished.offset);
      },
      (error: unknown) => {
        this.underWay--;
        this.notWritten(finished, records, error);
      },
    );
  }

  /**
   * The publisher waits for Kafka as long as it takes, so this is for good. A record that a topic does not take
   * must not be read again and again: its rows say that it is dead.
   */
  private notWritten(finished: Finished, records: readonly OutgoingRecord[], error: unknown): void {
    const rows = records.filter((record) => record.topic === deliveryTopics.attempts);
    if (!isRecordTooLarge(error) || !(finished instanceof Delivery) || rows.length === records.length) {
      this.parts.fail(error);
      return;
    }
    const { task, partition } = finished;
    const { webhookId, subscriptionId } = task;
    const text = 'the record is too large for its topic';
    this.parts.logger.error({ webhookId, subscriptionId, err: error }, `a delivery is dead: ${text}`);
    const details = { attempt: task.attempts, reason: 'unsendable', error: text } as const;
    this.settle(finished, [...rows, this.parts.records.row(task, partition, 'dead', details)]);
  }

  /** Partitions went to another instance: what is held for them is the other's. */
  forgetLost(): void {
    this.room.take((delivery) => delivery.lost);
  }

  /** Begins nothing more and waits for what is under way. What is left is read again after the next start. */
  async stop(attemptTimeoutMs: number): Promise<void> {
    this.stopping = true;
    const giveUp = setTimeout(() => {
      this.parts.requests.abortAll();
    }, attemptTimeoutMs);
    for (const delivery of this.room.take(() => true)) {
      delivery.batch.release(delivery.offset);
    }
    await this.quiet();
    clearTimeout(giveUp);
  }

  private async quiet(): Promise<void> {
    while (this.underWay > 0) {
      await delay(5);
    }
  }
}

function unsendable(error: string): AttemptResult {
  return {
    outcome: 'unsendable',
    status: null,
    error,
    response: null,
    durationMs: 0,
    retryAfterMs: undefined,
  };
}

/** The same for one record, so that its deliveries keep their order. */
function spreadMs(record: string): number {
  let hash = 0;
  for (let index = 0; index < record.length; index++) {
    hash = (hash * 31 + record.charCodeAt(index)) | 0;
  }
  return Math.abs(hash) % deferralSpreadMs;
}
