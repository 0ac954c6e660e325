import type { TopicSpec } from '#libs/kafka';
import { deliveryTopics, rejectedTopic, retryTiers } from './topics.js';

const dayMs = 86_400_000;
/** Kafka's own default, said aloud because the topics below must take what this one took plus a few headers. */
const maxDeliveryBytes = 1_048_588;
const maxGrownDeliveryBytes = maxDeliveryBytes + 131_072;

/** Every topic that router and delivery write to, for `Kafka.ensureTopics`. */
export const deliveryTopicSpecs: readonly TopicSpec[] = [
  keyed(deliveryTopics.first, 7, maxDeliveryBytes),
  ...retryTiers.map((tier) => keyed(tier.topic, 7, maxGrownDeliveryBytes)),
  keyed(deliveryTopics.replay, 7, maxGrownDeliveryBytes),
  keyed(deliveryTopics.dead, 30, maxGrownDeliveryBytes),
  keyed(deliveryTopics.attempts, 7, maxDeliveryBytes),
  ...['router', 'delivery', 'control'].map((app) => ({
    topic: rejectedTopic(app),
    partitions: 1,
    config: deleted(30, 2 * maxDeliveryBytes),
  })),
];

function keyed(topic: string, retentionDays: number, maxBytes: number): TopicSpec {
  return { topic, partitions: deliveryTopics.partitions, config: deleted(retentionDays, maxBytes) };
}

function deleted(retentionDays: number, maxBytes: number): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionDays * dayMs),
    'max.message.bytes': String(maxBytes),
  };
}
