import type { DataSource } from 'typeorm';
import type { Principal } from '../access/principal.js';
import { pageOf } from '../http/cursors.js';
import { controlSchema } from '../persistence/rows.js';
import { eventViewOf, type EventPage, type StoredEvent } from './event-views.js';

export interface EventsWanted {
  type?: string | undefined;
  subscriptionId?: string | undefined;
  database?: string | undefined;
  sinceMs?: number | undefined;
  /** This one no more. */
  untilMs?: number | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** What was told in `relay.events`, as the API shows it. */
export class EventList {
  constructor(private readonly dataSource: DataSource) {}

  /** The latest first. An application sees those of its own subscriptions, of the databases it is granted now. */
  async page(by: Principal, wanted: EventsWanted): Promise<EventPage> {
    const { type, subscriptionId, database, sinceMs, untilMs, cursor, limit } = wanted;
    const parameters: unknown[] = [];
    const conditions: string[] = [];
    const add = (text: string, value: unknown): void => {
      if (value !== undefined) {
        conditions.push(`${text}$${String(parameters.push(value))}`);
      }
    };
    add('type = ', type);
    add('subscription_id = ', subscriptionId);
    add('database = ', database);
    add('at >= ', sinceMs === undefined ? undefined : new Date(sinceMs));
    add('at < ', untilMs === undefined ? undefined : new Date(untilMs));
    add('number < ', cursor);
    if (by.kind === 'application') {
      add('application_id = ', by.id);
      const databases = by.grant.databases ?? undefined;
      if (databases !== undefined) {
        conditions.push(`database = ANY($${String(parameters.push(databases))}::text[])`);
      }
    }
    const rows: StoredEvent[] = await this.dataSource.query(
      `SELECT * FROM ${controlSchema}.operational_events WHERE ${conditions.join(' AND ') || 'true'}
       ORDER BY number DESC LIMIT $${String(parameters.push(limit + 1))}`,
      parameters,
    );
    const { shown, nextCursor } = pageOf(rows, limit, ({ number }) => number);
    return { data: shown.map(eventViewOf), nextCursor };
  }
}
