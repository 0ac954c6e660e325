import type { DataSource } from 'typeorm';
import type { Kafka } from '#libs/kafka';
import { subscriptionTopics } from '#libs/subscription';
import { subscriptions } from '../persistence/rows.js';
import type { Outbox } from './outbox.js';

export interface Republished {
  /** Subscriptions of the database that are published as they are now. */
  published: number;
  /** Ids that only the topic has: router and delivery serve them, and nobody can see or change them. */
  unknown: readonly string[];
}

export interface RepublicationParts {
  dataSource: DataSource;
  outbox: Outbox;
  kafka: Pick<Kafka, 'readToEnd'>;
}

/**
 * Names all subscriptions to the feed, which then publishes them as the database has them: after the database was
 * restored or the topic lost the two differ. What only the topic has is removed from it where that is asked for.
 */
export async function republish(
  { dataSource, outbox, kafka }: RepublicationParts,
  removesUnknown: boolean,
): Promise<Republished> {
  const rows = await dataSource.getRepository(subscriptions).find({ select: { id: true } });
  const known = new Set(rows.map(({ id }) => id));
  const unknown = (await idsInTopic(kafka)).filter((id) => !known.has(id));
  const named = removesUnknown ? [...known, ...unknown] : [...known];
  await dataSource.transaction((manager) => outbox.appendAll(manager, named));
  return { published: known.size, unknown };
}

async function idsInTopic(kafka: Pick<Kafka, 'readToEnd'>): Promise<string[]> {
  const ids = new Set<string>();
  for (const { key, value } of await kafka.readToEnd(subscriptionTopics.subscriptions)) {
    const id = key?.toString() ?? '';
    if (value === null) {
      ids.delete(id);
    } else {
      ids.add(id);
    }
  }
  return [...ids];
}
