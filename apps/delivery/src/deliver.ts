import { deliveryTopics, readTask, type DeadReason, type DeliveryTask } from '#libs/delivery-task';
import type { IncomingRecord, OutgoingRecord, RecordBatch, RecordSource } from '#libs/kafka';
import { delay } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { unsendable, type AttemptResult } from './attempt.js';
import type { Breakers } from './breakers.js';
import type { CatchUp } from './catch-up.js';
import { DeferredRecords } from './deferred-records.js';
import type { DeferralSlots } from './deferral-slots.js';
import { Delivery, type DeliverySteps } from './delivery.js';
import { HeldDeliveries } from './held-deliveries.js';
import type { Lanes } from './lane.js';
import type { OutcomeRecords } from './outcome-records.js';
import type { Receiver, Receivers } from './receivers.js';
import type { Requests } from './requests.js';
import type { NewestChanges } from './newest-changes.js';
import { dueHereMs, jittered, releaseAtMs, shortDeferralMs, wholeTierMs } from './retry-schedule.js';
import type { Settler } from './settler.js';
import { deliveryKey, type TakeOvers } from './take-overs.js';
import type { UnknownSubscriptions } from './unknown-subscriptions.js';

export interface DeliverParts {
  settler: Settler;
  receivers: Receivers;
  unknown: UnknownSubscriptions;
  requests: Requests;
  breakers: Breakers;
  lanes: Lanes;
  catchUp: CatchUp;
  slots: DeferralSlots;
  newest: NewestChanges;
  records: OutcomeRecords;
  logger: Logger;
  takeOvers: TakeOvers;
  /** Of a larger body no request is made. */
  maxBodyBytes: number;
  /** A delivery was put off, and why. */
  onDeferral(reason: DeferralReason): void;
}

export type DeferralReason = 'lane full' | 'order' | 'breaker open' | 'subscription unknown';

