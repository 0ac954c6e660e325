import type { DataSource, EntityManager } from 'typeorm';
import type { Offsets } from '#libs/kafka';
import { RelayError } from '#libs/process';
import { controlSchema } from '../persistence/rows.js';

/** Up to where a topic is carried to Postgres: a table with `topic_partition` and `next_offset`. */
export class TopicPositions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly table: string,
  ) {}

  /** How far each partition is read; those that were never read begin where their log begins. */
  async read(starts: Offsets): Promise<Offsets> {
    const partitions = [...starts.keys()];
    await this.dataSource.query(
      `INSERT INTO ${controlSchema}.${this.table} SELECT * FROM unnest($1::integer[], $2::bigint[])
       ON CONFLICT DO NOTHING`,
      [partitions, [...starts.values()]],
    );
    const rows: { topic_partition: number; next_offset: string }[] = await this.dataSource.query(
      `SELECT topic_partition, next_offset FROM ${controlSchema}.${this.table} WHERE topic_partition = ANY($1)`,
      [partitions],
    );
    return new Map(rows.map((row) => [row.topic_partition, BigInt(row.next_offset)]));
  }

  /**
   * First of all in the transaction that takes what was read: a second instance that does the same waits here, and is
   * refused then.
   * @throws RelayError FENCED when it was not read from where the positions are: another instance goes on.
   */
  async move(manager: EntityManager, from: Offsets, next: Offsets): Promise<void> {
    const partitions = [...next.keys()];
    const [moved] = await manager.query<[unknown[], number]>(
      `UPDATE ${controlSchema}.${this.table} AS position SET next_offset = moved.next_offset
       FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS moved (topic_partition, from_offset, next_offset)
       WHERE position.topic_partition = moved.topic_partition AND position.next_offset = moved.from_offset
       RETURNING position.topic_partition`,
      [partitions, partitions.map((partition) => from.get(partition)), [...next.values()]],
    );
    if (moved.length !== partitions.length) {
      throw new RelayError('FENCED', `another instance of control goes on with ${this.table}`);
    }
  }
}
