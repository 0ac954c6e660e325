import { partitionOfKey, type IncomingRecord, type Kafka } from '#libs/kafka';
import type { ReplayRange } from './replay-progress.js';

export type IsWanted = (record: IncomingRecord) => boolean;

/**
 * Reads a partition up to the end of the range, and tells the records that are the last of their key there, of the
 * keys of the range's slice. Keys whose last record is a tombstone have none. undefined when the signal came first.
 */
export async function lastRecords(
  kafka: Pick<Kafka, 'readRange'>,
  { topic, partition, start, end, slice, slices }: ReplayRange,
  signal: AbortSignal,
): Promise<IsWanted | undefined> {
  const lasts = new Map<string, bigint>();
  const stretch = { partition, from: BigInt(start), to: BigInt(end) };
  for await (const { records } of kafka.readRange(topic, stretch)) {
    if (signal.aborted) {
      return undefined;
    }
    for (const { key, value, offset } of records) {
      if (key === null || sliceOf(key, slices) !== slice) {
        continue;
      }
      if (value === null) {
        lasts.delete(key.toString('latin1'));
      } else {
        lasts.set(key.toString('latin1'), offset);
      }
    }
  }
  return ({ key, offset }) => key !== null && lasts.get(key.toString('latin1')) === offset;
}

const allHashes = 2 ** 31;

/** By higher bits of the hash than its partition is chosen by: else a partition's keys would share few slices. */
export function sliceOf(key: Buffer, slices: number): number {
  return slices === 1 ? 0 : (partitionOfKey(key, allHashes) >>> 12) % slices;
}
