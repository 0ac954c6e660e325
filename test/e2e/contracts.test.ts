import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { ChangeReader, envelopeSchema, keySchema } from '#libs/change';
import { attemptRowSchema, readTask, rejectedRecord, taskHeaders, writeTask } from '#libs/delivery-task';
import { Kafka, SchemaRegistry, type AvroSchema, type IncomingRecord, type Publisher } from '#libs/kafka';
import { eventRecord, type OperationalEvent } from '#libs/operational-events';
import {
  subscriptionFromAvro,
  subscriptionSchema,
  subscriptionStateFromAvro,
  subscriptionStateSchema,
  subscriptionStateToAvro,
  subscriptionToAvro,
  subscriptionTopicSpecs,
} from '#libs/subscription';
import { silentLogger as logger } from '#libs/telemetry';
import { installSample } from '#sample';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import {
  bytesOf,
  contractFile,
  exampleNames,
  fromJson,
  incomingOf,
  readExample,
  schemaOf,
  type Example,
} from './contract-examples.js';

const stack = testStack();
const env = {
  KAFKA_BROKERS: stack.brokers.join(','),
  SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
  KAFKA_TOPIC_PREFIX: stack.topicPrefix,
  LOG_LEVEL: 'debug',
};
const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', topicPrefix: stack.topicPrefix, logger });
const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, topicPrefix: stack.topicPrefix, logger });
const changes = readExample('odoo.acme.sale_order');
let publisher: Publisher;

beforeAll(async () => {
  await kafka.ensureTopics([{ topic: changes.topic, partitions: 6 }, ...subscriptionTopicSpecs]);
  publisher = await kafka.publisher();
});

const started: StartedApp[] = [];

async function start(...given: Parameters<typeof startApp>): Promise<StartedApp> {
  const app = await startApp(...given);
  started.push(app);
  return app;
}

afterAll(async () => {
  await Promise.all(started.map((app) => app.stop()));
  await kafka.close();
});

const anything: unknown = expect.anything();

function linesOf(app: StartedApp, sentence: string): Record<string, unknown>[] {
  return app.logLines().filter(({ msg }) => msg === sentence);
}

/** The records of an example as bytes, encoded with the schemas it names. */
async function encoded(example: Example): Promise<IncomingRecord[]> {
  const codecOf = async (part: 'key' | 'value') => {
    const schema = schemaOf(example, part);
    return schema === undefined ? bytesOf : encoderOf(example.topic, part, schema);
  };
  const [key, value] = [await codecOf('key'), await codecOf('value')];
  return example.records.map((record) => ({
    ...incomingOf({ ...example, records: [] }, { ...record, key: null, value: null }),
    key: key(record.key),
    value: record.value === null ? null : value(record.value),
  }));
}

async function encoderOf(
  topic: string,
  part: 'key' | 'value',
  schema: AvroSchema,
): Promise<(json: unknown) => Buffer> {
  const codec = await registry.register(topic, part, schema);
  return (json) => codec.encode(fromJson(schema, json));
}

type WrittenEvent = OperationalEvent & { database: string; time: string };
/** What `relay.events` says, by kind, with a value of each field's type: the compiler asks for all of them. */
const eventFields: {
  [Kind in OperationalEvent['kind']]: Omit<Extract<OperationalEvent, { kind: Kind }>, 'kind'>;
} = {
  'topic.superseded': { old_topic: '', new_topic: '', reason: '' },
  'subscription.failing': { subscription_id: '', application_id: '', consecutive_dead: 0, disable_after: 0 },
  'subscription.disabled': { subscription_id: '', application_id: '', consecutive_dead: 0, reason: '' },
  'subscription.recovered': { subscription_id: '', application_id: '' },
  'subscription.not_applicable': { subscription_id: '', application_id: '', reason: '' },
  'capture.stopped': { outbox_bytes: 0, outbox_max_bytes: 0 },
  'capture.gap': { reason: '', tables: [] },
  'capture.epoch_mismatch': { reason: '' },
};

const typesOf = (fields: object): string[] =>
  Object.entries(fields).map(([name, value]) => `${name}: ${Array.isArray(value) ? 'list' : typeof value}`);

const publish = (records: readonly IncomingRecord[]): Promise<void> =>
  publisher.publish(records.map(({ topic, key, value, headers }) => ({ topic, key, value, headers })));

