import type { Producer } from 'kafkajs';
import { delay } from '#libs/process';
import { isDefinite, protocolErrorOf } from './kafkajs-errors.js';
import type { OutageLog } from './outage-log.js';
import { sendAll, type Outgoing } from './send-all.js';

/** After these the broker no longer accepts the producer's sequence numbers: only a new one helps. */
const sequenceErrors: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_PRODUCER_EPOCH',
]);

const firstBackOffMs = 50;
const maxBackOffMs = 1_000;

/**
 * An idempotent producer that outlives outages. A batch whose outcome is not known is sent again with the same
 * sequence numbers, so that the broker drops what it has already; only when that cannot work (the producer is
 * stuck although a new one gets through, or its sequence is no longer accepted) a new producer sends it, and
 * what was written before may then be there twice. Never more than one batch is under way.
 */
export class ProducerLink {
  private constructor(
    private producer: Producer,
    private readonly make: () => Producer,
    private readonly outage: OutageLog,
    private readonly closing: AbortSignal,
  ) {}

  static async open(make: () => Producer, outage: OutageLog, closing: AbortSignal): Promise<ProducerLink> {
    return new ProducerLink(await connected(make), make, outage, closing);
  }

  /** Rejects with an error for which {@link isDefinite} holds, or when the link is closing. */
  async send(records: readonly Outgoing[]): Promise<void> {
    let spare: Producer | undefined;
    for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(backOffMs * 2, maxBackOffMs)) {
      try {
        await this.unlessClosing(sendAll(this.producer, records));
        this.outage.recovered();
        await spare?.disconnect();
        return;
      } catch (error) {
        if (this.closing.aborted) {
          await spare?.disconnect();
          throw error;
        }
        if (isDefinite(error)) {
          await this.afterRefusal(spare);
          throw error;
        }
        this.outage.failed(error);
        await delay(backOffMs, this.closing);
        spare = await this.secondTry(spare, error);
      }
    }
  }

  async close(): Promise<void> {
    await this.producer.disconnect().catch(ignore);
  }

  /** kafkajs goes on trying for seconds, and connects again for that; who closes does not wait for it. */
  private unlessClosing(sending: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        reject(new Error('closed before it was acknowledged'));
        sending.catch(ignore).finally(() => this.close());
      };
      this.closing.addEventListener('abort', giveUp);
      sending.then(resolve, reject).finally(() => {
        this.closing.removeEventListener('abort', giveUp);
      });
    });
  }

  /**
   * A spare producer that connects shows that the brokers are back. The old one then gets one more try, because
   * its resend doubles nothing; if it fails although the spare was there, the spare takes over.
   */
  private async secondTry(spare: Producer | undefined, error: unknown): Promise<Producer | undefined> {
    const mustRenew = sequenceErrors.has(protocolErrorOf(error) ?? '');
    const ready = spare ?? (await connected(this.make).catch(ignore));
    if (ready === undefined || (spare === undefined && !mustRenew)) {
      return ready;
    }
    this.replaceBy(ready);
    return undefined;
  }

  /** kafkajs has set back the sequence of partitions that did accept the batch: another batch would be dropped. */
  private async afterRefusal(spare: Producer | undefined): Promise<void> {
    const next = spare ?? (await connected(this.make).catch(ignore));
    if (next !== undefined) {
      this.replaceBy(next);
    }
  }

  private replaceBy(producer: Producer): void {
    this.producer.disconnect().catch(ignore);
    this.producer = producer;
  }
}

async function connected(make: () => Producer): Promise<Producer> {
  const producer = make();
  try {
    await producer.connect();
    return producer;
  } catch (error) {
    await producer.disconnect().catch(ignore);
    throw error;
  }
}

function ignore(): undefined {
  return undefined;
}
