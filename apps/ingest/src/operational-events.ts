import type { Kafka } from '#libs/kafka';
import { eventRecord, eventsTopicSpec, type OperationalEvent } from '#libs/operational-events';

/** Rare as they are, each has a producer of its own. */
export async function publishEvent(
  kafka: Pick<Kafka, 'ensureTopics' | 'publisher'>,
  database: string,
  id: string,
  event: OperationalEvent,
): Promise<void> {
  await kafka.ensureTopics([eventsTopicSpec]);
  const publisher = await kafka.publisher();
  try {
    await publisher.publish([eventRecord(database, id, event)]);
  } finally {
    await publisher.close();
  }
}
