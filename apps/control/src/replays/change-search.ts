import type { ChangeReader } from '#libs/change';
import type { IncomingRecord, Kafka } from '#libs/kafka';

/** When a change was read from Odoo's database, and where it stands among those that were read at once. */
export interface FoundChange {
  readAtMs: number;
  sequence: bigint;
}

export type Search = { kind: 'found'; change: FoundChange } | { kind: 'nowhere' } | { kind: 'too-long' };

export interface SearchSources {
  kafka: Pick<Kafka, 'offsets' | 'readRange'>;
  reader: Pick<ChangeReader, 'read'>;
}

/** A caller waits for it. */
const searchMs = 20_000;

/**
 * A change by its id, in what the topics got since a time: ids tell no place, so all headers are looked at.
 * @throws RelayError KAFKA_UNAVAILABLE, REGISTRY_UNAVAILABLE
 */
export async function searchChange(
  sources: SearchSources,
  changeId: string,
  among: { topics: readonly string[]; sinceMs: number },
): Promise<Search> {
  const { topics, sinceMs } = among;
  const deadline = Date.now() + searchMs;
  for (const topic of topics) {
    const starts = await sources.kafka.offsets(topic, { fromTimestampMs: Math.max(0, sinceMs) });
    const ends = await sources.kafka.offsets(topic, 'end');
    const search = new PartitionSearch(sources, changeId, deadline);
    await Promise.all(
      [...ends].map(([partition, to]) =>
        search.in(topic, { partition, from: starts.get(partition) ?? 0n, to }),
      ),
    );
    if (search.result.kind !== 'nowhere') {
      return search.result;
    }
  }
  return { kind: 'nowhere' };
}

class PartitionSearch {
  result: Search = { kind: 'nowhere' };

  constructor(
    private readonly sources: SearchSources,
    private readonly changeId: string,
    private readonly deadline: number,
  ) {}

  /** Ends early when the change is found, also in another partition. */
  async in(topic: string, range: { partition: number; from: bigint; to: bigint }): Promise<void> {
    if (range.from >= range.to) {
      return;
    }
    for await (const { records } of this.sources.kafka.readRange(topic, range)) {
      const record = records.find(
        ({ headers, value }) => value !== null && headers['ce_id'] === this.changeId,
      );
      if (record !== undefined) {
        await this.take(record);
      } else if (this.result.kind === 'nowhere' && Date.now() > this.deadline) {
        this.result = { kind: 'too-long' };
      }
      if (this.result.kind !== 'nowhere') {
        return;
      }
    }
  }

  private async take(record: IncomingRecord): Promise<void> {
    const read = await this.sources.reader.read(record);
    if (read.kind === 'change') {
      const { ts_ms: readAtMs, sequence } = read.change.source;
      this.result = { kind: 'found', change: { readAtMs: Number(readAtMs), sequence } };
    }
  }
}
