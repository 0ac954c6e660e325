import type { IncomingRecord, SchemaRegistry } from '#libs/kafka';
import {
  bodyFormats,
  type BodyFormat,
  type Ordering,
  type Subscription,
  type SubscriptionState,
} from './subscription.js';

/** {@link Subscription} as it stands in Avro. */
export interface SubscriptionRecord {
  id: string;
  application_id: string;
  database: string;
  event_types: string[];
  format: string;
  url: string;
  secrets: string[];
  enabled: boolean;
  enabled_epoch: number;
  since_ms: bigint;
  settings: SettingsRecord;
  previous_secret_until_ms: bigint | null;
  headers: string | null;
  auth: string | null;
  client_certificate: string | null;
  own_event_types: string | null;
  filter: string | null;
  field_changes: string | null;
  shape: string | null;
}

interface SettingsRecord {
  timeout_ms: number;
  retry_delays_ms: bigint[];
  disable_after: number;
  expires_after_ms: bigint;
  ordering: string;
  concurrency: number | null;
  rate_limit_per_s: number | null;
}

/** {@link SubscriptionState} as it stands in Avro. */
export interface SubscriptionStateRecord {
  subscription_id: string;
  state: string;
  enabled_epoch: number;
  consecutive_dead: number;
  counted_webhook_ids: string[];
  attempts_offset: bigint;
  since_ms: bigint;
  reason: string | null;
  breaker_open_since_ms: bigint | null;
  breaker_reason: string | null;
}

export function subscriptionToAvro(subscription: Subscription): SubscriptionRecord {
  const { settings } = subscription;
  return {
    id: subscription.id,
    application_id: subscription.applicationId,
    database: subscription.database,
    event_types: [...subscription.eventTypes],
    format: subscription.format,
    url: subscription.url,
    secrets: [...subscription.secrets],
    enabled: subscription.enabled,
    enabled_epoch: subscription.enabledEpoch,
    since_ms: subscription.sinceMs,
    settings: {
      timeout_ms: settings.timeoutMs,
      retry_delays_ms: settings.retryDelaysMs.map((delayMs) => BigInt(delayMs)),
      disable_after: settings.disableAfter,
      expires_after_ms: BigInt(settings.expiresAfterMs),
      ordering: settings.ordering,
      concurrency: settings.concurrency,
      rate_limit_per_s: settings.rateLimitPerS,
    },
    previous_secret_until_ms: subscription.previousSecretUntilMs,
    headers: subscription.headers,
    auth: subscription.auth,
    client_certificate: subscription.clientCertificate,
    own_event_types: subscription.ownEventTypes,
    filter: subscription.filter,
    field_changes: subscription.fieldChanges,
    shape: subscription.shape,
  };
}

export function subscriptionStateToAvro(state: SubscriptionState): SubscriptionStateRecord {
  return {
    subscription_id: state.subscriptionId,
    state: state.state,
    enabled_epoch: state.enabledEpoch,
    consecutive_dead: state.consecutiveDead,
    counted_webhook_ids: [...state.countedWebhookIds],
    attempts_offset: state.attemptsOffset,
    since_ms: state.sinceMs,
    reason: state.reason,
    breaker_open_since_ms: state.breaker?.sinceMs ?? null,
    breaker_reason: state.breaker?.reason ?? null,
  };
}

/** The way back; undefined for anything that is no subscription. */
export function subscriptionFromAvro(decoded: unknown): Subscription | undefined {
  const value = withLaterFields(decoded);
  if (!isSubscriptionRecord(value)) {
    return undefined;
  }
  return {
    id: value.id,
    applicationId: value.application_id,
    database: value.database,
    eventTypes: value.event_types,
    format: value.format as BodyFormat,
    url: value.url,
    secrets: value.secrets,
    enabled: value.enabled,
    enabledEpoch: value.enabled_epoch,
    sinceMs: value.since_ms,
    settings: {
      timeoutMs: value.settings.timeout_ms,
      retryDelaysMs: value.settings.retry_delays_ms.map(Number),
      disableAfter: value.settings.disable_after,
      expiresAfterMs: Number(value.settings.expires_after_ms),
      ordering: value.settings.ordering as Ordering,
      concurrency: value.settings.concurrency,
      rateLimitPerS: value.settings.rate_limit_per_s,
    },
    previousSecretUntilMs: value.previous_secret_until_ms,
    headers: value.headers,
    auth: value.auth,
    clientCertificate: value.client_certificate,
    ownEventTypes: value.own_event_types,
    filter: value.filter,
    fieldChanges: value.field_changes,
    shape: value.shape,
  };
}

