import type { DataSource } from 'typeorm';
import type { Kafka } from '#libs/kafka';
import { delay, RelayError } from '#libs/process';
import { redrives, type RedriveRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { newRun } from '../runs/run-row.js';
import { Runs } from '../runs/runs.js';
import { noProgress } from './redrive-progress.js';
import { viewOf, type RedriveView } from './redrive-view.js';
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

  /** Of what is dead now. @throws RelayError KAFKA_UNAVAILABLE */
  async begin(given: NewRedrive): Promise<RedriveView> {
    const now = new Date();
    return this.runs.begin({
      ...given,
      ...newRun(now),
      id: newSortableId('rdr', now.getTime()),
      progress: noProgress(await inTime(rangesOf(this.kafka, given.selection))),
    });
  }
}

/** @throws RelayError KAFKA_UNAVAILABLE when there is no answer in time. */
async function inTime<T>(asking: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = delay(kafkaAnswerMs, answered.signal).then(() => {
    throw new RelayError('KAFKA_UNAVAILABLE', `Kafka did not answer within ${String(kafkaAnswerMs)} ms`);
  });
  late.catch(() => undefined);
  asking.catch(() => undefined);
  try {
    return await Promise.race([asking, late]);
  } finally {
    answered.abort();
  }
}
