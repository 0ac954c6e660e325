/** The topics between router and delivery and what comes out of delivery. */
export const deliveryTopics = {
  first: 'relay.deliveries',
  /** Dead letters that are sent once more, and what replays send. */
  replay: 'relay.deliveries.replay',
  dead: 'relay.deliveries.dead',
  attempts: 'relay.attempts',
  partitions: 12,
} as const;

/** A retry topic and its one fixed delay. */
export interface RetryTier {
  topic: string;
  delayMs: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** From the shortest to the longest. */
export const retryTiers: readonly RetryTier[] = [
  { topic: 'relay.deliveries.retry.1s', delayMs: second },
  { topic: 'relay.deliveries.retry.5s', delayMs: 5 * second },
  { topic: 'relay.deliveries.retry.30s', delayMs: 30 * second },
  { topic: 'relay.deliveries.retry.5m', delayMs: 5 * minute },
  { topic: 'relay.deliveries.retry.30m', delayMs: 30 * minute },
  { topic: 'relay.deliveries.retry.2h', delayMs: 2 * hour },
  { topic: 'relay.deliveries.retry.5h', delayMs: 5 * hour },
];

/** Records an app could not read. */
export function rejectedTopic(app: string): string {
  return `relay.rejected.${app}`;
}
