import {
  deliveryOf,
  explain,
  Listener,
  renderBody,
  Subject,
  webhookHeaders,
  type ReadableChange,
} from '#libs/event';
import { messageOf } from '#libs/process';
import type { SigningKey, Subscription } from '#libs/subscription';
import type { TrialRequestView, TrialView } from './trial-bodies.js';

/** A subscription as it would be published, and its keys where it has some. */
export interface Tried {
  subscription: Subscription;
  signingKeys: readonly SigningKey[];
}

/** What would become of a change, by the very code that the router and delivery run. */
export function tryOn(listener: Listener, { signingKeys }: Tried, read: ReadableChange): TrialView {
  const { change, recordId } = read;
  const { change_id: changeId, model, ts_ms: readAtMs } = change.source;
  const shown = {
    changeId,
    record: `${model},${String(recordId)}`,
    op: change.op,
    changed: change.changed,
    readAt: new Date(Number(readAtMs)).toISOString(),
  };
  try {
    const { matches, eventType, decidedBy } = explain(listener, new Subject(change), read.columns);
    const request = matches && eventType !== null ? requestOf(listener, signingKeys, read, eventType) : null;
    return { ...shown, matches, eventType, decidedBy, problem: null, request };
  } catch (error) {
    return {
      ...shown,
      matches: false,
      eventType: null,
      decidedBy: [],
      problem: messageOf(error),
      request: null,
    };
  }
}

function requestOf(
  { subscription, shape }: Listener,
  signingKeys: readonly SigningKey[],
  read: ReadableChange,
  eventType: string,
): TrialRequestView {
  const nowMs = Date.now();
  const { change, columns, recordId } = read;
  const body = renderBody({ type: eventType, change, columns, recordId }, subscription.format, shape);
  const task = deliveryOf(read, subscription, { eventType, body, nowMs });
  const pairs = webhookHeaders(task, signingKeys, nowMs);
  const headers: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2) {
    headers[pairs[index] ?? ''] = pairs[index + 1] ?? '';
  }
  // Nothing was signed for a subscription that has no secret yet.
  return {
    method: 'POST',
    url: subscription.url,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
    body: body.toString('utf8'),
  };
}
