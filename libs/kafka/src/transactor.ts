import type { Producer, Transaction } from 'kafkajs';
import { delay, messageOf, RelayError } from '#libs/process';
import { protocolErrorOf } from './kafkajs-errors.js';
import type { KafkaMetrics } from './kafka-metrics.js';
import type { OutageLog } from './outage-log.js';
import type { OutgoingRecord } from './record.js';
import { inRequests, sendAll, toOutgoing } from './send-all.js';

export interface TransactorOptions {
  /** One living instance per id: a second one fences the first. */
  transactionalId: string;
  /** After this the coordinator aborts a transaction whose owner is silent. Default 60 s. */
  transactionTimeoutMs?: number;
}

/** Writes sets of records, each of them whole or not at all for readers that read committed. */
export interface Transactor {
  /**
   * Writes all records in one transaction and resolves when it is committed.
   * @throws RelayError FENCED when another instance has taken over: do not go on. PUBLISH_FAILED when the
   *   outcome is not known: whatever was open is committed or aborted by now, so read what was written and go on.
   */
  transact(records: readonly OutgoingRecord[]): Promise<void>;
  /** Why it cannot write, while Kafka is away in the middle of a call; undefined when it can. */
  ready(): string | undefined;
  close(): Promise<void>;
}

export interface TransactorContext {
  /** The installation's, before every topic. */
  prefix: string;
  outage: OutageLog;
  metrics: KafkaMetrics | undefined;
}

const fencingErrors: ReadonlySet<string> = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'TRANSACTION_COORDINATOR_FENCED',
]);

const maxBackOffMs = 1_000;

export class KafkaTransactor implements Transactor {
  private last: Promise<unknown> = Promise.resolve();
  private fenced: RelayError | undefined;
  private readonly closing = new AbortController();

  private constructor(
    private producer: Producer,
    /** Begun already: to begin one is how kafkajs is made to fence others and end what they left open. */
    private next: Transaction | undefined,
    private readonly make: () => Producer,
    private readonly options: Required<TransactorOptions> & TransactorContext,
  ) {}

  static async open(
    make: () => Producer,
    options: Required<TransactorOptions> & TransactorContext,
  ): Promise<KafkaTransactor> {
    const { producer, transaction } = await begin(make);
    return new KafkaTransactor(producer, transaction, make, options);
  }

  transact(records: readonly OutgoingRecord[]): Promise<void> {
    const run = this.last.then(() => this.run(records));
    this.last = run.catch(() => undefined);
    return run;
  }

  ready(): string | undefined {
    return this.options.outage.reason;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.last;
    await this.next?.abort().catch(() => undefined);
    await this.producer.disconnect().catch(() => undefined);
  }

  private async run(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.fenced !== undefined) {
      throw this.fenced;
    }
    if (this.closing.signal.aborted) {
      throw new RelayError('PUBLISH_FAILED', 'cannot write: the transactor is closed');
    }
    const startedMs = performance.now();
    try {
      const transaction = this.next ?? (await this.producer.transaction());
      this.next = undefined;
      const outgoing = records.map((record) => toOutgoing(record, this.options.prefix));
      for (const request of inRequests(outgoing)) {
        await sendAll(transaction, request);
      }
      await transaction.commit();
      this.options.metrics?.publishedAll(outgoing, this.options.prefix);
    } catch (error) {
      throw await this.afterFailure(error, performance.now() - startedMs);
    }
  }

  /**
   * The coordinator fences a producer for two reasons: another one came, or its transaction took too long. Within
   * the timeout it can only be the first.
   */
  private async afterFailure(cause: unknown, elapsedMs: number): Promise<RelayError> {
    const { transactionalId, transactionTimeoutMs } = this.options;
    if (fencingErrors.has(protocolErrorOf(cause) ?? '') && elapsedMs < transactionTimeoutMs / 2) {
      this.fenced = new RelayError(
        'FENCED',
        `another instance writes as ${transactionalId}: this one stops, so that nothing is written twice`,
        { cause },
      );
      return this.fenced;
    }
    await this.renew(cause);
    return new RelayError('PUBLISH_FAILED', `a transaction may not have been written: ${messageOf(cause)}`, {
      cause,
    });
  }

  /** A new producer ends the open transaction before it begins its own; tried until the brokers answer. */
  private async renew(cause: unknown): Promise<void> {
    const { outage } = this.options;
    outage.failed(cause);
    await this.producer.disconnect().catch(() => undefined);
    for (
      let backOffMs = 50;
      !this.closing.signal.aborted;
      backOffMs = Math.min(backOffMs * 2, maxBackOffMs)
    ) {
      try {
        const { producer, transaction } = await begin(this.make);
        this.producer = producer;
        this.next = transaction;
        outage.recovered();
        return;
      } catch (error) {
        outage.failed(error);
        await delay(backOffMs, this.closing.signal);
      }
    }
  }
}

async function begin(make: () => Producer): Promise<{ producer: Producer; transaction: Transaction }> {
  const producer = make();
  try {
    await producer.connect();
    return { producer, transaction: await producer.transaction() };
  } catch (error) {
    await producer.disconnect().catch(() => undefined);
    throw error;
  }
}
