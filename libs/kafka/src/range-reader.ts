import { delay, RelayError } from '#libs/process';
import { openTransactionWaitMs, type LogReader } from './log-reader.js';
import type { IncomingRecord } from './record.js';

/** A stretch of one partition. */
export interface OffsetRange {
  partition: number;
  /** The first offset; what retention has removed is left out. */
  from: bigint;
  /** The offset behind the last one. */
  to: bigint;
}

/** What one fetch has brought. */
export interface RangePage {
  records: readonly IncomingRecord[];
  /** Where to go on: everything of the range before this offset has been handed over. */
  next: bigint;
}

const pollWaitMs = 100;

/**
 * The committed records of a range, a page at a time: the next one is fetched when it is asked for, so that
 * whoever takes them decides how fast, and only one page is in memory. The reader must know the topic.
 * @throws RelayError KAFKA_UNAVAILABLE when a transaction that stays open hides what follows.
 */
export async function* pagesOfRange(reader: LogReader, range: OffsetRange): AsyncGenerator<RangePage> {
  const { partition, from, to } = range;
  reader.seek(new Map([[partition, from]]));
  let emptySinceMs: number | undefined;
  while (reader.position(partition) < to) {
    const { records, broughtNothing, stable } = await reader.poll(pollWaitMs);
    if (broughtNothing) {
      emptySinceMs ??= performance.now();
      if (performance.now() - emptySinceMs > openTransactionWaitMs) {
        requireStable(stable.get(partition) ?? 0n, to);
        // Nothing is left of the range's tail.
        break;
      }
      await delay(pollWaitMs);
      continue;
    }
    emptySinceMs = undefined;
    const position = reader.position(partition);
    yield {
      records: records.filter(({ offset }) => offset < to),
      next: position < to ? position : to,
    };
  }
}

/** What of a range is between the start and the end of its log. */
export function intersection(range: OffsetRange, start = 0n, end = 0n): OffsetRange {
  const { partition, from, to } = range;
  return { partition, from: from > start ? from : start, to: to < end ? to : end };
}

function requireStable(stable: bigint, to: bigint): void {
  if (stable < to) {
    throw new RelayError(
      'KAFKA_UNAVAILABLE',
      'a transaction that stays open hides what follows: Kafka ends it after its timeout',
    );
  }
}
