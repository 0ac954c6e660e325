import { LessThanOrEqual, type DataSource, type EntityManager } from 'typeorm';
import { delay } from '#libs/process';
import { outbox, type OutboxRow } from '../persistence/rows.js';

/** Whose present state is to be published: one subscription's, or that of all of a database. */
export type OutboxSubject = { subscriptionId: string } | { database: string };

/** The Postgres channel on which whoever publishes hears of new entries once they are committed. */
export const outboxChannel = 'relay_control_topic_outbox';

const pollMs = 15;

/**
 * What is still to be published to `relay.subscriptions`. An entry is written in the transaction of the change
 * it speaks of and names a subject, not a state: whoever publishes reads the state then, so that publishing
 * twice, late or in another order never brings an older state back.
 */
export class Outbox {
  constructor(private readonly dataSource: DataSource) {}

  /** In the transaction of the change. Returns the entry's sequence. */
  async append(manager: EntityManager, subject: OutboxSubject): Promise<string> {
    const inserted = await manager.insert(outbox, subject);
    await tell(manager);
    return (inserted.identifiers[0] as Pick<OutboxRow, 'sequence'>).sequence;
  }

  /** For each subscription of an application, in the transaction of its change. */
  async appendApplication(manager: EntityManager, applicationId: string): Promise<void> {
    await manager.query(
      `INSERT INTO relay_control.topic_outbox (subscription_id)
       SELECT id FROM relay_control.subscriptions WHERE application_id = $1 ORDER BY id`,
      [applicationId],
    );
    await tell(manager);
  }

  /** For each of the ids, whether there is such a subscription or not. */
  async appendAll(manager: EntityManager, subscriptionIds: readonly string[]): Promise<void> {
    await manager.query(
      'INSERT INTO relay_control.topic_outbox (subscription_id) SELECT unnest($1::text[])',
      [subscriptionIds],
    );
    await tell(manager);
  }

  pending(limit: number): Promise<OutboxRow[]> {
    return this.dataSource.getRepository(outbox).find({ order: { sequence: 'ASC' }, take: limit });
  }

  async remove(entries: readonly OutboxRow[]): Promise<void> {
    await this.dataSource.getRepository(outbox).delete(entries.map(({ sequence }) => sequence));
  }

  /** Waits until an entry is published; false when that did not happen in time. */
  async waitUntilPublished(sequence: string, timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (!(await this.dataSource.getRepository(outbox).existsBy({ sequence }))) {
        return true;
      }
      if (Date.now() >= deadline) {
        return false;
      }
      await delay(pollMs);
    }
  }

  /** Of the latest entry; undefined where all is published. */
  async lastSequence(): Promise<string | undefined> {
    const [last] = await this.dataSource.getRepository(outbox).find({ order: { sequence: 'DESC' }, take: 1 });
    return last?.sequence;
  }

  /** Whether that entry and all before it are published. */
  async isPublishedUpTo(sequence: string): Promise<boolean> {
    return !(await this.dataSource.getRepository(outbox).existsBy({ sequence: LessThanOrEqual(sequence) }));
  }

  /** Of the given subscriptions those whose latest change is not yet in the topic. */
  async unpublished(subscriptions: readonly { id: string; database: string }[]): Promise<Set<string>> {
    const entries = await this.dataSource
      .getRepository(outbox)
      .createQueryBuilder('entry')
      .where('entry.subscription_id = ANY(:ids)', { ids: subscriptions.map(({ id }) => id) })
      .orWhere('entry.database = ANY(:names)', { names: subscriptions.map(({ database }) => database) })
      .getMany();
    const named = new Set(entries.flatMap(({ subscriptionId, database }) => [subscriptionId, database]));
    return new Set(
      subscriptions.filter(({ id, database }) => named.has(id) || named.has(database)).map(({ id }) => id),
    );
  }
}

/** Whoever publishes, when the transaction is committed. */
async function tell(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_notify($1, $2)', [outboxChannel, '']);
}
