import type { IncomingRecord } from '#libs/kafka';
import type { ReadRow } from '../projections/topic-projection.js';

/** A record of `relay.events`, of whatever kind: a newer app may write kinds that are not known here. */
export interface ReadEvent {
  /** The same when it is told again. */
  id: string;
  type: string;
  atMs: number;
  database: string;
  applicationId: string | null;
  subscriptionId: string | null;
  /** All else that it says. */
  data: Readonly<Record<string, unknown>>;
}

const namePattern = /^[\x21-\x7e]{1,300}$/;
const maxValueBytes = 100_000;

export function readEvent({ headers, value }: Pick<IncomingRecord, 'headers' | 'value'>): ReadRow<ReadEvent> {
  const given = value === null || value.length > maxValueBytes ? undefined : parsed(value);
  if (given === undefined) {
    return { kind: 'unreadable', reason: 'its value is no JSON object, or a very large one' };
  }
  const { kind, database, time, application_id, subscription_id, ...data } = given;
  const id = headers['ce_id'];
  const atMs = typeof time === 'string' ? Date.parse(time) : NaN;
  if (!isName(id) || !isName(kind) || !isName(database) || Number.isNaN(atMs)) {
    return { kind: 'unreadable', reason: 'its ce_id, kind, database or time is missing or not of its form' };
  }
  const applicationId = isName(application_id) ? application_id : null;
  const subscriptionId = isName(subscription_id) ? subscription_id : null;
  return {
    kind: 'row',
    row: { id, type: kind, atMs, database, applicationId, subscriptionId, data },
  };
}

function parsed(value: Buffer): Record<string, unknown> | undefined {
  try {
    // Postgres keeps no zero character.
    const read: unknown = JSON.parse(value.toString().replaceAll('\\u0000', '\uFFFD'));
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && namePattern.test(value);
}
