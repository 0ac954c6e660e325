import { type AttemptRow } from '#libs/delivery-task';
import type {
  AvroCodec,
  IncomingRecord,
  OutgoingRecord,
  Publisher,
  RecordBatch,
  SchemaRegistry,
} from '#libs/kafka';
import { eventRecord, type OperationalEvent } from '#libs/operational-events';
import { delay } from '#libs/process';
import {
  subscriptionStateToAvro,
  subscriptionTopics,
  type BreakerState,
  type Subscription,
  type SubscriptionState,
} from '#libs/subscription';
import type { Logger } from '#libs/telemetry';
import { countRow, withBreaker } from './consecutive-count.js';

const retryMs = 1000;

export interface CounterParts {
  registry: Pick<SchemaRegistry, 'decode' | 'decodeKnown'>;
  publisher: Pick<Publisher, 'publish'>;
  stateCodec: AvroCodec;
  logger: Logger;
  subscription(id: string): Subscription | undefined;
  /** Of an endpoint, as it is now. */
  openBreaker(url: string): BreakerState | null;
  /** All states as they stand in Kafka now. */
  readStates(): Promise<readonly SubscriptionState[]>;
  fail(error: unknown): void;
}

/**
 * Counts dead letters in a row, from the rows of `relay.attempts` in their order, and is the only writer of
 * `relay.subscription-state`. A row is acknowledged when the state it led to is written; the state holds the
 * row's offset, so that reading it again changes nothing.
 */
export class Counter {
  /** By subscription: what was read or written last. */
  private readonly states = new Map<string, SubscriptionState>();
  /** By partition (its signal): rows are counted one batch after the other. */
  private readonly tails = new WeakMap<AbortSignal, Promise<void>>();

  constructor(private readonly parts: CounterParts) {}

  state(subscriptionId: string): SubscriptionState | undefined {
    return this.states.get(subscriptionId);
  }

  /** A state as it comes from Kafka: another instance may have written it. */
  learn(state: SubscriptionState): void {
    const known = this.states.get(state.subscriptionId);
    if (known === undefined || known.attemptsOffset <= state.attemptsOffset) {
      this.states.set(state.subscriptionId, state);
    }
  }

  /** Records of `relay.attempts`. */
  take(batch: RecordBatch): void {
    const before = this.tails.get(batch.signal) ?? this.takeOver(batch.signal);
    const tail = before.then(() => this.count(batch));
    this.tails.set(batch.signal, tail);
    tail.catch((error: unknown) => {
      this.parts.fail(error);
    });
  }

  /** A partition that is new here: what its last owner wrote must be known before anything is counted. */
  private async takeOver(signal: AbortSignal): Promise<void> {
    const states = await this.untilItWorks(() => this.parts.readStates(), signal);
    states?.forEach((state) => {
      this.learn(state);
    });
  }

  /** Kafka or the registry may be away for a while; undefined when the partition is taken away meanwhile. */
  private async untilItWorks<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    while (!signal.aborted) {
      try {
        return await ask();
      } catch (error) {
        this.parts.logger.warn({ err: error }, 'counting waits');
        await delay(retryMs, signal);
      }
    }
    return undefined;
  }

  private async count(batch: RecordBatch): Promise<void> {
    if (batch.signal.aborted) {
      return;
    }
    const { signal } = batch;
    const changed = new Map<string, SubscriptionState>();
    const events: OutgoingRecord[] = [];
    for (const record of batch.records) {
      const row = await this.read(record, signal);
      const state = row === undefined ? undefined : this.next(row, record.offset);
      if (state !== undefined) {
        events.push(...this.announce(state));
        this.states.set(state.subscriptionId, state);
        changed.set(state.subscriptionId, state);
      }
    }
    if (isAborted(signal)) {
      return;
    }
    const states = Array.from(changed.values(), (state) => this.stateRecord(state));
    // The events first: a state that is written is not news any more when its row is read again.
    if (events.length > 0) {
      await this.parts.publisher.publish(events);
    }
    await this.parts.publisher.publish(states);
    for (const record of batch.records) {
      batch.ack(record.offset);
    }
  }

  private async read(record: IncomingRecord, signal: AbortSignal): Promise<AttemptRow | undefined> {
    const { registry, logger } = this.parts;
    if (record.value === null) {
      return undefined;
    }
    const { value } = record;
    const decoded =
      registry.decodeKnown(value) ?? (await this.untilItWorks(() => registry.decode(value), signal));
    if (decoded === undefined) {
      return undefined;
    }
    if (decoded.kind === 'unreadable') {
      logger.warn({ partition: record.partition, offset: Number(record.offset) }, decoded.reason);
      return undefined;
    }
    return decoded.value as AttemptRow;
  }

  private next(row: AttemptRow, offset: bigint): SubscriptionState | undefined {
    const subscription = this.parts.subscription(row.subscription_id);
    if (subscription === undefined) {
      return undefined;
    }
    const before = this.states.get(subscription.id);
    if (before !== undefined && offset <= before.attemptsOffset) {
      return undefined;
    }
    const counted = countRow(subscription, before, { row, offset });
    const open = this.parts.openBreaker(subscription.url);
    return withBreaker(subscription, counted ?? before, open, offset) ?? counted;
  }

  /** In the log, and as records for whoever runs the system. */
  private announce(state: SubscriptionState): OutgoingRecord[] {
    const { subscriptionId, consecutiveDead, reason, enabledEpoch } = state;
    const event = this.newsOf(state, this.states.get(subscriptionId));
    const subscription = this.parts.subscription(subscriptionId);
    if (event === undefined || subscription === undefined) {
      return [];
    }
    const about = { subscriptionId, consecutiveDead, reason };
    if (state.state === 'active') {
      this.parts.logger.info(about, 'the subscription has recovered');
    } else {
      this.parts.logger.warn(about, `the subscription is ${state.state}`);
    }
    // It may fail and recover many times; a row that is read again leads to the same id.
    const id = [subscriptionId, enabledEpoch, state.state, state.attemptsOffset].join('-');
    return [eventRecord(subscription.database, id, event)];
  }

  private newsOf(
    state: SubscriptionState,
    before: SubscriptionState | undefined,
  ): OperationalEvent | undefined {
    const subscription = this.parts.subscription(state.subscriptionId);
    const isNews = before?.state !== state.state || before.enabledEpoch !== state.enabledEpoch;
    if (!isNews || subscription === undefined) {
      return undefined;
    }
    const about = { subscription_id: subscription.id, application_id: subscription.applicationId };
    const { consecutiveDead: consecutive_dead, reason } = state;
    switch (state.state) {
      case 'disabled':
        return { kind: 'subscription.disabled', ...about, consecutive_dead, reason: reason ?? '' };
      case 'failing': {
        const { disableAfter: disable_after } = subscription.settings;
        return { kind: 'subscription.failing', ...about, consecutive_dead, disable_after };
      }
      case 'active':
        // Only a delivery that has arrived sets the time of an active state.
        return hasBeenInTrouble(before) && state.sinceMs > 0n
          ? { kind: 'subscription.recovered', ...about }
          : undefined;
    }
  }

  private stateRecord(state: SubscriptionState): OutgoingRecord {
    return {
      topic: subscriptionTopics.states,
      key: state.subscriptionId,
      value: this.parts.stateCodec.encode(subscriptionStateToAvro(state)),
    };
  }
}

function hasBeenInTrouble(before: SubscriptionState | undefined): boolean {
  return before !== undefined && before.state !== 'active';
}

/** Asked again after a wait: the compiler believes that it is still as before. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