/** Records are decoded with the schema they were written with, so those from before a field lack it. */
function withLaterFields(decoded: unknown): unknown {
  if (typeof decoded !== 'object' || decoded === null) {
    return decoded;
  }
  const { settings } = decoded as { settings?: object };
  return { ...laterFields, ...decoded, settings: { ...laterSettings, ...settings } };
}

const laterFields = {
  previous_secret_until_ms: null,
  headers: null,
  auth: null,
  client_certificate: null,
  own_event_types: null,
  filter: null,
  field_changes: null,
  shape: null,
} satisfies Partial<SubscriptionRecord>;

const laterSettings = {
  ordering: 'none',
  concurrency: null,
  rate_limit_per_s: null,
} satisfies Partial<SettingsRecord>;

/** The way back; undefined for anything that is no state of a subscription. */
export function subscriptionStateFromAvro(value: unknown): SubscriptionState | undefined {
  if (!isStateRecord(value)) {
    return undefined;
  }
  return {
    subscriptionId: value.subscription_id,
    state: value.state as SubscriptionState['state'],
    enabledEpoch: value.enabled_epoch,
    consecutiveDead: value.consecutive_dead,
    countedWebhookIds: value.counted_webhook_ids,
    attemptsOffset: value.attempts_offset,
    sinceMs: value.since_ms,
    reason: value.reason,
    breaker:
      value.breaker_open_since_ms === null
        ? null
        : { sinceMs: value.breaker_open_since_ms, reason: value.breaker_reason ?? '' },
  };
}

type Decoder = Pick<SchemaRegistry, 'decode'>;
type Reader<V> = (record: IncomingRecord) => Promise<V | undefined>;

/** Reads records of `relay.subscriptions`: undefined for a tombstone and for what is no subscription. */
export function readSubscription(registry: Decoder): Reader<Subscription> {
  return readerOf(registry, subscriptionFromAvro);
}

/** Reads records of `relay.subscription-state`: undefined for a tombstone and for what is no state. */
export function readSubscriptionState(registry: Decoder): Reader<SubscriptionState> {
  return readerOf(registry, subscriptionStateFromAvro);
}

function readerOf<V>(registry: Decoder, fromAvro: (value: unknown) => V | undefined): Reader<V> {
  return async (record) => {
    if (record.value === null) {
      return undefined;
    }
    const decoded = await registry.decode(record.value);
    return decoded.kind === 'decoded' ? fromAvro(decoded.value) : undefined;
  };
}

// The bytes may come from any writer and any schema, so what was decoded is checked field by field.
type Check = (value: unknown) => boolean;
type Checks<R> = Readonly<Record<keyof R, Check>>;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isInt: Check = (value) => Number.isSafeInteger(value);
const isLong: Check = (value) => typeof value === 'bigint';
const isOneOf =
  (...allowed: string[]): Check =>
  (value) =>
    typeof value === 'string' && allowed.includes(value);
const isNullOr =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

function isRecordOf<R>(checks: Checks<R>): (value: unknown) => value is R {
  const entries = Object.entries<Check>(checks);
  return (value): value is R =>
    typeof value === 'object' &&
    value !== null &&
    entries.every(([name, check]) => check((value as Record<string, unknown>)[name]));
}

const isSubscriptionRecord = isRecordOf<SubscriptionRecord>({
  id: isText,
  application_id: isText,
  database: isText,
  event_types: isListOf(isText),
  format: isOneOf(...bodyFormats),
  url: isText,
  secrets: isListOf(isText),
  enabled: isFlag,
  enabled_epoch: isInt,
  since_ms: isLong,
  settings: isRecordOf<SettingsRecord>({
    timeout_ms: isInt,
    retry_delays_ms: isListOf(isLong),
    disable_after: isInt,
    expires_after_ms: isLong,
    ordering: isOneOf('none', 'latest'),
    concurrency: isNullOr(isInt),
    rate_limit_per_s: isNullOr(isInt),
  }),
  previous_secret_until_ms: isNullOr(isLong),
  headers: isNullOr(isText),
  auth: isNullOr(isText),
  client_certificate: isNullOr(isText),
  own_event_types: isNullOr(isText),
  filter: isNullOr(isText),
  field_changes: isNullOr(isText),
  shape: isNullOr(isText),
});

const isStateRecord = isRecordOf<SubscriptionStateRecord>({
  subscription_id: isText,
  state: isOneOf('active', 'failing', 'disabled'),
  enabled_epoch: isInt,
  consecutive_dead: isInt,
  counted_webhook_ids: isListOf(isText),
  attempts_offset: isLong,
  since_ms: isLong,
  reason: isNullOr(isText),
  breaker_open_since_ms: isNullOr(isLong),
  breaker_reason: isNullOr(isText),
});
