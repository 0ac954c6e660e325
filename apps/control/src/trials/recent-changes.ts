import type { ChangeReader } from '#libs/change';
import type { ReadableChange } from '#libs/event';
import type { Kafka } from '#libs/kafka';
import { topicsOfModel } from '../listening/topics-of-model.js';

/** So many of each partition are looked at, from its end. */
const tailOffsets = 500;

export interface ChangesWanted {
  database: string;
  models: readonly string[];
  recordId?: number | undefined;
  changeId?: string | undefined;
  limit: number;
}

/** The last changes in the topics of some models. */
export class RecentChanges {
  constructor(
    private readonly kafka: Pick<Kafka, 'offsets' | 'readTail' | 'topicsWithPrefix'>,
    private readonly reader: Pick<ChangeReader, 'read'>,
  ) {}

  /** The newest first. @throws RelayError KAFKA_UNAVAILABLE, REGISTRY_UNAVAILABLE */
  async of({ database, models, recordId, changeId, limit }: ChangesWanted): Promise<ReadableChange[]> {
    const found: ReadableChange[] = [];
    for (const model of models) {
      for (const read of await this.tail(database, model)) {
        const isWanted =
          (recordId === undefined || read.recordId === BigInt(recordId)) &&
          (changeId === undefined || read.change.source.change_id === changeId);
        if (isWanted) {
          found.push(read);
        }
      }
    }
    return found.sort(newestFirst).slice(0, limit);
  }

  private async tail(database: string, model: string): Promise<ReadableChange[]> {
    const topic = (await topicsOfModel(this.kafka, database, model)).at(-1);
    if (topic === undefined) {
      return [];
    }
    const partitions = [...(await this.kafka.offsets(topic, 'end')).keys()];
    const changes: ReadableChange[] = [];
    for (const record of await this.kafka.readTail(topic, partitions, tailOffsets)) {
      const read = await this.reader.read(record);
      if (read.kind === 'change') {
        changes.push(read);
      }
    }
    return changes;
  }
}

function newestFirst(one: ReadableChange, other: ReadableChange): number {
  const [oneSource, otherSource] = [one.change.source, other.change.source];
  if (oneSource.ts_ms !== otherSource.ts_ms) {
    return oneSource.ts_ms < otherSource.ts_ms ? 1 : -1;
  }
  return oneSource.sequence < otherSource.sequence ? 1 : -1;
}
