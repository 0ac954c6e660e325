import { In, type DataSource } from 'typeorm';
import type { EventType } from '#libs/event';
import { grantErrors } from '../access/tenancy.js';
import { applications, type ApplicationRow, type SubscriptionRow } from '../persistence/rows.js';

/** Why nothing is sent to a subscription whatever it says itself; undefined where nothing speaks against it. */
export function whyNotEntitled(
  application: ApplicationRow | undefined,
  row: SubscriptionRow,
  ownTypes: readonly EventType[],
): string | undefined {
  if (application === undefined || application.state !== 'approved') {
    return `its application is ${application?.state ?? 'no more'}`;
  }
  const { database, eventTypes, filter, fieldChanges, shape } = row;
  const listening = { database, eventTypes, filter, fieldChanges, shape };
  const [error] = grantErrors(application, listening, ownTypes);
  return error && `${error.field} ${error.message}`;
}

/** The applications of subscriptions, by their ids. */
export async function applicationsOf(
  dataSource: DataSource,
  rows: readonly { applicationId: string }[],
): Promise<ReadonlyMap<string, ApplicationRow>> {
  const ids = [...new Set(rows.map(({ applicationId }) => applicationId))];
  const found = await dataSource.getRepository(applications).findBy({ id: In(ids) });
  return new Map(found.map((application) => [application.id, application]));
}
