import type { Kafka } from '#libs/kafka';

/** Younger records of a compacted topic are all there; of older ones only the last of each key has to be. */
const windowConfig = 'min.compaction.lag.ms';

/** Since when all changes are in these topics, in milliseconds since 1970; -Infinity where none is. */
export async function earliestMs(
  kafka: Pick<Kafka, 'topicConfig'>,
  topics: readonly string[],
): Promise<number> {
  const nowMs = Date.now();
  const starts = await Promise.all(
    topics.map(async (topic) => nowMs - Number((await kafka.topicConfig(topic, windowConfig)) ?? 0)),
  );
  return Math.max(-Infinity, ...starts);
}
