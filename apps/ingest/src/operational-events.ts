import type { Kafka, TopicSpec } from '#libs/kafka';

/** What whoever runs the system, or reads its topics, has to know of. */
export interface TopicSuperseded {
  kind: 'topic.superseded';
  old_topic: string;
  new_topic: string;
  reason: string;
}

export const eventsTopicSpec: TopicSpec = {
  topic: 'relay.events',
  partitions: 1,
  config: { 'cleanup.policy': 'delete', 'retention.ms': String(30 * 86_400_000) },
};

/** Rare as they are, each has a producer of its own. After a crash one may be told again, with the same `ce_id`. */
export async function publishEvent(
  kafka: Pick<Kafka, 'ensureTopics' | 'publisher'>,
  database: string,
  id: string,
  event: TopicSuperseded,
): Promise<void> {
  await kafka.ensureTopics([eventsTopicSpec]);
  const publisher = await kafka.publisher();
  try {
    const headers = { ce_specversion: '1.0', ce_id: id, ce_source: `odoo.${database}`, ce_type: event.kind };
    const value = JSON.stringify({ ...event, database, time: new Date().toISOString() });
    await publisher.publish([{ topic: eventsTopicSpec.topic, key: database, value, headers }]);
  } finally {
    await publisher.close();
  }
}
