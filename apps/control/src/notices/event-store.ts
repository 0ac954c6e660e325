import type { DataSource, EntityManager } from 'typeorm';
import type { Offsets } from '#libs/kafka';
import { controlSchema } from '../persistence/rows.js';
import { TopicPositions } from '../projections/topic-positions.js';
import type { ReadEvent } from './read-event.js';
import type { NoticeQueue } from './notice-queue.js';

const keptDays = 30;

/** What is kept of `relay.events`, who is to be told of it, and up to where it is read: always all together. */
export class EventStore {
  private readonly topicPositions: TopicPositions;

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: NoticeQueue,
    private readonly nowMs: () => number,
  ) {
    this.topicPositions = new TopicPositions(dataSource, 'event_positions');
  }

  positions(starts: Offsets): Promise<Offsets> {
    return this.topicPositions.read(starts);
  }

  /** @throws RelayError FENCED when they were not read from where the positions are: another instance goes on. */
  async take(events: readonly ReadEvent[], from: Offsets, next: Offsets): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await this.topicPositions.move(manager, from, next);
      for (const event of events) {
        const number = await insert(manager, event);
        if (number !== undefined) {
          await this.queue.add(manager, { ...event, number });
        }
      }
    });
  }

  async removeOld(): Promise<void> {
    const until = new Date(this.nowMs() - keptDays * 86_400_000);
    await this.dataSource.query(`DELETE FROM ${controlSchema}.operational_events WHERE at < $1`, [until]);
  }
}

/** undefined for one that is there already. */
async function insert(manager: EntityManager, event: ReadEvent): Promise<string | undefined> {
  const { id, type, atMs, database, applicationId, subscriptionId, data } = event;
  const rows = await manager.query<{ number: string }[]>(
    `INSERT INTO ${controlSchema}.operational_events
       (id, type, at, database, application_id, subscription_id, data)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING number`,
    [id, type, new Date(atMs), database, applicationId, subscriptionId, JSON.stringify(data)],
  );
  return rows[0]?.number;
}
