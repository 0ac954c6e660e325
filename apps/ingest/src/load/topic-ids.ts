import { recordIdOf } from '#libs/change';
import type { IncomingRecord, SchemaRegistry } from '#libs/kafka';
import { delay, messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import type { CapturedTable } from '../captured-tables.js';
import { idSetOf, type IdSet } from './id-set.js';

export interface TopicSource {
  /** Hands over everything committed in a topic, in portions. */
  readEach(topic: string, take: (records: readonly IncomingRecord[]) => Promise<void>): Promise<void>;
}

export interface TopicReading {
  kafka: TopicSource;
  registry: Pick<SchemaRegistry, 'decode' | 'decodeKnown'>;
  logger: Logger;
}

const retryMs = 1_000;

/**
 * The records that a change topic has: those whose last value is no tombstone. Tried until it succeeds;
 * undefined when it was aborted.
 */
export async function readTopicIds(
  reading: TopicReading,
  table: CapturedTable,
  topic: string,
  signal: AbortSignal,
): Promise<IdSet | undefined> {
  for (;;) {
    try {
      return await readOnce(reading, table, topic, signal);
    } catch (error) {
      if (signal.aborted) {
        return undefined;
      }
      reading.logger.warn({ topic, reason: messageOf(error) }, 'the ids in a topic cannot be read now');
      await delay(retryMs, signal);
    }
  }
}

async function readOnce(
  { kafka, registry }: TopicReading,
  table: CapturedTable,
  topic: string,
  signal: AbortSignal,
): Promise<IdSet> {
  const ids = idSetOf(table);
  await kafka.readEach(topic, async (records) => {
    signal.throwIfAborted();
    for (const { key, value } of records) {
      if (key === null) {
        continue;
      }
      const decoded = registry.decodeKnown(key) ?? (await registry.decode(key));
      const id = decoded.kind === 'decoded' ? recordIdOf(decoded.value) : undefined;
      if (id === undefined) {
        continue;
      }
      if (value === null) {
        ids.delete(id);
      } else {
        ids.add(id);
      }
    }
    // The loop that carries live changes has its turn.
    await new Promise((resolve) => setImmediate(resolve));
  });
  return ids;
}
