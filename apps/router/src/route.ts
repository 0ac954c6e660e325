import type { ChangeReader, ReadChange } from '#libs/change';
import { deliveryTopics, rejectedRecord, writeTask } from '#libs/delivery-task';
import { deliveryOf, renderBody, Subject, type ReadableChange } from '#libs/event';
import { isRecordTooLarge, type IncomingRecord, type Publisher, type RecordBatch } from '#libs/kafka';
import { delay, messageOf, RelayError } from '#libs/process';
import type { Subscription } from '#libs/subscription';
import { SpanKind, traceHeader, type Logger, type TraceSpan, type Tracing } from '#libs/telemetry';
import { Room } from './room.js';
import type { Match, Matched, Poisoned, SubscriptionIndex } from './subscription-index.js';

/** The way of a change through the router: read, match, write the body, publish, acknowledge. */

export interface RouteParts {
  reader: Pick<ChangeReader, 'read'>;
  index: Pick<SubscriptionIndex, 'matches'>;
  publisher: Pick<Publisher, 'publish'>;
  logger: Logger;
  /** Milliseconds since 1970. */
  now(): number;
  /** For faults that no retry mends: the process must end. */
  fail(error: unknown): void;
  /** Told of each change that a subscription cannot be asked about. */
  notApplicable(subscription: Subscription, reason: string): void;
  tracing?: Pick<Tracing, 'child'>;
  /** A record was put aside. */
  onRejected?(): void;
  registryRetryMs?: number;
}

/** What may be on its way to Kafka at once: as much is repeated at most after a crash. */
const maxDeliveriesUnderWay = 1_000;
const maxBytesUnderWay = 16_000_000;
const leastWeight = maxBytesUnderWay / maxDeliveriesUnderWay;
const defaultRegistryRetryMs = 1_000;

export class Route {
  /** What a partition has in hand: its batches are read one after the other. */
  private readonly lanes = new Map<string, Promise<void>>();
  private readonly room = new Room(maxBytesUnderWay);

  constructor(private readonly parts: RouteParts) {}

  /** Takes a batch in hand and returns at once. */
  onBatch(batch: RecordBatch): void {
    const name = `${batch.topic}/${String(batch.partition)}`;
    const lane = (this.lanes.get(name) ?? Promise.resolve()).then(() => this.routeBatch(batch));
    const settled = lane
      .catch((error: unknown) => {
        this.parts.fail(error);
      })
      .then(() => {
        if (this.lanes.get(name) === settled) {
          this.lanes.delete(name);
        }
      });
    this.lanes.set(name, settled);
  }

  private async routeBatch(batch: RecordBatch): Promise<void> {
    const startedMs = performance.now();
    let publications = 0;
    for (const record of batch.records) {
      const read = this.read(record, batch.signal);
      const change = read instanceof Promise ? await read : read;
      if (batch.signal.aborted || change === undefined) {
        return;
      }
      publications += this.publishAll(record, change, batch);
      await this.room.available();
    }
    this.log(batch, publications, startedMs);
  }

  private log({ topic, partition, records }: RecordBatch, publications: number, startedMs: number): void {
    const { logger } = this.parts;
    if (logger.isLevelEnabled('debug')) {
      const durationMs = Math.round(performance.now() - startedMs);
      const offset = String(records[0]?.offset);
      const about = { topic, partition, offset, records: records.length, publications, durationMs };
      logger.debug(about, 'a batch was routed');
    }
  }

  /** undefined when the partition was taken away while the registry did not answer. */
  private read(record: IncomingRecord, signal: AbortSignal): ReadChange | Promise<ReadChange | undefined> {
    try {
      const read = this.parts.reader.read(record);
      return read instanceof Promise ? this.untilRead(read, record, signal) : read;
    } catch (error) {
      return unreadable(error);
    }
  }

  /** What cannot be looked up now can be later: nothing is skipped, and what follows waits. */
  private async untilRead(
    first: Promise<ReadChange>,
    record: IncomingRecord,
    signal: AbortSignal,
  ): Promise<ReadChange | undefined> {
    for (let again = false; ; again = true) {
      try {
        return await (again ? this.parts.reader.read(record) : first);
      } catch (error) {
        if (!(error instanceof RelayError && error.code === 'REGISTRY_UNAVAILABLE')) {
          return unreadable(error);
        }
        this.parts.logger.warn(
          { topic: record.topic, reason: error.message },
          'waiting for the schema registry',
        );
      }
      await delay(this.parts.registryRetryMs ?? defaultRegistryRetryMs, signal);
      if (signal.aborted) {
        return undefined;
      }
    }
  }

  /** Publishes what a record leads to, in order, and says how many that are; it is acknowledged once all of them are. */
  private publishAll(record: IncomingRecord, read: ReadChange, batch: RecordBatch): number {
    const published = this.outcome(record, read);
    if (published.length === 0) {
      batch.ack(record.offset);
      return 0;
    }
    Promise.all(published).then(
      () => {
        batch.ack(record.offset);
      },
      (error: unknown) => {
        // After a stop the publisher is closed: whoever reads the record next will publish it.
        batch.release(record.offset);
        if (!batch.signal.aborted) {
          this.parts.fail(error);
        }
      },
    );
    return published.length;
  }

  private outcome(record: IncomingRecord, read: ReadChange): Promise<void>[] {
    switch (read.kind) {
      case 'tombstone':
        return [];
      case 'unreadable':
        return [this.reject(record, read.reason)];
      case 'change':
        return this.traced(record, read);
    }
  }

