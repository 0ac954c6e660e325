import { DeliveryMetrics } from '../../apps/delivery/src/delivery-metrics.js';
import type { AttemptRow, DeliveryTask } from '#libs/delivery-task';

const warmUp = 50_000;
const measured = 500_000;
/** Of one request to Kafka and of one page from it, when there is much to do; fewer cost more for each. */
const perBatch = 50;

/**
 * What a delivery's metrics cost, in milliseconds of CPU: what the app counts between a record and the row of its
 * attempt, without all else.
 */
export function metricsCpuMsPerDelivery(): number {
  const metrics = new DeliveryMetrics('bench');
  const consumer = metrics.kafka.counting({
    groupId: 'bench',
    topics: [],
    onBatch: () => undefined,
  } as unknown as Parameters<typeof metrics.kafka.counting>[0]);
  const batch = { topic: 'relay.deliveries', records: { length: perBatch } } as unknown as Parameters<
    typeof consumer.onBatch
  >[0];
  const rows = Array.from({ length: perBatch }, () => ({ topic: 'relay.attempts' }));
  const row = { outcome: 'delivered', reason: null } as AttemptRow;
  const count = (deliveries: number): void => {
    for (let n = 0; n < deliveries; n += 1) {
      if (n % perBatch === 0) {
        consumer.onBatch(batch);
        metrics.kafka.publishedAll(rows, '');
      }
      const task = { attempts: 0, redrive: null, committedAtMs: Date.now() - (n % 1_000) } as DeliveryTask;
      metrics.attempt(task, {
        outcome: 'delivered',
        status: 200,
        error: null,
        response: null,
        durationMs: n % 100,
        retryAfterMs: undefined,
      });
      metrics.row(row);
    }
  };
  count(warmUp);
  const before = process.cpuUsage();
  count(measured);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / measured;
}
