import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SchemaRegistry, type AvroCodec, type AvroSchema, type IncomingRecord } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import { subscriptionSchema, subscriptionStateSchema } from './avro-schemas.js';
import { subscriptionTopics, type Subscription, type SubscriptionState } from './subscription.js';
import {
  readSubscription,
  readSubscriptionState,
  subscriptionFromAvro,
  subscriptionStateFromAvro,
  subscriptionStateToAvro,
  subscriptionToAvro,
} from './topic-records.js';

const stack = testStack();
const options = { url: stack.schemaRegistryUrl, topicPrefix: stack.topicPrefix, logger: silentLogger };
const writer = new SchemaRegistry(options);
/** Knows no schema until it asks for it, as another app. */
const reader = new SchemaRegistry(options);
let subscriptionCodec: AvroCodec;
let stateCodec: AvroCodec;

beforeAll(async () => {
  subscriptionCodec = await writer.register(subscriptionTopics.subscriptions, 'value', subscriptionSchema);
  stateCodec = await writer.register(subscriptionTopics.states, 'value', subscriptionStateSchema);
});

function recordOf(value: Buffer | null): IncomingRecord {
  const place = { topic: subscriptionTopics.subscriptions, partition: 0, offset: 0n, timestampMs: 0 };
  return { ...place, key: Buffer.from('sub_1'), value, headers: {}, duplicateHeaders: [] };
}

const subscription: Subscription = {
  id: 'sub_1',
  applicationId: 'default',
  database: 'acme',
  eventTypes: ['product.created', 'stock.quantity_changed'],
  format: 'xml',
  url: 'https://shop.example/hooks?a=ä&b=☃',
  secrets: ['v1.a.b.c', 'v1.d.e.f'],
  enabled: true,
  enabledEpoch: 3,
  sinceMs: 1_767_225_600_123n,
  settings: {
    timeoutMs: 5_000,
    retryDelaysMs: [5_000, 18_000_000],
    disableAfter: 5,
    expiresAfterMs: 604_800_000,
    ordering: 'latest',
    concurrency: 4,
    rateLimitPerS: 50,
  },
  previousSecretUntilMs: 1_767_225_600_456n,
  headers: 'v1.a.g.h',
  auth: 'v1.a.i.j',
  clientCertificate: 'v1.a.k.l',
  ownEventTypes: '[{"name":"shop.sold"}]',
  filter: '[["state","=","sale"]]',
  fieldChanges: '[{"field":"state"}]',
  shape: '{"fields":["name"]}',
};
/** Fields that came later, with what their absence means. */
const later = {
  previous_secret_until_ms: null,
  headers: null,
  auth: null,
  client_certificate: null,
  own_event_types: null,
  filter: null,
  field_changes: null,
  shape: null,
};
const laterSettings = { ordering: 'none', concurrency: null, rate_limit_per_s: null };

const state: SubscriptionState = {
  subscriptionId: 'sub_1',
  state: 'disabled',
  enabledEpoch: 3,
  consecutiveDead: 5,
  countedWebhookIds: ['msg_1', 'msg_2'],
  attemptsOffset: 2n ** 62n,
  sinceMs: 1_767_225_600_123n,
  reason: '5 dead in a row',
  breaker: null,
};

/** Any value a field can have that has nothing to do with it. */
const longs = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const ints = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const delays = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'grapheme' });

const anySubscription: fc.Arbitrary<Subscription> = fc.record({
  id: text,
  applicationId: text,
  database: text,
  eventTypes: fc.array(text),
  format: fc.constantFrom('json', 'xml'),
  url: text,
  secrets: fc.array(text),
  enabled: fc.boolean(),
  enabledEpoch: ints,
  sinceMs: longs,
  settings: fc.record({
    timeoutMs: ints,
    retryDelaysMs: fc.array(delays),
    disableAfter: ints,
    expiresAfterMs: delays,
    ordering: fc.constantFrom('none', 'latest'),
    concurrency: fc.option(ints, { nil: null }),
    rateLimitPerS: fc.option(ints, { nil: null }),
  }),
  previousSecretUntilMs: fc.option(longs, { nil: null }),
  headers: fc.option(text, { nil: null }),
  auth: fc.option(text, { nil: null }),
  clientCertificate: fc.option(text, { nil: null }),
  ownEventTypes: fc.option(text, { nil: null }),
  filter: fc.option(text, { nil: null }),
  fieldChanges: fc.option(text, { nil: null }),
  shape: fc.option(text, { nil: null }),
});

