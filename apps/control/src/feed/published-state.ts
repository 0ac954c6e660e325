import { In, MoreThan, type DataSource } from 'typeorm';
import type { EventType } from '#libs/event';
import type { Subscription } from '#libs/subscription';
import { subscriptions, type SubscriptionRow } from '../persistence/rows.js';
import { applicationsOf, whyNotEntitled } from '../applications/entitlement.js';
import { eventTypesOfDatabases } from '../event-types/own-event-types.js';
import { overridesOf } from '../settings/database-settings.js';
import { effectiveSettings, type SettingsOverride } from '../settings/effective-settings.js';

/** A subscription as it is at this moment, or that it is no more. */
export interface PresentState {
  id: string;
  subscription: Subscription | undefined;
}

/**
 * The states of the named subscriptions. A change that comes between the two reads has an entry of its own in
 * the outbox, so that its state is read again.
 */
export async function presentStates(dataSource: DataSource, ids: readonly string[]): Promise<PresentState[]> {
  const rows = await dataSource.getRepository(subscriptions).findBy({ id: In(ids) });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const ofDatabase = await overridesOf(
    dataSource,
    rows.map(({ database }) => database),
  );
  const ownTypes = await eventTypesOfDatabases(
    dataSource,
    rows.map(({ database }) => database),
  );
  const owners = await applicationsOf(dataSource, rows);
  return ids.map((id) => {
    const row = byId.get(id);
    if (row === undefined) {
      return { id, subscription: undefined };
    }
    const own = ownTypes(row.database);
    const subscription = toSubscription(row, ofDatabase(row.database), own);
    const isEntitled = whyNotEntitled(owners.get(row.applicationId), row, own) === undefined;
    return { id, subscription: { ...subscription, enabled: row.enabled && isEntitled } };
  });
}

/** The ids of a database's subscriptions after `id`, at most `limit`, in their order. */
export async function idsOfDatabase(
  dataSource: DataSource,
  database: string,
  page: { after: string; limit: number },
): Promise<string[]> {
  const rows = await dataSource.getRepository(subscriptions).find({
    select: { id: true },
    where: { database, id: MoreThan(page.after) },
    order: { id: 'ASC' },
    take: page.limit,
  });
  return rows.map(({ id }) => id);
}

function toSubscription(
  row: SubscriptionRow,
  ofDatabase: SettingsOverride,
  ownTypes: readonly EventType[],
): Subscription {
  const own = ownTypes.filter(({ name }) => row.eventTypes.includes(name));
  return {
    id: row.id,
    applicationId: row.applicationId,
    database: row.database,
    eventTypes: row.eventTypes,
    format: row.format,
    url: row.url,
    secrets: row.secrets,
    enabled: row.enabled,
    enabledEpoch: row.enabledEpoch,
    sinceMs: row.sinceMs,
    settings: effectiveSettings(ofDatabase, row.settings),
    previousSecretUntilMs: row.previousSecretUntilMs,
    headers: row.headers,
    auth: row.auth,
    clientCertificate: row.clientCertificate,
    ownEventTypes: jsonOrNull(own.length === 0 ? null : own),
    filter: jsonOrNull(row.filter),
    fieldChanges: jsonOrNull(row.fieldChanges),
    shape: jsonOrNull(row.shape),
  };
}

/** As a subscription holds what only the router reads. */
export function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
