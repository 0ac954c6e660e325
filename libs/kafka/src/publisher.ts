import type { Producer } from 'kafkajs';
import { delay, messageOf, RelayError } from '#libs/process';
import type { KafkaMetrics } from './kafka-metrics.js';
import type { OutageLog } from './outage-log.js';
import { ProducerLink } from './producer-link.js';
import { sizeOfRecord, type OutgoingRecord } from './record.js';
import { toOutgoing, type Outgoing } from './send-all.js';

export interface PublisherOptions {
  /** What may wait to be sent before `publish` makes its callers wait. Default 16 MiB. */
  maxQueuedBytes?: number;
  /**
   * In a stream of records, how long a request waits for more of them, milliseconds: larger requests cost less a
   * record. A record that comes after a pause goes at once. Default 0.
   */
  lingerMs?: number;
  /** How long `close` tries to send what is queued. Default 10 s. */
  flushTimeoutMs?: number;
}

/** Writes records: acknowledged by all in-sync replicas, in order, at least once. */
export interface Publisher {
  /**
   * Resolves when all are acknowledged. Records of one call and of calls in order stay in order per partition.
   * Waits while the queue is full, and through an outage for as long as it lasts.
   * @throws RelayError PUBLISH_FAILED when the broker refuses a record for good (see `isRecordTooLarge`), or
   *   the publisher is closed before it is written.
   */
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  /** Sends what is queued and disconnects. */
  close(): Promise<void>;
}

export interface PublisherContext {
  /** The installation's, before every topic. */
  prefix: string;
  metrics: KafkaMetrics | undefined;
}

/** A request holds at most this much, below Kafka's default `max.message.bytes` of a batch (1,048,588). */
const maxBatchBytes = 900_000;
/** kafkajs copies a partition's records once per record. */
const maxBatchRecords = 1_000;

/** A request of so many shows that more are to come. */
const streamRecords = 8;

interface Call {
  records: readonly OutgoingRecord[];
  unsettled: number;
  resolve(): void;
  reject(error: Error): void;
  rejected: boolean;
}

interface Queued extends Outgoing {
  bytes: number;
  call: Call;
}

/**
 * The queue is the guard against two faults of kafkajs: concurrent sends are reordered, and after a lost
 * acknowledgement one of them is dropped as a duplicate. So one batch is under way at a time, and the calls that
 * come meanwhile are gathered into the next.
 */
export class QueueingPublisher implements Publisher {
  private readonly queue: Queued[] = [];
  private readonly waiting: Call[] = [];
  private queuedBytes = 0;
  private sending: Promise<void> | undefined;
  private closed = false;

  private constructor(
    private readonly link: ProducerLink,
    private readonly aborting: AbortController,
    private readonly options: Required<PublisherOptions> & PublisherContext,
  ) {}

  static async open(
    make: () => Producer,
    outage: OutageLog,
    options: PublisherOptions & PublisherContext,
  ): Promise<QueueingPublisher> {
    const aborting = new AbortController();
    const link = await ProducerLink.open(make, outage, aborting.signal);
    const defaults = { maxQueuedBytes: 16 * 1024 * 1024, lingerMs: 0, flushTimeoutMs: 10_000 };
    return new QueueingPublisher(link, aborting, { ...defaults, ...options });
  }

  publish(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.closed) {
      return Promise.reject(new RelayError('PUBLISH_FAILED', 'cannot publish: the publisher is closed'));
    }
    if (records.length === 0) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, unsettled: records.length, resolve, reject, rejected: false });
      this.admit();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const inTime = new AbortController();
    const late = delay(this.options.flushTimeoutMs, inTime.signal);
    await Promise.race([this.sending, late]);
    inTime.abort();
    this.aborting.abort();
    await this.sending;
    await this.link.close();
  }

  /** Lets calls into the queue, in the order they were made, while there is room. */
  private admit(): void {
    while (this.queuedBytes < this.options.maxQueuedBytes) {
      const call = this.waiting.shift();
      if (call === undefined) {
        return;
      }
      for (const record of call.records) {
        const bytes = sizeOfRecord(record);
        this.queuedBytes += bytes;
        this.queue.push(Object.assign(toOutgoing(record, this.options.prefix), { bytes, call }));
      }
      this.sending ??= this.sendQueue();
    }
  }

  private async sendQueue(): Promise<void> {
    // Calls made in the same tick go together.
    await Promise.resolve();
    while (this.queue.length > 0) {
      const batch = this.takeBatch();
      await this.deliver(batch);
      for (const { bytes } of batch) {
        this.queuedBytes -= bytes;
      }
      this.admit();
      await this.linger(batch.length);
    }
    this.sending = undefined;
  }

  private async linger(sent: number): Promise<void> {
    const { lingerMs } = this.options;
    if (lingerMs > 0 && sent >= streamRecords && this.queue.length < maxBatchRecords / 2 && !this.closed) {
      await delay(lingerMs);
    }
  }

  private takeBatch(): Queued[] {
    let bytes = 0;
    let count = 0;
    for (const queued of this.queue) {
      bytes += queued.bytes;
      if (count === maxBatchRecords || (count > 0 && bytes > maxBatchBytes)) {
        break;
      }
      count++;
    }
    return this.queue.splice(0, count);
  }

  /** Sends a batch; one that the broker refuses is halved until the record it refuses stands alone. */
  private async deliver(batch: readonly Queued[]): Promise<void> {
    const wanted = batch.filter(({ call }) => !call.rejected);
    if (wanted.length === 0) {
      return;
    }
    try {
      await this.link.send(wanted);
      this.options.metrics?.publishedAll(wanted, this.options.prefix);
      wanted.forEach(({ call }) => {
        settle(call);
      });
    } catch (error) {
      if (wanted.length === 1 || this.aborting.signal.aborted) {
        wanted.forEach(({ call, topic }) => {
          fail(call, topic.slice(this.options.prefix.length), error);
        });
        return;
      }
      const middle = wanted.length >> 1;
      await this.deliver(wanted.slice(0, middle));
      await this.deliver(wanted.slice(middle));
    }
  }
}

function settle(call: Call): void {
  call.unsettled--;
  if (call.unsettled === 0) {
    call.resolve();
  }
}

function fail(call: Call, topic: string, cause: unknown): void {
  if (!call.rejected) {
    call.rejected = true;
    call.reject(
      new RelayError('PUBLISH_FAILED', `a record for ${topic} was not written: ${messageOf(cause)}`, {
        cause,
      }),
    );
  }
}
