import type { DataSource, EntityManager } from 'typeorm';
import type { Offsets } from '#libs/kafka';
import { RelayError } from '#libs/process';
import { controlSchema } from '../persistence/rows.js';
import type { ReadEvent } from './read-event.js';
import type { NoticeQueue } from './notice-queue.js';

const keptDays = 30;

/** What is kept of `relay.events`, who is to be told of it, and up to where it is read: always all together. */
export class EventStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: NoticeQueue,
    private readonly nowMs: () => number,
  ) {}

  /** How far each partition is read; those that were never read begin where their log begins. */
  async positions(starts: Offsets): Promise<Offsets> {
    await this.dataSource.query(
      `INSERT INTO ${controlSchema}.event_positions SELECT * FROM unnest($1::integer[], $2::bigint[])
       ON CONFLICT DO NOTHING`,
      [[...starts.keys()], [...starts.values()]],
    );
    const rows: { topic_partition: number; next_offset: string }[] = await this.dataSource.query(
      `SELECT topic_partition, next_offset FROM ${controlSchema}.event_positions WHERE topic_partition = ANY($1)`,
      [[...starts.keys()]],
    );
    return new Map(rows.map((row) => [row.topic_partition, BigInt(row.next_offset)]));
  }

  /** @throws RelayError FENCED when they were not read from where the positions are: another instance goes on. */
  async take(events: readonly ReadEvent[], from: Offsets, next: Offsets): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await move(manager, from, next);
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

/** First of all: a second instance that does the same waits here, and is refused then. */
async function move(manager: EntityManager, from: Offsets, next: Offsets): Promise<void> {
  const partitions = [...next.keys()];
  const [moved] = await manager.query<[unknown[], number]>(
    `UPDATE ${controlSchema}.event_positions AS position SET next_offset = moved.next_offset
     FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS moved (topic_partition, from_offset, next_offset)
     WHERE position.topic_partition = moved.topic_partition AND position.next_offset = moved.from_offset
     RETURNING position.topic_partition`,
    [partitions, partitions.map((partition) => from.get(partition)), [...next.values()]],
  );
  if (moved.length !== partitions.length) {
    throw new RelayError('FENCED', 'another instance of control goes on with the events');
  }
}
