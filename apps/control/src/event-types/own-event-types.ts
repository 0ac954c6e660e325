import { In, type DataSource, type EntityManager } from 'typeorm';
import { eventTypeNamed, type EventType } from '#libs/event';
import { recordChange } from '../audit/audit-trail.js';
import type { Outbox } from '../feed/outbox.js';
import type { FieldError } from '../http/problem.js';
import { newVersion, type Precondition } from '../http/versions.js';
import { eventTypes, subscriptions, type EventTypeRow } from '../persistence/rows.js';

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

  async find(database: string, name: string): Promise<EventTypeRow | undefined> {
    return (await this.dataSource.getRepository(eventTypes).findOneBy({ database, name })) ?? undefined;
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
  async put(database: string, definition: EventType, expected: Precondition): Promise<EventTypeRow> {
    const { name } = definition;
    const row = { database, name, definition, updatedAt: new Date(), version: newVersion() };
    const sequence = await this.dataSource.transaction(async (manager) => {
      const before = await locked(manager, database, name);
      expected.require(before?.version);
      await manager.upsert(eventTypes, row, ['database', 'name']);
      await recordChange(manager, {
        resource: resourceOf(database, name),
        before: before?.definition ?? {},
        after: definition,
      });
      return this.outbox.append(manager, { database });
    });
    await this.outbox.waitUntilPublished(sequence, publishWaitMs).catch(() => false);
    return row;
  }

  /** Not while a subscription names it: that one would silently get nothing any more. */
  async remove(database: string, name: string, expected: Precondition): Promise<Removed> {
    return this.dataSource.transaction(async (manager) => {
      const row = await locked(manager, database, name);
      if (row === null) {
        return 'unknown';
      }
      expected.require(row.version);
      const usedBy = await manager
        .createQueryBuilder(subscriptions, 'subscription')
        .where('subscription.database = :database', { database })
        .andWhere(':name = ANY(subscription.event_types)', { name })
        .getCount();
      if (usedBy > 0) {
        return { usedBy };
      }
      await manager.delete(eventTypes, { database, name });
      await recordChange(manager, { resource: resourceOf(database, name), before: row.definition });
      return 'removed';
    });
  }
}

function resourceOf(database: string, name: string): string {
  return `databases/${database}/event-types/${name}`;
}

function locked(manager: EntityManager, database: string, name: string): Promise<EventTypeRow | null> {
  return manager.findOne(eventTypes, { where: { database, name }, lock: { mode: 'pessimistic_write' } });
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
