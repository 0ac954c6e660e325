import { isRecordTooLarge, type OutgoingRecord, type Publisher } from '#libs/kafka';
import { Pace } from './pace.js';
import type { RunRow } from './run-row.js';

/** So many a second are at least as many steps, and as few records are repeated after a crash. */
const stepsPerSecond = 4;
const maxRecordsPerStep = 500;

/** How a run's records are sent: step by step, at its rate; or, in a dry run, not at all. */
export class PacedSending {
  readonly recordsPerStep: number;
  private readonly pace: Pace;

  constructor(
    private readonly run: Pick<RunRow, 'dryRun' | 'ratePerSecond'>,
    private readonly publisher: Pick<Publisher, 'publish'>,
  ) {
    const { dryRun, ratePerSecond } = run;
    this.pace = new Pace(ratePerSecond);
    this.recordsPerStep = dryRun
      ? maxRecordsPerStep
      : Math.min(maxRecordsPerStep, Math.ceil(ratePerSecond / stepsPerSecond));
  }

  /**
   * The records of a step that Kafka does not take; undefined when the signal came first: then nothing was sent.
   * @throws RelayError PUBLISH_FAILED
   */
  async send(
    records: readonly OutgoingRecord[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<OutgoingRecord> | undefined> {
    const { dryRun } = this.run;
    if (records.length > 0 && !dryRun) {
      await this.pace.take(records.length, signal);
    }
    if (signal.aborted) {
      return undefined;
    }
    return dryRun ? new Set() : this.publish(records);
  }

  private async publish(records: readonly OutgoingRecord[]): Promise<Set<OutgoingRecord>> {
    const refused = new Set<OutgoingRecord>();
    const publishing = records.map(async (record) => {
      try {
        await this.publisher.publish([record]);
      } catch (error) {
        if (!isRecordTooLarge(error)) {
          throw error;
        }
        refused.add(record);
      }
    });
    // All of them have ended then, so that none comes after a later step.
    const results = await Promise.allSettled(publishing);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      throw failed.reason;
    }
    return refused;
  }
}