  /** With a span of its own, where the change is traced. */
  private traced(record: IncomingRecord, read: ReadableChange): Promise<void>[] {
    const given = record.headers[traceHeader];
    if (given === undefined) {
      return this.deliveries(record, read, null);
    }
    const span = this.parts.tracing?.child(given, 'route', {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.destination.name': record.topic,
        'relay.change_id': read.change.source.change_id,
      },
    });
    const published = this.deliveries(record, read, span?.traceparent ?? given);
    void endWith(span, published);
    return published;
  }

  /** One publication for each subscription; a body that several get is written once. */
  private deliveries(
    record: IncomingRecord,
    read: ReadableChange,
    traceparent: string | null,
  ): Promise<void>[] {
    const matched = this.match(read);
    if (matched.kind === 'refused') {
      return [this.reject(record, `it cannot be matched: ${matched.reason}`)];
    }
    const published = this.poisoned(record, matched.poisoned);
    const bodies = new Map<string, Buffer | undefined>();
    for (const match of matched.matches) {
      const { format, shape } = match.listener.subscription;
      const name = `${format} ${match.eventType}`;
      const wanted = shape === null ? name : `${name} ${shape}`;
      if (!bodies.has(wanted)) {
        const rendered = render(read, match);
        bodies.set(wanted, rendered.kind === 'body' ? rendered.body : undefined);
        if (rendered.kind === 'refused') {
          published.push(this.reject(record, `no ${name} body: ${rendered.reason}`));
        }
      }
      const body = bodies.get(wanted);
      if (body !== undefined) {
        published.push(this.deliver(record, read, match, { body, traceparent }));
      }
    }
    return published;
  }

  /** One record put aside, whatever the number of subscriptions; each of these is told of once. */
  private poisoned(record: IncomingRecord, poisoned: readonly Poisoned[]): Promise<void>[] {
    const [first] = poisoned;
    if (first === undefined) {
      return [];
    }
    const others = poisoned.length === 1 ? '' : ` and ${poisoned.length - 1} others`;
    poisoned.forEach(({ subscription, reason }) => {
      this.parts.notApplicable(subscription, reason);
    });
    // Its owner is told, and the log was: once, where this is once for each change.
    const reason = `no delivery for subscription ${first.subscription.id}${others}: ${first.reason}`;
    return [this.reject(record, reason, 'warn')];
  }

  private match({ change, columns }: ReadableChange): ({ kind: 'matched' } & Matched) | Refused {
    try {
      const { matches, poisoned } = this.parts.index.matches(new Subject(change), columns);
      return { kind: 'matched', matches, poisoned };
    } catch (error) {
      return refused(error);
    }
  }

  private async deliver(
    record: IncomingRecord,
    read: ReadableChange,
    { listener, eventType }: Match,
    { body, traceparent }: { body: Buffer; traceparent: string | null },
  ): Promise<void> {
    const { subscription } = listener;
    const weight = Math.max(body.length, leastWeight);
    const nowMs = this.parts.now();
    const delivery = deliveryOf(read, subscription, { eventType, body, nowMs, traceparent });
    const task = writeTask(delivery, deliveryTopics.first);
    this.room.take(weight);
    try {
      await this.parts.publisher.publish([task]);
    } catch (error) {
      if (!isRecordTooLarge(error)) {
        throw error;
      }
      await this.reject(record, `no delivery for subscription ${subscription.id}: ${messageOf(error)}`);
    } finally {
      this.room.giveBack(weight);
    }
  }

  /** Puts a record aside where it is found again, with the reason. */
  private async reject(
    record: IncomingRecord,
    reason: string,
    level: 'error' | 'warn' = 'error',
  ): Promise<void> {
    const { topic, partition, offset } = record;
    this.parts.onRejected?.();
    this.parts.logger[level]({ topic, partition, offset: String(offset), reason }, 'rejected');
    const weight = Math.max(record.value?.length ?? 0, leastWeight);
    this.room.take(weight);
    try {
      await this.publishRejected(record, reason);
    } finally {
      this.room.giveBack(weight);
    }
  }

  /** Topics of changes take larger records than that of rejected ones: then only the reference is kept. */
  private async publishRejected(record: IncomingRecord, reason: string): Promise<void> {
    const { publisher } = this.parts;
    try {
      await publisher.publish([rejectedRecord('router', record, reason)]);
    } catch (error) {
      if (!isRecordTooLarge(error)) {
        throw error;
      }
      const reference = { ...record, key: null, value: null };
      await publisher.publish([
        rejectedRecord('router', reference, `${reason} (its bytes are left at its origin)`),
      ]);
    }
  }
}

/** Once all that the span's change leads to is written. */
async function endWith(span: TraceSpan | undefined, published: readonly Promise<void>[]): Promise<void> {
  if (span !== undefined) {
    const failed = (await Promise.allSettled(published)).find(({ status }) => status === 'rejected');
    span.end({ 'relay.records': published.length }, failed && 'not all that follows from it was written');
  }
}

// Whatever a record holds, it must not keep the ones behind it from going on: what is wrong with it is a reason.

interface Refused {
  kind: 'refused';
  reason: string;
}

function refused(error: unknown): Refused {
  return { kind: 'refused', reason: messageOf(error) };
}

function unreadable(error: unknown): ReadChange {
  return { kind: 'unreadable', reason: messageOf(error) };
}

function render(
  { change, columns, recordId }: ReadableChange,
  { listener, eventType }: Match,
): { kind: 'body'; body: Buffer } | Refused {
  try {
    const event = { type: eventType, change, columns, recordId };
    return { kind: 'body', body: renderBody(event, listener.subscription.format, listener.shape) };
  } catch (error) {
    return refused(error);
  }
}