const anyState: fc.Arbitrary<SubscriptionState> = fc.record({
  subscriptionId: text,
  state: fc.constantFrom('active', 'failing', 'disabled'),
  enabledEpoch: ints,
  consecutiveDead: ints,
  countedWebhookIds: fc.array(text),
  attemptsOffset: longs,
  sinceMs: longs,
  reason: fc.option(text, { nil: null }),
  breaker: fc.option(fc.record({ reason: text, sinceMs: longs }), { nil: null }),
});

/** The schema as it was without them. */
function schemaBefore(): AvroSchema {
  type Fields = { name: string; type: unknown }[];
  const before = (fields: unknown, added: object): Fields =>
    (fields as Fields).filter(({ name }) => !(name in added));
  const fields = before(subscriptionSchema['fields'], later).map((field) => {
    const type = field.type as { fields?: unknown };
    return field.name === 'settings'
      ? { ...field, type: { ...type, fields: before(type.fields, laterSettings) } }
      : field;
  });
  return { ...subscriptionSchema, fields };
}

describe('a subscription in its topic', () => {
  it('is read by another app as it was written', async () => {
    const bytes = subscriptionCodec.encode(subscriptionToAvro(subscription));
    expect(await readSubscription(reader)(recordOf(bytes))).toEqual(subscription);
  });

  it('is read as it was written, whatever it holds', async () => {
    const read = readSubscription(reader);
    await fc.assert(
      fc.asyncProperty(anySubscription, async (any) => {
        expect(await read(recordOf(subscriptionCodec.encode(subscriptionToAvro(any))))).toEqual(any);
      }),
    );
  });

  it('is none where the record is a tombstone, no Avro, or of another schema', async () => {
    const read = readSubscription(reader);
    expect(await read(recordOf(null))).toBeUndefined();
    expect(await read(recordOf(Buffer.from('{}')))).toBeUndefined();
    expect(await read(recordOf(Buffer.alloc(0)))).toBeUndefined();
    expect(await read(recordOf(stateCodec.encode(subscriptionStateToAvro(state))))).toBeUndefined();
  });

  it.each(Object.keys(subscriptionToAvro(subscription)).filter((field) => !(field in later)))(
    'is none where %s is missing or of another type',
    (field) => {
      const record = { ...subscriptionToAvro(subscription) };
      expect(subscriptionFromAvro(record)).toEqual(subscription);
      expect(subscriptionFromAvro({ ...record, [field]: undefined })).toBeUndefined();
      expect(subscriptionFromAvro({ ...record, [field]: { other: 1 } })).toBeUndefined();
    },
  );

  it.each(Object.keys(later))('is none where %s is of another type', (field) => {
    const record = { ...subscriptionToAvro(subscription), [field]: { other: 1 } };
    expect(subscriptionFromAvro(record)).toBeUndefined();
  });

  it.each(Object.keys(subscriptionToAvro(subscription).settings))(
    'is none where its setting %s is of another type',
    (name) => {
      const record = subscriptionToAvro(subscription);
      const settings = { ...record.settings, [name]: { other: 1 } };
      expect(subscriptionFromAvro({ ...record, settings })).toBeUndefined();
    },
  );

  it('is read where it was written before there were headers, credentials, ordering and limits', async () => {
    const topic = 'relay.subscriptions-before';
    const oldCodec = await writer.register(topic, 'value', schemaBefore());
    const record = subscriptionToAvro(subscription);
    const read = await readSubscription(reader)(recordOf(oldCodec.encode(record)));
    const settings = { ...record.settings, ...laterSettings };
    expect(read && subscriptionToAvro(read)).toEqual({ ...record, ...later, settings });
    // The registry takes the new schema after the old one only where it can read the old records.
    await writer.register(topic, 'value', subscriptionSchema);
  });

  it('is none where the format is another', () => {
    expect(subscriptionFromAvro({ ...subscriptionToAvro(subscription), format: 'yaml' })).toBeUndefined();
  });
});

describe('the state of a subscription in its topic', () => {
  it('is read by another app as it was written', async () => {
    const bytes = stateCodec.encode(subscriptionStateToAvro(state));
    expect(await readSubscriptionState(reader)(recordOf(bytes))).toEqual(state);
  });

  it('is read as it was written, whatever it holds', async () => {
    const read = readSubscriptionState(reader);
    await fc.assert(
      fc.asyncProperty(anyState, async (any) => {
        expect(await read(recordOf(stateCodec.encode(subscriptionStateToAvro(any))))).toEqual(any);
      }),
    );
  });

  it.each(Object.keys(subscriptionStateToAvro(state)))('is none where %s is of another type', (field) => {
    const record = { ...subscriptionStateToAvro(state) };
    expect(subscriptionStateFromAvro(record)).toEqual(state);
    expect(subscriptionStateFromAvro({ ...record, [field]: { other: 1 } })).toBeUndefined();
  });
});
