import type Cluster from 'kafkajs/src/cluster/index.js';
import { messageOf, RelayError } from '#libs/process';
import { topicOffsets } from './topic-offsets.js';

interface OutOfRange {
  topic: string;
  partition: number;
}

/** The partition whose position the broker no longer has, if that is what the error is about. */
export function outOfRangeOf(error: unknown): OutOfRange | undefined {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 6;
    current = current.cause, depth++
  ) {
    if (current.name === 'KafkaJSOffsetOutOfRange') {
      return current as unknown as OutOfRange;
    }
  }
  return undefined;
}

/** What is missing between the position of a consumer and what the log still has. */
export async function offsetGap(
  cluster: Cluster,
  { topic, partition }: OutOfRange,
  position: bigint | undefined,
  displayName: string,
): Promise<RelayError> {
  const start = (await topicOffsets(cluster, topic, 'start')).get(partition) ?? 0n;
  const end = (await topicOffsets(cluster, topic, 'end')).get(partition) ?? 0n;
  const place = `${displayName}, partition ${partition}`;
  const from = position === undefined ? '?' : String(position);
  const what =
    position !== undefined && position > end
      ? `${place} ends at offset ${String(end)} although it was read to ${from}: the topic was truncated or made anew`
      : `${place} begins at offset ${String(start)} but was read only to ${from}: offsets ${from} to ${String(start - 1n)} are gone`;
  return new RelayError('OFFSET_GAP', `${what}; nothing is skipped until the group's offset is set by hand`);
}

/** Why a consumer has ended for good, where it is not for a gap. */
export function crashed(groupId: string, cause: unknown): RelayError {
  return new RelayError('CONSUMER_CRASHED', `consumer group ${groupId} crashed: ${messageOf(cause)}`, {
    cause,
  });
}