describe('the schemas on paper are those in use', () => {
  it.each([
    ['relay.subscriptions', subscriptionSchema],
    ['relay.subscription-state', subscriptionStateSchema],
    ['relay.attempts', attemptRowSchema],
  ])('of %s', (name, inUse) => {
    expect(schemaOf(readExample(name), 'value')).toEqual(inUse);
  });

  it('of change topics, for the columns that the example has', async () => {
    const [record] = await encoded(changes);
    const read = record === undefined ? undefined : await new ChangeReader(registry).read(record);
    const columns = read?.kind === 'change' ? [...read.columns.values()] : [];
    const shape = { database: 'acme', table: 'sale_order', columns };
    expect(schemaOf(changes, 'value')).toEqual(envelopeSchema(shape));
    expect(schemaOf(changes, 'key')).toEqual(keySchema(shape));
  });

  it('of what ingest writes: positions, and envelope, key and headers of a change', async () => {
    const databaseUrl = await stack.freshDatabase();
    await installSample(databaseUrl);
    const slug = { ODOO_DATABASE_URL: databaseUrl, DATABASE_SLUG: 'real', MODELS: 'stock.quant' };
    const ingest = await start('ingest', { ...env, ...slug });
    const odoo = new Client({ connectionString: databaseUrl });
    await odoo.connect();
    await odoo.query('delete from stock_quant where id = (select max(id) from stock_quant)');
    await odoo.end();
    const written = await eventually(async () => {
      const records = await kafka.readToEnd('odoo.real.stock_quant');
      return records.length >= 2 && records;
    });
    const positions = await kafka.readToEnd('relay.positions');
    const page = { level: 20, database: 'real', isLast: true, changes: 1, records: 2, sequence: anything };
    await eventually(() => linesOf(ingest, 'a page was published').some(({ changes: of }) => of === 1));
    expect(linesOf(ingest, 'a page was published')).toContainEqual(expect.objectContaining(page));

    const positionsExample = readExample('relay.positions');
    const position = await registry.decode(positions.at(-1)?.value ?? Buffer.alloc(0));
    expect(position).toMatchObject({ schema: schemaOf(positionsExample, 'value') });
    expect(positions.at(-1)?.key?.toString()).toBe('real');

    const withoutRow = (schema: unknown): unknown =>
      (schema as { fields: { name: string }[] }).fields.filter(
        ({ name }) => name !== 'before' && name !== 'after',
      );
    const change = await registry.decode(written[0]?.value ?? Buffer.alloc(0));
    expect(change.kind === 'decoded' && withoutRow(change.schema)).toEqual(
      withoutRow(schemaOf(changes, 'value')),
    );
    expect(written.map(({ value }) => value === null)).toEqual([false, true]);
    const deletion = changes.records.slice(-2);
    expect(written.map(({ headers }) => Object.keys(headers))).toEqual(
      deletion.map(({ headers }) => Object.keys(headers)),
    );
    expect(written[0]?.headers).toMatchObject({ ce_source: 'odoo.real', ce_type: 'stock.quant.deleted' });
  });
});

