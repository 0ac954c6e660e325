import { envelopeSchema, keySchema, type Change, type Column, type Row } from '#libs/change';
import type {
  AvroCodec,
  IncomingRecord,
  Kafka,
  OutgoingRecord,
  Publisher,
  SchemaRegistry,
} from '#libs/kafka';
import {
  defaultDeliverySettings,
  basicSubscription,
  subscriptionSchema,
  subscriptionStateSchema,
  subscriptionStateToAvro,
  subscriptionToAvro,
  subscriptionTopics,
  type Subscription,
  type SubscriptionState,
} from '#libs/subscription';

/** What ingest, control and delivery write, as a test of the router writes it in their place. */
export class RouterInput {
  private constructor(
    readonly topic: string,
    private readonly publisher: Publisher,
    private readonly codecs: Record<'key' | 'value' | 'subscription' | 'state', AvroCodec>,
  ) {}

  /** For changes of `sale.order` in the database `acme`, whose topic is created. */
  static async open(kafka: Kafka, registry: SchemaRegistry): Promise<RouterInput> {
    const shape = { database: 'acme', table: 'sale_order', columns };
    const topic = `odoo.${shape.database}.${shape.table}`;
    await kafka.ensureTopics([
      { topic, partitions: 6, config: { 'max.message.bytes': '10485760' } },
      ...Object.values(subscriptionTopics).map((name) => ({
        topic: name,
        partitions: 1,
        config: { 'cleanup.policy': 'compact' },
      })),
    ]);
    const codecs = {
      key: await registry.register(topic, 'key', keySchema(shape)),
      value: await registry.register(topic, 'value', envelopeSchema(shape)),
      subscription: await registry.register(subscriptionTopics.subscriptions, 'value', subscriptionSchema),
      state: await registry.register(subscriptionTopics.states, 'value', subscriptionStateSchema),
    };
    return new RouterInput(topic, await kafka.publisher(), codecs);
  }

  subscribe(...subscriptions: readonly Subscription[]): Promise<void> {
    return this.publisher.publish(
      subscriptions.map((subscription) => ({
        topic: subscriptionTopics.subscriptions,
        key: subscription.id,
        value: this.codecs.subscription.encode(subscriptionToAvro(subscription)),
      })),
    );
  }

  unsubscribe(id: string): Promise<void> {
    return this.publisher.publish([{ topic: subscriptionTopics.subscriptions, key: id, value: null }]);
  }

  setStates(...states: readonly SubscriptionState[]): Promise<void> {
    return this.publisher.publish(
      states.map((state) => ({
        topic: subscriptionTopics.states,
        key: state.subscriptionId,
        value: this.codecs.state.encode(subscriptionStateToAvro(state)),
      })),
    );
  }

  publish(...changes: readonly Change[]): Promise<void> {
    return this.publisher.publish(changes.map((change) => this.record(change)));
  }

  publishRaw(...records: readonly Omit<OutgoingRecord, 'topic'>[]): Promise<void> {
    return this.publisher.publish(records.map((record) => ({ ...record, topic: this.topic })));
  }

  key(id: number): Buffer {
    return this.codecs.key.encode({ id: BigInt(id) });
  }

  private record(change: Change): OutgoingRecord {
    const id = Number((change.after ?? change.before)?.['id']);
    return { topic: this.topic, key: this.key(id), value: this.codecs.value.encode(change) };
  }
}

const columns: readonly Column[] = [
  { name: 'id', kind: 'int' },
  { name: 'name', kind: 'text' },
  { name: 'state', kind: 'text' },
  { name: 'amount_total', kind: 'decimal', precision: 38, scale: 20 },
  { name: 'customizable_pdf_form_fields', kind: 'json' },
  { name: 'write_date', kind: 'timestamp' },
];

export function orderRow(id: number, given: Row = {}): Row {
  const row = {
    id,
    name: `S${id}`,
    state: 'draft',
    amount_total: '112.7',
    write_date: '2026-11-23T16:24:31.321441',
  };
  return { ...row, customizable_pdf_form_fields: null, ...given };
}

/** An update of order `id` whose sequence is also its change id's number. */
export function orderChange(id: number, sequence: number, given: Partial<Change> = {}): Change {
  return {
    before: orderRow(id),
    after: orderRow(id, { state: 'sale' }),
    op: 'u',
    source: {
      version: '0.1.0',
      connector: 'odoo-relay',
      name: 'odoo.acme',
      ts_ms: 1_795_451_071_349n,
      db: 'acme',
      database: 'acme',
      epoch: 'e1',
      table: 'sale_order',
      model: 'sale.order',
      change_id: `e1-${sequence}`,
      sequence: BigInt(sequence),
      tx: { id: '1', ordinal: 1n, total: 1n },
      user_id: null,
      company_id: null,
      snapshot: null,
    },
    ts_ms: 1_795_451_071_352n,
    included: null,
    changed: ['state'],
    ...given,
  };
}

export function subscriptionOf(
  id: string,
  eventTypes: readonly string[],
  given: Partial<Subscription> = {},
): Subscription {
  return {
    id,
    applicationId: 'shop',
    database: 'acme',
    eventTypes,
    format: 'json',
    url: 'https://shop.example/hooks',
    secrets: [],
    enabled: true,
    enabledEpoch: 0,
    sinceMs: 0n,
    settings: defaultDeliverySettings,
    ...basicSubscription,
    ...given,
  };
}

/** The change ids of a subscription's deliveries, in the order in which they were written. */
export function deliveredTo(records: readonly IncomingRecord[], subscriptionId: string): string[] {
  return records
    .filter(({ headers }) => headers['subscription-id'] === subscriptionId)
    .map(({ headers }) => headers['change-id'] ?? '');
}
