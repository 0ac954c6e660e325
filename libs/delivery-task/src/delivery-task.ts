import { traceHeader } from '#libs/telemetry';

/**
 * One delivery on its way: the record of `relay.deliveries`, its retry topics and `relay.deliveries.dead`. The
 * key is the subscription id (with `:shard` where sharded), the value the body exactly as it will be sent, the
 * rest stands in headers. No address and no secret: these are looked up at the attempt.
 */
export interface DeliveryTask {
  webhookId: string;
  subscriptionId: string;
  changeId: string;
  /** Rises per record. */
  sequence: bigint;
  eventType: string;
  contentType: string;
  database: string;
  /** `<model>,<id>`: what must not be overtaken. */
  record: string;
  /** Milliseconds since 1970 at which the change was read from the database. */
  committedAtMs: number;
  /** Milliseconds since 1970 after which it is dead with reason `expired`. */
  expiresAtMs: number;
  /** Attempts already made; 0 on `relay.deliveries`. */
  attempts: number;
  /** Milliseconds since 1970 before which it must not be tried; 0 for at once. */
  dueAtMs: number;
  lastOutcome: string | null;
  /**
   * It waits for its endpoint and not for `dueAtMs`, which is only when it is looked at again at the latest: `down`
   * when the endpoint was down at some time meanwhile, else `late`.
   */
  deferred: false | 'late' | 'down';
  /** Id of the redrive or replay that sends it once more; its failures count for nothing. Null for live deliveries. */
  redrive: string | null;
  /** Its request carries the attributes of a CloudEvent as headers: its body is the event's data alone. */
  cloudEvent: boolean;
  /** W3C Trace Context of what made it, where its change is traced; null else. */
  traceparent: string | null;
  body: Buffer;
}

/** Why a delivery is dead. */
export type DeadReason = 'attempts-exhausted' | 'expired' | 'unsendable' | 'gone' | 'subscription-disabled';

/** Header names of delivery records, in the order in which they are written. */
export const taskHeaders = {
  webhookId: 'webhook-id',
  subscriptionId: 'subscription-id',
  changeId: 'change-id',
  sequence: 'sequence',
  eventType: 'event-type',
  contentType: 'content-type',
  database: 'database',
  record: 'record',
  committedAt: 'committed-at',
  expiresAt: 'expires-at',
  attempt: 'attempt',
  dueAt: 'due-at',
  lastOutcome: 'last-outcome',
  /** `late` or `down` on what was put off without an attempt. */
  deferred: 'deferred',
  redrive: 'redrive',
  /** `binary` where the attributes of a CloudEvent go into the request's headers. */
  cloudEvents: 'cloud-events',
  traceparent: traceHeader,
  /** Dead letters only. */
  reason: 'reason',
  /** `<topic>/<partition>/<offset>` of the record with the body, on a dead letter that was too large to hold it. */
  original: 'original',
} as const;
