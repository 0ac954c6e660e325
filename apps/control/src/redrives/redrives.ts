import { LessThan, type DataSource, type EntityManager } from 'typeorm';
import type { Kafka } from '#libs/kafka';
import { delay, RelayError } from '#libs/process';
import { redrives, type RedriveRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { noProgress } from './redrive-progress.js';
import { viewOf, type RedrivePage, type RedriveView } from './redrive-view.js';
import { rangesOf, type Selection } from './selection.js';

/** The Postgres channel on which whoever works on redrives hears that one was begun or stopped. */
export const redriveChannel = 'relay_control_redrives';

export interface NewRedrive {
  selection: Selection;
  dryRun: boolean;
  ratePerSecond: number;
  newIds: boolean;
}

const pollMs = 25;
/** A caller does not wait through an outage. */
const kafkaAnswerMs = 5_000;

/** The redrives as the API sees them. */
export class Redrives {
  constructor(
    private readonly dataSource: DataSource,
    private readonly kafka: Pick<Kafka, 'offsets'>,
  ) {}

  /** Of what is dead now. @throws RelayError KAFKA_UNAVAILABLE */
  async begin(given: NewRedrive): Promise<RedriveView> {
    const now = new Date();
    const row: RedriveRow = {
      ...given,
      id: newSortableId('rdr', now.getTime()),
      state: 'running',
      progress: noProgress(await inTime(rangesOf(this.kafka, given.selection))),
      runner: null,
      error: null,
      startedAt: now,
      endedAt: null,
    };
    await this.written(async (manager) => {
      await manager.insert(redrives, row);
    });
    return viewOf(row);
  }

  /** As it is when it has ended, or when the time is over. */
  async waitForEnd(view: RedriveView, timeoutMs: number): Promise<RedriveView> {
    const deadline = Date.now() + timeoutMs;
    let latest = view;
    while (latest.state === 'running' && Date.now() < deadline) {
      await delay(pollMs);
      latest = (await this.find(view.id)) ?? latest;
    }
    return latest;
  }

  /** The latest first. */
  async list({ cursor, limit }: { cursor?: string | undefined; limit: number }): Promise<RedrivePage> {
    const rows = await this.dataSource.getRepository(redrives).find({
      where: cursor === undefined ? {} : { id: LessThan(cursor) },
      order: { id: 'DESC' },
      // One more than asked for tells whether there is a next page.
      take: limit + 1,
    });
    const shown = rows.slice(0, limit);
    return { data: shown.map(viewOf), nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
  }

  async find(id: string): Promise<RedriveView | undefined> {
    const row = await this.dataSource.getRepository(redrives).findOneBy({ id });
    return row === null ? undefined : viewOf(row);
  }

  /** What has ended already stays as it is. */
  async stop(id: string): Promise<RedriveView | undefined> {
    await this.written(async (manager) => {
      await manager.update(redrives, { id, state: 'running' }, { state: 'stopped', endedAt: new Date() });
    });
    return this.find(id);
  }

  private async written(write: (manager: EntityManager) => Promise<void>): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await write(manager);
      await manager.query('SELECT pg_notify($1, $2)', [redriveChannel, '']);
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
