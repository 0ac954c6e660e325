import { expect, it } from '@jest/globals';
import type { AttemptRow, DeliveryTask } from '#libs/delivery-task';
import { DeliveryMetrics } from './delivery-metrics.js';

/** Of our own metrics; Node's have one for each kind of handle that is open. */
async function seriesOf({ metrics }: DeliveryMetrics): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith('relay_'));
}

/** One of each outcome, of another subscription, endpoint and record each time. */
function happens(metrics: DeliveryMetrics, n: number): void {
  const subscriptionId = `sub_${String(n)}`;
  const task = { subscriptionId, attempts: 0, redrive: null, committedAtMs: Date.now() } as DeliveryTask;
  const answers = [
    ['delivered', 200],
    ['failed', 503],
    ['failed', 404],
    ['timedOut', null],
    ['gone', 410],
    ['unsendable', null],
  ] as const;
  for (const [outcome, status] of answers) {
    const result = { outcome, status, error: `at ${subscriptionId}`, response: subscriptionId };
    metrics.attempt(task, { ...result, durationMs: n, retryAfterMs: undefined });
    metrics.row({ subscription_id: subscriptionId, outcome, reason: null } as AttemptRow);
  }
  metrics.row({
    subscription_id: subscriptionId,
    outcome: 'dead',
    reason: 'attempts-exhausted',
  } as AttemptRow);
  metrics.deferral('breaker open');
  metrics.rejected();
}

it('no series is added by a subscription, an endpoint or a record, be it ten thousand of them', async () => {
  const metrics = new DeliveryMetrics('relay-delivery');
  happens(metrics, 0);
  const ofOne = await seriesOf(metrics);
  for (let n = 1; n < 10_000; n += 1) happens(metrics, n);
  const ofAll = await seriesOf(metrics);
  expect(ofAll).toHaveLength(ofOne.length);
  expect(ofAll.length).toBeLessThan(150);
  expect(ofAll.join('\n')).not.toContain('sub_');
});

it('what can be counted is there from the start, so that the first one is seen as a rise', async () => {
  const series = await seriesOf(new DeliveryMetrics('relay-delivery'));
  for (const name of [
    'relay_delivery_dead_letters_total{reason="attempts-exhausted"} 0',
    'relay_delivery_outcomes_total{outcome="timedOut"} 0',
    'relay_delivery_deferrals_total{reason="breaker_open"} 0',
    'relay_delivery_rejected_records_total 0',
  ]) {
    expect(series).toContain(name);
  }
});
