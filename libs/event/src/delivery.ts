import { webhookId, type ReadChange } from '#libs/change';
import type { DeliveryTask } from '#libs/delivery-task';
import type { Subscription } from '#libs/subscription';
import { contentTypeOf } from './body.js';

export type ReadableChange = Extract<ReadChange, { kind: 'change' }>;

interface Making {
  eventType: string;
  body: Buffer;
  nowMs: number;
  /** Of the trace it belongs to. */
  traceparent?: string | null;
}

/** A change for a subscription on its way, not yet tried. Its id is the same however often it is made. */
export function deliveryOf(
  { change, recordId }: ReadableChange,
  subscription: Subscription,
  { eventType, body, nowMs, traceparent = null }: Making,
): DeliveryTask {
  const { change_id: changeId, sequence, database, model, ts_ms: readAtMs } = change.source;
  return {
    webhookId: webhookId(changeId, subscription.id),
    subscriptionId: subscription.id,
    changeId,
    sequence,
    eventType,
    contentType: contentTypeOf(subscription.format),
    database,
    record: `${model},${String(recordId)}`,
    committedAtMs: Number(readAtMs),
    expiresAtMs: nowMs + subscription.settings.expiresAfterMs,
    attempts: 0,
    dueAtMs: 0,
    lastOutcome: null,
    deferred: false,
    redrive: null,
    cloudEvent: subscription.format === 'cloudevents-binary',
    traceparent,
    body,
  };
}
