import type Cluster from 'kafkajs/src/cluster/index.js';

/** The offsets of one topic's partitions. */
export type Offsets = Map<number, bigint>;

/** Where each partition of a topic starts or ends now; the end is behind everything, committed or not. */
export async function topicOffsets(
  cluster: Cluster,
  kafkaTopic: string,
  of: 'start' | 'end',
): Promise<Offsets> {
  await cluster.addMultipleTargetTopics([kafkaTopic]);
  await cluster.refreshMetadataIfNecessary();
  const partitions = cluster
    .findTopicPartitionMetadata(kafkaTopic)
    .map(({ partitionId }) => ({ partition: partitionId }));
  const fromBeginning = of === 'start';
  const [found] = await cluster.fetchTopicsOffset([{ topic: kafkaTopic, partitions, fromBeginning }]);
  // kafkajs answers with nothing when it has no metadata; taken for an empty topic that would lose everything.
  if (partitions.length === 0 || found?.partitions.length !== partitions.length) {
    throw new Error(`the partitions of ${kafkaTopic} are not known`);
  }
  return new Map(found.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
}
