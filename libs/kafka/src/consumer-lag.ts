import type { Batch } from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster/index.js';
import type { Fetched } from './assignment.js';
import type { TopicLags } from './kafka-metrics.js';
import type { PartitionFeed } from './partition-feed.js';
import { topicOffsets } from './topic-offsets.js';

/** How often the ends of partitions that are not fetched are asked for. */
export const endsIntervalMs = 10_000;

/** What a fetch has brought, and how far its partition went then. */
export function fetchedOf(
  {
    topic,
    partition,
    messages,
    highWatermark,
  }: Pick<Batch, 'topic' | 'partition' | 'highWatermark'> & {
    messages: Fetched['messages'];
  },
  lastOffset: string,
): Fetched {
  return { topic, partition, messages, lastOffset: BigInt(lastOffset), end: BigInt(highWatermark) };
}

/** Nothing is asked for it: each fetch tells where its partition ends. `topics` are those that are read at all. */
export function lagByTopic(
  feeds: Iterable<PartitionFeed>,
  topics: readonly string[],
  prefix: string,
): TopicLags {
  const lags = new Map(topics.map((topic) => [topic.slice(prefix.length), 0]));
  for (const feed of feeds) {
    lags.set(feed.topic, (lags.get(feed.topic) ?? 0) + feed.lag);
  }
  return lags;
}

/**
 * A partition that is full is not fetched, and what waits in it would be known as little as the app can go on: the ends
 * of those are asked for, now and then. What cannot be answered is asked again the next time.
 */
export async function refreshEnds(feeds: Iterable<PartitionFeed>, cluster: Cluster): Promise<void> {
  const full = [...feeds].filter(({ paused }) => paused);
  for (const topic of new Set(full.map(({ kafkaTopic }) => kafkaTopic))) {
    const ends = await topicOffsets(cluster, topic, 'end').catch(() => undefined);
    for (const feed of full.filter(({ kafkaTopic }) => kafkaTopic === topic)) {
      feed.endsAt(ends?.get(feed.partition) ?? 0n);
    }
  }
}
