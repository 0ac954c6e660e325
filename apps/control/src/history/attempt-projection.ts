import { deliveryTopics, type AttemptRow } from '#libs/delivery-task';
import type { SchemaRegistry } from '#libs/kafka';
import { locks } from '../persistence/locks.js';
import type { Projected } from '../projections/topic-projection.js';
import type { AttemptPartitions } from './attempt-partitions.js';
import type { AttemptStore } from './attempt-store.js';
import type { KeptDays } from './kept-days.js';
import { readAttempt } from './read-attempt.js';

const partitionsIntervalMs = 60_000;

export interface AttemptProjectionParts {
  registry: Pick<SchemaRegistry, 'decode'>;
  store: AttemptStore;
  partitions: AttemptPartitions;
  days: KeptDays;
}

/** `relay.attempts` in the table of attempts. */
export function attemptProjection(parts: AttemptProjectionParts): Projected<AttemptRow> {
  const { registry, store, partitions, days } = parts;
  return {
    topic: deliveryTopics.attempts,
    name: 'history',
    leadership: {
      applicationName: 'odoo-relay-control-history',
      lock: locks.attemptProjection,
      channel: 'relay_control_history',
    },
    read: async ({ value }) =>
      value === null
        ? { kind: 'unreadable', reason: 'it has no value' }
        : readAttempt(await registry.decode(value), days),
    positions: (starts) => store.positions(starts),
    take: (attempts, from, next) => store.take({ attempts, next }, from),
    tidy: () => partitions.keep(),
    tidyIntervalMs: partitionsIntervalMs,
  };
}
