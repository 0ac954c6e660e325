import { Raw, type DataSource } from 'typeorm';
import type { Kafka } from '#libs/kafka';
import { controlSchema, redrives, type RedriveRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { inTime } from '../runs/in-time.js';
import { newRun } from '../runs/run-row.js';
import { Runs } from '../runs/runs.js';
import { noProgress } from './redrive-progress.js';
import { viewOf, type RedrivePage, type RedriveView } from './redrive-view.js';
import { rangesOf } from './selection.js';

export const redriveChannel = 'relay_control_redrives';

export type NewRedrive = Pick<RedriveRow, 'selection' | 'dryRun' | 'ratePerSecond' | 'newIds'>;

/** A caller does not wait through an outage. */
const kafkaAnswerMs = 5_000;

/** The redrives as the API sees them. */
export class Redrives {
  readonly runs: Runs<RedriveRow, RedriveView>;

  constructor(
    dataSource: DataSource,
    private readonly kafka: Pick<Kafka, 'offsets'>,
  ) {
    this.runs = new Runs(dataSource, { schema: redrives, channel: redriveChannel, viewOf });
  }

  /** The latest first; where an application is named, of its subscriptions. */
  list(
    page: { cursor?: string | undefined; limit: number },
    applicationId: string | undefined,
  ): Promise<RedrivePage> {
    const ofApplication = (alias: string): string =>
      `${alias} ->> 'subscriptionId' IN (SELECT id FROM ${controlSchema}.subscriptions WHERE application_id = :applicationId)`;
    const where = applicationId === undefined ? {} : { selection: Raw(ofApplication, { applicationId }) };
    return this.runs.list(page, where);
  }

  /** Of what is dead now. @throws RelayError KAFKA_UNAVAILABLE */
  async begin(given: NewRedrive): Promise<RedriveView> {
    const now = new Date();
    return this.runs.begin({
      ...given,
      ...newRun(now),
      id: newSortableId('rdr', now.getTime()),
      progress: noProgress(await inTime(kafkaAnswerMs, rangesOf(this.kafka, given.selection))),
    });
  }
}
