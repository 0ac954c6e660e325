import type Cluster from 'kafkajs/src/cluster/index.js';

/** The offsets of one topic's partitions. */
export type Offsets = Map<number, bigint>;

/**
 * Where each partition of a topic starts or ends now (the end is behind everything, committed or not), or where
 * the first record of that time or later is (milliseconds since 1970; the end where there is none).
 */
export type OffsetQuestion = 'start' | 'end' | { fromTimestampMs: number };

export async function topicOffsets(
  cluster: Cluster,
  kafkaTopic: string,
  of: OffsetQuestion,
): Promise<Offsets> {
  await cluster.addMultipleTargetTopics([kafkaTopic]);
  await cluster.refreshMetadataIfNecessary();
  const partitions = cluster
    .findTopicPartitionMetadata(kafkaTopic)
    .map(({ partitionId }) => ({ partition: partitionId }));
  const [found] = await cluster.fetchTopicsOffset([
    {
      topic: kafkaTopic,
      partitions,
      fromBeginning: of === 'start',
      ...(typeof of === 'object' ? { fromTimestamp: of.fromTimestampMs } : {}),
    },
  ]);
  // kafkajs answers with nothing when it has no metadata; taken for an empty topic that would lose everything.
  if (partitions.length === 0 || found?.partitions.length !== partitions.length) {
    throw new Error(`the partitions of ${kafkaTopic} are not known`);
  }
  const offsets = new Map(found.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return typeof of === 'object' ? withEnds(offsets, await topicOffsets(cluster, kafkaTopic, 'end')) : offsets;
}

/** The broker answers with -1 where no record is so young. */
function withEnds(offsets: Offsets, ends: Offsets): Offsets {
  return new Map([...ends].map(([partition, end]) => [partition, youngOr(end, offsets.get(partition))]));
}

function youngOr(end: bigint, offset: bigint | undefined): bigint {
  return offset === undefined || offset < 0n ? end : offset;
}
