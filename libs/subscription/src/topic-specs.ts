import type { TopicSpec } from '#libs/kafka';
import { subscriptionTopics } from './subscription.js';

/** The topics as each app that uses them creates them where they are missing. */
export const subscriptionTopicSpecs: readonly TopicSpec[] = Object.values(subscriptionTopics).map(
  (topic) => ({
    topic,
    partitions: 1,
    config: { 'cleanup.policy': 'compact' },
  }),
);
