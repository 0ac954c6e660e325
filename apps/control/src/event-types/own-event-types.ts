import { In, type DataSource } from 'typeorm';
import { eventTypeNamed, type EventType } from '#libs/event';
import type { Outbox } from '../feed/outbox.js';
import type { FieldError } from '../http/problem.js';
import { eventTypes, subscriptions } from '../persistence/rows.js';

const publishWaitMs = 2_000;
const maxOfDatabase = 200;

export type Removed = 'removed' | 'unknown' | { usedBy: number };

/** The event types that databases have of their own; a change publishes all subscriptions of the database anew. */
export class OwnEventTypes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  async of(database: string): Promise<readonly EventType[]> {
    return (await eventTypesOfDatabases(this.dataSource, [database]))(database);
  }

  /** What forbids an event type this name. */
  async nameErrors(database: string, name: string): Promise<FieldError[]> {
    if (eventTypeNamed(name) !== undefined) {
      return [
        {
          field: 'name',
          code: 'name_taken',
          message: `is taken by an event type that every database has ("${name}"): choose another, e.g. "shop.${name}"`,
        },
      ];
    }
    const known = await this.of(database);
    return known.length >= maxOfDatabase && !known.some((type) => type.name === name)
      ? [
          {
            field: 'name',
            code: 'too_many',
            message: `is one too many: a database has at most ${String(maxOfDatabase)} event types of its own`,
          },
        ]
      : [];
  }

  /** Creates or replaces it. */
  async put(database: string, definition: EventType): Promise<void> {
    const now = new Date();
    const { name } = definition;
    const sequence = await this.dataSource.transaction(async (manager) => {
      await manager.upsert(eventTypes, { database, name, definition, updatedAt: now }, ['database', 'name']);
      return this.outbox.append(manager, { database });
    });
    await this.outbox.waitUntilPublished(sequence, publishWaitMs).catch(() => false);
  }

  /** Not while a subscription names it: that one would silently get nothing any more. */
  async remove(database: string, name: string): Promise<Removed> {
    return this.dataSource.transaction(async (manager) => {
      const usedBy = await manager
        .createQueryBuilder(subscriptions, 'subscription')
        .where('subscription.database = :database', { database })
        .andWhere(':name = ANY(subscription.event_types)', { name })
        .getCount();
      if (usedBy > 0) {
        return { usedBy };
      }
      return (await manager.delete(eventTypes, { database, name })).affected === 1 ? 'removed' : 'unknown';
    });
  }
}

/** The event types that the named databases have of their own. */
export async function eventTypesOfDatabases(
  dataSource: DataSource,
  databases: readonly string[],
): Promise<(database: string) => readonly EventType[]> {
  const rows = await dataSource.getRepository(eventTypes).find({
    where: { database: In([...new Set(databases)]) },
    order: { name: 'ASC' },
  });
  return (database) => rows.filter((row) => row.database === database).map(({ definition }) => definition);
}
