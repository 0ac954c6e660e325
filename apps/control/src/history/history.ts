import type { DataSource } from 'typeorm';
import type { AttemptRow } from '#libs/delivery-task';
import type { Kafka, SchemaRegistry } from '#libs/kafka';
import type { Counter } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import type { Principal } from '../access/principal.js';
import { controlSchema } from '../persistence/rows.js';
import { TopicProjection } from '../projections/topic-projection.js';
import { AttemptPartitions } from './attempt-partitions.js';
import { attemptProjection } from './attempt-projection.js';
import { AttemptStore } from './attempt-store.js';
import { AttemptSearch } from './attempt-search.js';
import { deliveryView, type DeliveryView } from './attempt-view.js';
import { KeptDays } from './kept-days.js';
import { Statistics } from './statistics.js';

const maxAttemptsOfDelivery = 500;
/** So that a stop is in time also while Kafka does not answer. */
const flushTimeoutMs = 3_000;

export interface HistoryParts {
  databaseUrl: string;
  dataSource: DataSource;
  kafka: Kafka;
  registry: SchemaRegistry;
  rejected?: Counter;
  logger: Logger;
}

/** What fills the history; not yet started. @throws RelayError KAFKA_UNAVAILABLE */
export async function historyProjection(
  parts: HistoryParts,
  retentionDays: number,
  nowMs: () => number = Date.now,
): Promise<TopicProjection<AttemptRow>> {
  const days = new KeptDays(retentionDays, nowMs);
  const partitions = new AttemptPartitions(parts.dataSource, days);
  const store = new AttemptStore(parts.dataSource, partitions);
  const publisher = await parts.kafka.publisher({ flushTimeoutMs });
  const projected = attemptProjection({ registry: parts.registry, store, partitions, days });
  return new TopicProjection(projected, { ...parts, publisher });
}

/** The history as the API sees it. */
export class History {
  readonly search: AttemptSearch;
  readonly statistics: Statistics;

  constructor(private readonly dataSource: DataSource) {
    this.search = new AttemptSearch(dataSource);
    this.statistics = new Statistics(dataSource);
  }

  /** undefined where no attempt of it is known. */
  async delivery(by: Principal, webhookId: string): Promise<DeliveryView | undefined> {
    const page = { after: undefined, limit: maxAttemptsOfDelivery };
    return deliveryView(await this.search.page(by, { webhookId }, page));
  }

  /** Whether there is or was such a subscription that this one may know of. */
  async hadSubscription(by: Principal, id: string): Promise<boolean> {
    const owners: { application_id: string }[] = await this.dataSource.query(
      `SELECT application_id FROM ${controlSchema}.subscription_owners WHERE subscription_id = $1`,
      [id],
    );
    return owners.some((owner) => by.kind === 'administrator' || owner.application_id === by.id);
  }
}
