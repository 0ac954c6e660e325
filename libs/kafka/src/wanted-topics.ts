import type Cluster from 'kafkajs/src/cluster/index.js';
import type { ConsumerOptions } from './consumer.js';

type Topics = ConsumerOptions['topics'];

export function isList(topics: Topics): topics is readonly string[] {
  return Array.isArray(topics);
}

/** As Kafka knows them now. */
export async function wantedTopics(cluster: Cluster, prefix: string, topics: Topics): Promise<string[]> {
  if (isList(topics)) {
    return topics.map((topic) => prefix + topic);
  }
  const { topicMetadata } = await cluster.metadata({ topics: [] });
  return topicMetadata.map(({ topic }) => topic).filter((topic) => topic.startsWith(prefix + topics.prefix));
}
