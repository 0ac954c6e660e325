/**
 * `json-before-after`: the rows before and after in place of one. `cloudevents`: JSON in structured mode,
 * `cloudevents-binary`: attributes in headers. `form`: names and values as a web form sends them.
 */
export const bodyFormats = [
  'json',
  'json-before-after',
  'cloudevents',
  'cloudevents-binary',
  'xml',
  'form',
] as const;
export type BodyFormat = (typeof bodyFormats)[number];

/** `latest`: an older change of a record is not sent any more once a newer one was, or is on its way. */
export type Ordering = 'none' | 'latest';

/** How deliveries of a subscription are made: control resolves the database's settings into it. */
export interface DeliverySettings {
  /** For the whole request: connect, TLS, headers and body. */
  timeoutMs: number;
  /** The delay before each retry; its length is the number of retries. */
  retryDelaysMs: readonly number[];
  /** Dead letters in a row after which the subscription is disabled. */
  disableAfter: number;
  /** A delivery that is older is dead. */
  expiresAfterMs: number;
  ordering: Ordering;
  /** Requests under way at once to its endpoint; null where only delivery's own limit holds. */
  concurrency: number | null;
  /** Requests a second to its endpoint; null for no limit. */
  rateLimitPerS: number | null;
}

/**
 * A subscription as it stands in `relay.subscriptions` (key: its id, value Avro, a tombstone once deleted),
 * written by control only.
 */
export interface Subscription {
  id: string;
  applicationId: string;
  /** Database slug. */
  database: string;
  /** Event types, the first that matches names the delivery. */
  eventTypes: readonly string[];
  /** JSON text of `EventType[]` (see libs/event): those of its names that its database has of its own. */
  ownEventTypes: string | null;
  /** JSON text of an Odoo domain: only changes for which it holds; null: all. */
  filter: string | null;
  /** JSON text of `FieldChange[]` (see libs/event): only updates in which one of them happened; null: all. */
  fieldChanges: string | null;
  /** JSON text of a `Shape` (see libs/event): what of a change the body holds; null: the whole record. */
  shape: string | null;
  format: BodyFormat;
  url: string;
  /** Encrypted signing secrets (see secret.ts): the first signs always, further ones until `previousSecretUntilMs`. */
  secrets: readonly string[];
  /** While a secret rotates: the moment (milliseconds since 1970) from which only the first one signs. */
  previousSecretUntilMs: bigint | null;
  /** Encrypted JSON of `CustomHeaders` (see credentials.ts). */
  headers: string | null;
  /** Encrypted JSON of `EndpointAuth`. */
  auth: string | null;
  /** Encrypted JSON of `ClientCertificate`. */
  clientCertificate: string | null;
  /** false when its owner or control switched it off. */
  enabled: boolean;
  /** Counts re-enablings: what delivery counted before belongs to an earlier one. */
  enabledEpoch: number;
  /** Changes read from the database before this moment (milliseconds since 1970) are not for it. */
  sinceMs: bigint;
  settings: DeliverySettings;
}

/** What delivery says of a subscription in `relay.subscription-state` (key: its id, value Avro). */
export interface SubscriptionState {
  subscriptionId: string;
  state: 'active' | 'failing' | 'disabled';
  /** The subscription's `enabledEpoch` that this speaks of. */
  enabledEpoch: number;
  /** Dead letters in a row. */
  consecutiveDead: number;
  /** Webhook ids of those, so that a delivery is counted once however often it is read. */
  countedWebhookIds: readonly string[];
  /** Offset in its partition of `relay.attempts` up to which all is counted. */
  attemptsOffset: bigint;
  sinceMs: bigint;
  reason: string | null;
  /** Why its endpoint gets no more than an attempt now and then; null while its breaker is closed. */
  breaker: BreakerState | null;
}

export interface BreakerState {
  reason: string;
  /** Milliseconds since 1970. */
  sinceMs: bigint;
}

/** Whether deliveries are made for it: neither its owner nor delivery switched it off. */
export function isActive(
  subscription: Pick<Subscription, 'enabled' | 'enabledEpoch'>,
  state: SubscriptionState | undefined,
): boolean {
  const disabled = state?.state === 'disabled' && state.enabledEpoch === subscription.enabledEpoch;
  return subscription.enabled && !disabled;
}

export const subscriptionTopics = {
  subscriptions: 'relay.subscriptions',
  states: 'relay.subscription-state',
} as const;

/** As of the delivery table of the design: 5 s, 5 min, 30 min, 2 h, 5 h. */
export const defaultDeliverySettings: DeliverySettings = {
  timeoutMs: 5_000,
  retryDelaysMs: [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000],
  disableAfter: 5,
  expiresAfterMs: 259_200_000,
  ordering: 'none',
  concurrency: null,
  rateLimitPerS: null,
};

/** Of a subscription that gets whole changes of its event types, in requests that carry a signature and nothing else. */
export const basicSubscription = {
  ownEventTypes: null,
  filter: null,
  fieldChanges: null,
  shape: null,
  previousSecretUntilMs: null,
  headers: null,
  auth: null,
  clientCertificate: null,
} as const satisfies Partial<Subscription>;
