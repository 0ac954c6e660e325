import type { Kafka, Offsets } from '#libs/kafka';
import { topicsOfModel } from '../listening/topics-of-model.js';
import type { ReplayRange, ReplaySelection } from './replay-progress.js';

/** Records stand in the order in which they were published, which the times of reading follow roughly. */
const disorderMs = 600_000;
/** Of a slice; so many take about 30 MB while they are looked through. */
const maxKeysPerSlice = 250_000;

export type TopicsKafka = Pick<Kafka, 'topicsWithPrefix' | 'offsets'>;

/**
 * Where the records of a selection are, as of now: what is published later is behind the ends.
 * @throws RelayError KAFKA_UNAVAILABLE
 */
export async function rangesOf(
  kafka: TopicsKafka,
  of: { database: string; models: readonly string[] },
  selection: ReplaySelection,
): Promise<ReplayRange[]> {
  const ranges: ReplayRange[] = [];
  for (const model of of.models) {
    const topics = await topicsOfModel(kafka, of.database, model);
    // The last one is filled anew: what is only in those before is no more.
    const read = selection.kind === 'current-state' ? topics.slice(-1) : topics;
    for (const topic of read) {
      ranges.push(...(await rangesOfTopic(kafka, topic, selection)));
    }
  }
  return ranges;
}

async function rangesOfTopic(
  kafka: TopicsKafka,
  topic: string,
  selection: ReplaySelection,
): Promise<ReplayRange[]> {
  const ends = await kafka.offsets(topic, 'end');
  const starts = await startsOf(kafka, topic, selection);
  return [...ends]
    .map(([partition, end]) => {
      const start = starts.get(partition) ?? 0n;
      const slices = selection.kind === 'history' ? 1 : Math.ceil(Number(end - start) / maxKeysPerSlice);
      const offsets = { start: String(start), end: String(end), next: String(start) };
      return { topic, partition, ...offsets, slice: 0, slices };
    })
    .filter(({ start, end }) => BigInt(start) < BigInt(end))
    .sort((left, right) => left.partition - right.partition);
}

function startsOf(kafka: TopicsKafka, topic: string, selection: ReplaySelection): Promise<Offsets> {
  return selection.kind === 'current-state'
    ? kafka.offsets(topic, 'start')
    : kafka.offsets(topic, { fromTimestampMs: Math.max(0, selection.period.fromMs - disorderMs) });
}