describe('the records on paper are readable', () => {
  it.each(exampleNames())('%s is the name of its topic', (name) => {
    expect(readExample(name).topic).toBe(name);
  });

  it.each(exampleNames().filter((name) => schemaOf(readExample(name), 'value') !== undefined))(
    '%s: encoded and decoded again with its schema, they are the same',
    async (name) => {
      const example = readExample(name);
      const schema = schemaOf(example, 'value');
      const values = (await encoded(example)).flatMap(({ value }) => (value === null ? [] : [value]));
      const decoded = await Promise.all(values.map((value) => registry.decode(value)));
      const shown = example.records.flatMap(({ value }) => (value === null ? [] : [fromJson(schema, value)]));
      expect(decoded).toMatchObject(shown.map((value) => ({ kind: 'decoded', value })));
    },
  );

  it('changes and a tombstone for the reader of changes', async () => {
    const reader = new ChangeReader(registry);
    const records = await encoded(changes);
    const reads = await Promise.all(records.map(async (record) => reader.read(record)));
    expect(reads).toMatchObject([
      { kind: 'change', recordId: 27n, change: { op: 'u', changed: ['state', 'date_order', 'write_date'] } },
      { kind: 'change', recordId: 27n, change: { op: 'u', changed: ['order_line'] } },
      { kind: 'change', recordId: 27n, change: { op: 'd', after: null } },
      { kind: 'tombstone', recordId: 27n },
    ]);
  });

  it('subscriptions and their states for control, router and delivery', () => {
    const values = (name: string): unknown[] => {
      const example = readExample(name);
      const present = example.records.filter(({ value }) => value !== null);
      return present.map(({ value }) => fromJson(schemaOf(example, 'value'), value));
    };
    for (const value of values('relay.subscriptions')) {
      const subscription = subscriptionFromAvro(value);
      expect(subscription && subscriptionToAvro(subscription)).toEqual(value);
    }
    for (const value of values('relay.subscription-state')) {
      const state = subscriptionStateFromAvro(value);
      expect(state && subscriptionStateToAvro(state)).toEqual(value);
    }
  });

  it.each([
    'relay.deliveries',
    'relay.deliveries.retry.5m',
    'relay.deliveries.replay',
    'relay.deliveries.dead',
  ])('%s: deliveries, and written again they are the same', (name) => {
    const example = readExample(name);
    for (const record of example.records) {
      const incoming = incomingOf(example, record);
      const read = readTask(incoming);
      const reason = record.headers[taskHeaders.reason];
      const extra = reason === undefined ? {} : { [taskHeaders.reason]: reason };
      const written = read.kind === 'task' ? writeTask(read.task, name, extra) : read;
      expect(written).toEqual({
        topic: name,
        key: record.key,
        value: incoming.value,
        headers: record.headers,
      });
    }
  });

  it('relay.events: each kind of event, with the fields that it has', () => {
    const example = readExample('relay.events');
    const events = example.records.map((record) => {
      const { database, time, ...event } = JSON.parse(String(record.value)) as WrittenEvent;
      const again = eventRecord(database, record.headers['ce_id'] ?? '', event);
      const value = JSON.stringify({ ...event, database, time });
      expect({ ...again, value }).toEqual({ topic: example.topic, ...record, about: undefined });
      expect(new Date(time).toISOString()).toBe(time);
      return event;
    });
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(Object.keys(eventFields)));
    for (const { kind, ...fields } of events) {
      expect([kind, typesOf(fields)]).toEqual([kind, typesOf(eventFields[kind])]);
    }
  });

  it.each(['router', 'delivery'])('relay.rejected.%s: what it came from gives the same again', (app) => {
    const example = readExample(`relay.rejected.${app}`);
    for (const record of example.records) {
      const { headers } = record;
      const origin = {
        ...incomingOf(example, record),
        topic: headers['origin-topic'] ?? '',
        partition: Number(headers['origin-partition']),
        offset: BigInt(headers['origin-offset'] ?? ''),
        timestampMs: Number(headers['origin-timestamp']),
        headers: JSON.parse(headers['origin-headers'] ?? '') as Record<string, string>,
      };
      const again = rejectedRecord(app, origin, headers['reason'] ?? '');
      expect(again).toEqual({ topic: example.topic, key: origin.key, value: origin.value, headers });
    }
  });
});

describe('what the router makes of the example', () => {
  it('is the example of relay.deliveries, its bodies byte for byte', async () => {
    await publish(await encoded(readExample('relay.subscriptions')));
    await publish(await encoded(changes));
    const router = await start('router', env);
    const example = readExample('relay.deliveries');
    const deliveries = await eventually(async () => {
      const records = await kafka.readToEnd('relay.deliveries');
      return records.length >= example.records.length && records;
    });
    const idOf = (record: { headers: Readonly<Record<string, string>> }): string =>
      record.headers['webhook-id'] ?? '';
    const found = new Map(deliveries.map((record) => [idOf(record), record]));
    expect([...found.keys()].sort()).toEqual(example.records.map(idOf).sort());
    for (const record of example.records) {
      const delivery = found.get(idOf(record));
      expect(delivery?.key?.toString()).toBe(record.key);
      // The only thing that depends on when it was routed.
      const expiresAt = record.headers[taskHeaders.expiresAt];
      expect({ ...delivery?.headers, [taskHeaders.expiresAt]: expiresAt }).toEqual(record.headers);
      expect(delivery?.value?.toString()).toBe(bytesOf(record.value)?.toString());
    }
    const batches = linesOf(router, 'a batch was routed');
    expect(batches).toContainEqual(expect.objectContaining({ topic: changes.topic, durationMs: anything }));
    const sum = batches.reduce((total, { publications }) => total + Number(publications), 0);
    expect(sum).toBe(example.records.length);
  });

  it.each([
    ['json', (text: string) => JSON.stringify(JSON.parse(text))],
    ['xml', (text: string) => text.trim().replaceAll(/>\s+</g, '><')],
  ])('stands in the README as it is, only easier to read (%s)', (language, compact) => {
    const readme = contractFile('README.md').toString();
    const [, shown = ''] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readme) ?? [];
    const body = contractFile(`bodies/sale.order.confirmed.${language}`).toString();
    expect(compact(shown)).toBe(compact(body));
  });
});
