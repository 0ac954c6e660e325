import { retryTiers, type AttemptRow, type DeliveryTask } from '#libs/delivery-task';
import type { IncomingRecord } from '#libs/kafka';
import type { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';

/** After one of these nothing more happens to a delivery, unless it is sent once more. */
const lastOutcomes = ['delivered', 'dead', 'expired', 'dropped', 'superseded'];

/** Nothing waits any more, anywhere. */
export function quiet(fixture: DeliveryFixture, timeoutMs = 60_000): Promise<boolean> {
  return eventually(() => fixture.isQuiet(), { timeoutMs, pollMs: 100 });
}

/** How many of the deliveries ended how, by the last of their rows; `pending` is what has none. */
export function endsOf(
  rows: readonly AttemptRow[],
  tasks: readonly Pick<DeliveryTask, 'webhookId'>[],
): Record<string, number> {
  const ends = new Map<string, string>();
  for (const { webhook_id, outcome } of rows) {
    if (lastOutcomes.includes(outcome)) ends.set(webhook_id, outcome);
  }
  const counts: Record<string, number> = {};
  for (const { webhookId } of tasks) {
    const end = ends.get(webhookId) ?? 'pending';
    counts[end] = (counts[end] ?? 0) + 1;
  }
  return counts;
}

/** Everything that was ever written to the retry topics for a subscription, topic after topic. */
export async function retryRecords(
  fixture: DeliveryFixture,
  subscriptionId: string,
): Promise<IncomingRecord[]> {
  const found: IncomingRecord[] = [];
  for (const { topic } of retryTiers) {
    await fixture.kafka.readEach(topic, (records) => {
      for (const record of records) {
        if (record.headers['subscription-id'] === subscriptionId) found.push(record);
      }
    });
  }
  return found;
}

/** A dead letter as a redrive sends it once more. */
export function replayOf(task: DeliveryTask, redrive: string): DeliveryTask {
  return { ...task, attempts: 0, dueAtMs: 0, lastOutcome: null, deferred: false, redrive };
}
