import type { Client } from 'pg';
import { emptySnapshot, seenBy, unseenBy, type Snapshot } from './snapshot.js';

const rowsPerDelete = 5_000;

/** Removes from the outbox what is in Kafka for good. Rows are short-lived, so the outbox stays small. */
export class OutboxCleaner {
  /** Nothing that this saw is left. */
  private removed: Snapshot = emptySnapshot;

  private constructor(private readonly client: Client) {}

  static async over(client: Client): Promise<OutboxCleaner> {
    // A delete that a crash of Postgres undoes is made again, so no commit has to wait for the disk.
    await client.query('set enable_seqscan = off; set synchronous_commit = off; set jit = off');
    return new OutboxCleaner(client);
  }

  /** Removes all rows that a committed position's snapshot saw, in short transactions. */
  async remove(published: Snapshot): Promise<number> {
    if (published.text === this.removed.text) {
      return 0;
    }
    let total = 0;
    for (let count = rowsPerDelete; count === rowsPerDelete;) {
      const result = await this.client.query(
        `delete from relay.outbox where sequence = any (array(
           select sequence from relay.outbox where ${unseenBy(this.removed)} and ${seenBy(published)}
           limit ${rowsPerDelete}))`,
      );
      count = result.rowCount ?? 0;
      total += count;
    }
    this.removed = published;
    return total;
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
