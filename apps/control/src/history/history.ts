import type { DataSource } from 'typeorm';
import type { Kafka, SchemaRegistry } from '#libs/kafka';
import type { Logger } from '#libs/telemetry';
import { AttemptPartitions } from './attempt-partitions.js';
import { AttemptProjection } from './attempt-projection.js';
import { AttemptStore } from './attempt-store.js';
import { KeptDays } from './kept-days.js';

/** So that a stop is in time also while Kafka does not answer. */
const flushTimeoutMs = 3_000;

export interface HistoryParts {
  databaseUrl: string;
  dataSource: DataSource;
  kafka: Kafka;
  registry: SchemaRegistry;
  logger: Logger;
}

/** What fills the history; not yet started. @throws RelayError KAFKA_UNAVAILABLE */
export async function historyProjection(
  parts: HistoryParts,
  retentionDays: number,
  nowMs: () => number = Date.now,
): Promise<AttemptProjection> {
  const days = new KeptDays(retentionDays, nowMs);
  const partitions = new AttemptPartitions(parts.dataSource, days);
  const store = new AttemptStore(parts.dataSource, partitions);
  const publisher = await parts.kafka.publisher({ flushTimeoutMs });
  return new AttemptProjection({ ...parts, days, partitions, store, publisher });
}
