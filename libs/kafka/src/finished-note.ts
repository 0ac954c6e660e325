import type ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import { maxAhead, type Progress } from './offset-tracker.js';

/** Before the bits, so that what others wrote beside an offset is not mistaken for ours. */
const mark = 'ahead1:';

/**
 * What stands beside a committed offset (Kafka keeps up to 4,096 characters): one bit for each offset from the
 * committed one on, set where the record is finished, as base64. Empty when nothing is finished ahead.
 */
export function finishedNote({ position, ahead }: Pick<Progress, 'position' | 'ahead'>): string {
  if (ahead.length === 0) {
    return '';
  }
  const places = ahead.map((offset) => Number(offset - position));
  const bits = Buffer.alloc((Math.max(...places) >> 3) + 1);
  for (const place of places) {
    bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
  }
  return mark + bits.toString('base64');
}

/** The offsets of the records that a note beside `position` says are finished; none of what is no note of ours. */
export function readFinishedNote(note: string | null, position: bigint): Set<bigint> {
  const finished = new Set<bigint>();
  if (note?.startsWith(mark) !== true) {
    return finished;
  }
  const bits = Buffer.from(note.slice(mark.length), 'base64');
  const places = Math.min(bits.length * 8, Number(maxAhead) + 1);
  for (let place = 0; place < places; place++) {
    if (((bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0) {
      finished.add(position + BigInt(place));
    }
  }
  return finished;
}

/** What is finished ahead of the committed offset of each partition that a member was given. */
export async function finishedAhead(
  group: ConsumerGroup,
): Promise<{ topic: string; partition: number; finished: ReadonlySet<bigint> }[]> {
  const { offsetManager, groupId } = group;
  const assigned = group.assigned().filter(({ partitions }) => partitions.length > 0);
  if (offsetManager === null || assigned.length === 0) {
    return [];
  }
  const coordinator = await offsetManager.getCoordinator();
  const { responses } = await coordinator.offsetFetch({
    groupId,
    topics: assigned.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition) => ({ partition })),
    })),
  });
  return responses.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset, metadata }) => ({
      topic,
      partition,
      finished: readFinishedNote(metadata, BigInt(offset)),
    })),
  );
}
