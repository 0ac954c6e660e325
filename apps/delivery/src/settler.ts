import { deliveryTopics } from '#libs/delivery-task';
import { isRecordTooLarge, type OutgoingRecord, type Publisher } from '#libs/kafka';
import { delay } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import type { AttemptResult } from './attempt.js';
import { Delivery, type Finished } from './delivery.js';
import type { OutcomeRecords } from './outcome-records.js';

export interface SettlerParts {
  publisher: Publisher;
  records: OutcomeRecords;
  logger: Logger;
  /** Ends the process: something could be written neither here nor anywhere else. */
  fail(error: unknown): void;
}

const tooLarge = 'the record is too large for its topic';

/** Writes what follows from a record and acknowledges it then, never before. */
export class Settler {
  private writing = 0;

  constructor(private readonly parts: SettlerParts) {}

  /** `records` are written in this order. */
  settle(finished: Finished, records: readonly OutgoingRecord[]): void {
    const uncertain = finished.batch.uncertain();
    if (uncertain !== undefined) {
      void uncertain.then(() => {
        if (!finished.batch.signal.aborted) {
          this.settle(finished, records);
        }
      });
      return;
    }
    this.writing++;
    this.parts.publisher.publish(records).then(
      () => {
        this.writing--;
        finished.batch.ack(finished.offset);
      },
      (error: unknown) => {
        this.writing--;
        this.notWritten(finished, records, error);
      },
    );
  }

  /** Another instance has the record now, and would make a delivery again that it knows nothing of. */
  tellNextOwner({ task, partition }: Delivery, result: AttemptResult): void {
    if (result.outcome !== 'delivered') {
      return;
    }
    const { publisher, records, logger } = this.parts;
    publisher.publish([records.attemptRow(task, partition, result)]).catch((error: unknown) => {
      logger.warn({ err: error }, 'cannot tell the next owner of a partition what was delivered');
    });
  }

  /** Nothing is being written. */
  async quiet(): Promise<void> {
    while (this.writing > 0) {
      await delay(5);
    }
  }

  /**
   * The publisher waits for Kafka as long as it takes, so this is for good. A record that a topic does not take
   * must not be read again and again, and a dead letter is written in any case: without its body, and with where
   * that is.
   */
  private notWritten(finished: Finished, records: readonly OutgoingRecord[], error: unknown): void {
    const rows = records.filter((record) => record.topic === deliveryTopics.attempts);
    const isTrimmed = records.some(
      ({ topic, value }) => topic === deliveryTopics.dead && value?.length === 0,
    );
    if (!isRecordTooLarge(error) || !(finished instanceof Delivery) || isTrimmed) {
      this.parts.fail(error);
      return;
    }
    const { webhookId, subscriptionId } = finished.task;
    this.parts.logger.error(
      { webhookId, subscriptionId, err: error },
      `a dead letter is kept without its body: ${tooLarge}; let ${deliveryTopics.dead} take larger ones, and send it again while its original is kept`,
    );
    const wasDead = records.some(({ topic }) => topic === deliveryTopics.dead);
    this.settle(finished, [
      ...(wasDead ? rows : [...rows, this.deadRow(finished)]),
      this.parts.records.trimmedLetter(finished, records),
    ]);
  }

  private deadRow({ task, partition }: Delivery): OutgoingRecord {
    const details = { attempt: task.attempts, reason: 'unsendable', error: tooLarge } as const;
    return this.parts.records.row(task, partition, 'dead', details);
  }
}