/** These say that the endpoint should be asked less. */
const slowStatuses = new Set([429, 502, 504]);
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
      this.defer(delivery, 'lane full', shortDeferralMs);
    },
  };
  private readonly held = new HeldDeliveries((delivery) => {
    this.due(delivery);
  });
  private readonly deferred = new DeferredRecords();
  /** Attempts under way. */
  private underWay = 0;
  private stopping = false;

  constructor(private readonly parts: DeliverParts) {}

  /** Records of `relay.deliveries` and of the retry topics. */
  take({ records, ...batch }: RecordBatch): void {
    if (batch.topic === deliveryTopics.first) {
      this.parts.catchUp.sawFirst(records.length);
    }
    const { takeOvers } = this.parts;
    const known = takeOvers.delivered(batch.partition);
    if (known === undefined) {
      void takeOvers.untilKnown(batch.partition).then((delivered) => {
        this.enterAll(records, batch, delivered);
      });
    } else {
      this.enterAll(records, batch, known);
    }
  }

  /** `delivered` is what the last owner of the partition has made and perhaps not acknowledged. */
  private enterAll(
    records: readonly IncomingRecord[],
    batch: RecordSource,
    delivered: ReadonlySet<string>,
  ): void {
    for (const record of records) {
      if (this.stopping) {
        batch.release(record.offset);
      } else {
        this.enter(record, batch, delivered);
      }
    }
  }

  private enter(record: IncomingRecord, batch: RecordSource, delivered: ReadonlySet<string>): void {
    const read = readTask(record);
    if (read.kind === 'unreadable') {
      this.parts.logger.error(
        { topic: record.topic, partition: record.partition, offset: Number(record.offset) },
        `rejected a record: ${read.reason}`,
      );
      this.parts.settler.settle({ batch, offset: record.offset }, [
        this.parts.records.rejected(record, read.reason),
      ]);
      return;
    }
    if (delivered.size > 0 && delivered.has(deliveryKey(read.task))) {
      batch.ack(record.offset);
      return;
    }
    const nowMs = Date.now();
    const dueAtMs = dueHereMs(record, read.task.dueAtMs, nowMs);
    const task = dueAtMs === read.task.dueAtMs ? read.task : { ...read.task, dueAtMs };
    const delivery = new Delivery(task, record.offset, batch, this.steps);
    const mostMs = this.isInTheWay(delivery, nowMs) ? this.held.inTheWayMs : Infinity;
    const untilMs = Math.min(releaseAtMs(record, dueAtMs, nowMs), nowMs + mostMs);
    delivery.leftMs = Math.max(0, dueAtMs - untilMs);
    delivery.isEarly =
      delivery.isDeferred &&
      this.takesMore(read.task.subscriptionId) &&
      !this.deferred.isBehind(delivery, nowMs);
    if (untilMs > nowMs && !delivery.isEarly) {
      this.held.hold(delivery, untilMs);
    } else {
      this.due(delivery);
    }
  }

  /** It waits for an earlier change of its record, whose record may stand behind what is held here. */
  private isInTheWay(delivery: Delivery, nowMs: number): boolean {
    const { isDeferred, task } = delivery;
    return isDeferred && !this.isOpen(task.subscriptionId) && this.deferred.isBehind(delivery, nowMs);
  }

  private isOpen(subscriptionId: string): boolean {
    const found = this.parts.receivers.find(subscriptionId);
    return found.kind === 'receiver' && this.parts.breakers.waitMs(found.subscription.url) > 0;
  }

  /** Nothing speaks against another delivery to its endpoint now. */
  private takesMore(subscriptionId: string): boolean {
    return !this.isOpen(subscriptionId) && this.parts.lanes.hasRoomToCatchUp(subscriptionId);
  }

  /** It is due, or its tier has no more time for it. */
  private due(delivery: Delivery): void {
    const { task } = delivery;
    if (delivery.lost) {
      return;
    }
    // What is left of its time, also where the clock was set back while it was held.
    const nowMs = Date.now();
    const leftMs = Math.min(task.dueAtMs - nowMs, delivery.leftMs);
    if (leftMs > earlyMs && !delivery.isEarly) {
      this.putOff(delivery, nowMs + leftMs, task.deferred);
      return;
    }
    if (!this.waitsItsTurn(delivery) && !this.parts.lanes.of(task.subscriptionId).offer(delivery)) {
      this.defer(delivery, 'lane full', shortDeferralMs);
    }
  }

  /** Earlier changes of its record were put off: it is put off too, and takes no room in the lane before. */
  private waitsItsTurn(delivery: Delivery): boolean {
    const nowMs = Date.now();
    const behindMs = delivery.task.attempts > 0 ? undefined : this.deferred.turn(delivery, nowMs);
    if (behindMs !== undefined) {
      this.defer(delivery, 'order', behindMs - nowMs);
    }
    return behindMs !== undefined;
  }

  /** Its lane has room: from here to the answer no other delivery of the same record is under way. */
  private async run(delivery: Delivery): Promise<void> {
    const uncertain = delivery.batch.uncertain();
    if (uncertain !== undefined) {
      await uncertain;
    }
    if (this.stopping) {
      delivery.batch.release(delivery.offset);
      return;
    }
    const { task } = delivery;
    if (delivery.lost) {
      return;
    }
    if (task.expiresAtMs <= Date.now()) {
      this.dead(delivery, 'expired', null);
      return;
    }
    if (this.waitsItsTurn(delivery)) {
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
    if (task.body.length > this.parts.maxBodyBytes) {
      this.outcome(delivery, unsendable('the body is too large'), []);
      return;
    }
    const endpoint = receiver.subscription.url;
    const waitMs = breakers.waitMs(endpoint);
    if (waitMs > 0) {
      this.defer(delivery, 'breaker open', waitMs);
      return;
    }
    if (this.isSuperseded(delivery, receiver)) {
      return;
    }
    const wasOpen = breakers.openBreaker(endpoint) !== undefined;
    this.underWay++;
    const result = { ...(await requests.send(task, receiver)), urlHash: receiver.urlHash };
    this.underWay--;
    const isWell = breakers.openBreaker(endpoint) === undefined;
    if (wasOpen && isWell) {
      this.parts.lanes.of(task.subscriptionId).slowStart();
      this.held.release(task.subscriptionId, (held) => this.isInTheWay(held, Date.now()));
    }
    this.pace(delivery, result, isWell);
    if (delivery.lost) {
      this.parts.settler.tellNextOwner(delivery, result);
    } else {
      this.outcome(delivery, result, receiver.subscription.settings.retryDelaysMs);
    }
  }

  /** A newer change of the record went out already and the subscription wants only the latest. */
  private isSuperseded(delivery: Delivery, { subscription }: Receiver): boolean {
    const { task, partition } = delivery;
    if (subscription.settings.ordering === 'none' || this.parts.newest.claim(task)) {
      return false;
    }
    const row = this.parts.records.row(task, partition, 'superseded', { attempt: task.attempts });
    this.parts.settler.settle(delivery, [row]);
    return true;
  }

  /** An endpoint that is slow gets less at a time, one that answers more, and what was put off for it comes back. */
  private pace({ task }: Delivery, { outcome, status }: AttemptResult, isWell: boolean): void {
    const lane = this.parts.lanes.of(task.subscriptionId);
    if (outcome === 'timedOut' || slowStatuses.has(status ?? 0)) {
      lane.slowDown();
      return;
    }
    if (outcome === 'delivered') {
      lane.speedUp();
    }
    if (isWell) {
      const mayGo = (next: Delivery): boolean => !this.deferred.isBehind(next, Date.now());
      this.held.comeBack(task, mayGo, () => lane.hasRoomToCatchUp);
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
        this.parts.settler.settle(delivery, [row]);
        return;
      case 'gone':
      case 'unsendable':
        this.parts.settler.settle(delivery, [
          row,
          ...this.deadRecords(tried, partition, result.outcome, result.error),
        ]);
        return;
      case 'failed':
      case 'timedOut': {
        const delayMs = retryDelaysMs[task.attempts];
        this.parts.settler.settle(
          delivery,
          delayMs === undefined
            ? [row, ...this.deadRecords(tried, partition, 'attempts-exhausted', result.error)]
            : [row, records.again(tried, partition, result.retryAfterMs ?? jittered(delayMs, Math.random()))],
        );
      }
    }
  }

  private dead(delivery: Delivery, reason: DeadReason, error: string | null): void {
    this.parts.settler.settle(delivery, this.deadRecords(delivery.task, delivery.partition, reason, error));
  }

  private deadRecords(
    task: DeliveryTask,
    partition: number,
    reason: DeadReason,
    error: string | null,
  ): OutgoingRecord[] {
    const { webhookId, subscriptionId, changeId, database, eventType, attempts } = task;
    this.parts.logger.warn(
      { webhookId, subscriptionId, changeId, database, eventType, attempts, reason, error },
      'a delivery is dead',
    );
    return this.parts.records.dead(task, partition, reason, error);
  }

  /** It may be so new that its record is still on its way to here; a deleted one stays unknown. */
  private withoutSubscription(delivery: Delivery): void {
    const { task, partition } = delivery;
    if (this.parts.unknown.mayAppear(task.subscriptionId)) {
      this.defer(delivery, 'subscription unknown', shortDeferralMs);
      return;
    }
    this.parts.settler.settle(delivery, [
      this.parts.records.row(task, partition, 'dropped', {
        attempt: task.attempts,
        error: 'the subscription was deleted',
      }),
    ]);
  }

  /** Puts a delivery off without using up an attempt, for so long or until its endpoint takes more. */
  private defer(delivery: Delivery, reason: DeferralReason, waitMs: number): void {
    const { subscriptionId } = delivery.task;
    const found = this.parts.receivers.find(subscriptionId);
    const rateLimitPerS = found.kind === 'receiver' ? found.subscription.settings.rateLimitPerS : null;
    const nowMs = Date.now();
    const slotMs = this.parts.slots.take(subscriptionId, nowMs, nowMs + waitMs, rateLimitPerS);
    // With others before it, it may as well wait in one go.
    const dueAtMs = slotMs > nowMs + waitMs ? nowMs + wholeTierMs(slotMs - nowMs) : slotMs;
    this.parts.onDeferral(reason);
    if (delivery.task.attempts === 0) {
      this.deferred.add(delivery, dueAtMs, Date.now());
    }
    const isDown = this.isOpen(subscriptionId) || delivery.task.deferred === 'down';
    this.putOff(delivery, dueAtMs, isDown ? 'down' : 'late');
  }

  private putOff(delivery: Delivery, wantedMs: number, deferred: DeliveryTask['deferred']): void {
    const task = { ...delivery.task, deferred };
    this.parts.settler.settle(delivery, [this.parts.records.waiting(task, delivery.partition, wantedMs)]);
  }

  /** Deliveries of retry topics that are in memory until they are due. */
  get heldCount(): number {
    return this.held.size;
  }

  /** Partitions went to another instance: what is held for them is the other's. */
  forgetLost(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.parts.takeOvers.forget(partition);
    }
    this.held.take((delivery) => delivery.lost);
  }

  /** Begins nothing more and waits for what is under way. What is left is read again after the next start. */
  async stop(attemptTimeoutMs: number): Promise<void> {
    this.stopping = true;
    const giveUp = setTimeout(() => {
      this.parts.requests.abortAll();
    }, attemptTimeoutMs);
    for (const delivery of this.held.take(() => true)) {
      delivery.batch.release(delivery.offset);
    }
    while (this.underWay > 0) {
      await delay(5);
    }
    await this.parts.settler.quiet();
    clearTimeout(giveUp);
  }
}
