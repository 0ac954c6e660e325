import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { envelopeSchema, keySchema, webhookId } from '#libs/change';
import { readTask, type DeliveryTask } from '#libs/delivery-task';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { silentLogger as logger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { Scrape } from '../harness/metrics.js';
import { testStack } from '../harness/stack.js';
import { deliveredTo, orderChange, orderRow, RouterInput, subscriptionOf } from './router-fixture.js';

const stack = testStack();
const env = {
  KAFKA_BROKERS: stack.brokers.join(','),
  SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
  KAFKA_TOPIC_PREFIX: stack.topicPrefix,
};
const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', topicPrefix: stack.topicPrefix, logger });
const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, topicPrefix: stack.topicPrefix, logger });
const relation = 'odoo.acme.sale_order_tag_rel';
const all = ['sale.order.created', 'sale.order.updated', 'sale.order.deleted'];

let input: RouterInput;
let router: StartedApp;
/** Each test has records and change ids of its own. */
let last = 0;
const next = (): number => ++last;

beforeAll(async () => {
  input = await RouterInput.open(kafka, registry);
  await kafka.ensureTopics([{ topic: relation, partitions: 1 }]);
  await input.subscribe(
    subscriptionOf('all', all),
    subscriptionOf('xml', ['sale.order.confirmed'], { format: 'xml' }),
    subscriptionOf('unknown type', ['sale.order.exploded']),
    subscriptionOf('switched off', all, { enabled: false }),
    subscriptionOf('disabled', all),
    subscriptionOf('other database', all, { database: 'other' }),
    subscriptionOf('later', all, { sinceMs: 9_000_000_000_000n }),
  );
  await input.setStates({
    subscriptionId: 'disabled',
    state: 'disabled',
    enabledEpoch: 0,
    consecutiveDead: 5,
    countedWebhookIds: [],
    attemptsOffset: 0n,
    sinceMs: 0n,
    reason: '5 dead letters in a row',
    breaker: null,
  });
  router = await startApp('router', env);
});

afterAll(async () => {
  await router.stop();
  await kafka.close();
});

const deliveries = (): Promise<IncomingRecord[]> => kafka.readToEnd('relay.deliveries');

/** Resolves with all deliveries once that of the change, which must come, is there. */
function deliveriesUntil(sequence: number, subscriptionId = 'all'): Promise<IncomingRecord[]> {
  return eventually(async () => {
    const records = await deliveries();
    return deliveredTo(records, subscriptionId).includes(`e1-${sequence}`) && records;
  });
}

function taskFor(records: readonly IncomingRecord[], subscriptionId: string, sequence: number): DeliveryTask {
  const record = records.find(
    ({ headers }) =>
      headers['subscription-id'] === subscriptionId && headers['change-id'] === `e1-${sequence}`,
  );
  const read = record === undefined ? undefined : readTask(record);
  if (read?.kind !== 'task') {
    throw new Error(`no delivery of ${sequence} for ${subscriptionId}`);
  }
  return read.task;
}

describe('a change becomes deliveries', () => {
  it('as JSON and as XML, each complete, with the same webhook id whoever computes it', async () => {
    const id = next();
    await input.publish(orderChange(id, id));
    const records = await deliveriesUntil(id, 'xml').then(() => deliveriesUntil(id));
    const json = taskFor(records, 'all', id);
    expect(json).toMatchObject({
      webhookId: webhookId(`e1-${id}`, 'all'),
      eventType: 'sale.order.updated',
      contentType: 'application/json',
      record: `sale.order,${id}`,
      sequence: BigInt(id),
    });
    expect(JSON.parse(json.body.toString())).toMatchObject({
      type: 'sale.order.updated',
      timestamp: '2026-11-23T16:24:31.349Z',
      data: { id, state: 'sale', amount_total: 112.7, write_date: '2026-11-23T16:24:31.321441Z' },
    });
    const xml = taskFor(records, 'xml', id);
    expect(xml).toMatchObject({ eventType: 'sale.order.confirmed', contentType: 'application/xml' });
    expect(xml.body.toString()).toContain('<field name="amount_total" type="decimal">112.7</field>');
  });

  it('for active subscriptions of its database and its event types only', async () => {
    const id = next();
    await input.publish(orderChange(id, id));
    const records = await deliveriesUntil(id, 'xml').then(() => deliveriesUntil(id));
    const receivers = records.filter(({ headers }) => headers['change-id'] === `e1-${id}`);
    expect(receivers.map(({ headers }) => headers['subscription-id']).sort()).toEqual(['all', 'xml']);
  });

  it('in the order of its record', async () => {
    const id = next();
    const sequences = Array.from({ length: 200 }, next);
    await input.publish(...sequences.map((sequence) => orderChange(id, sequence)));
    const records = await deliveriesUntil(sequences.at(-1) ?? 0);
    const ofRecord = records.filter(({ headers }) => headers['record'] === `sale.order,${id}`);
    expect(deliveredTo(ofRecord, 'all')).toEqual(sequences.map((sequence) => `e1-${sequence}`));
  });

  it('but not of a relation table, whose keys are pairs and whose changes have no model', async () => {
    const shape = { database: 'acme', table: 'sale_order_tag_rel', pair: ['order_id', 'tag_id'] } as const;
    const columns = shape.pair.map((name) => ({ name, kind: 'int' as const }));
    const keys = await registry.register(relation, 'key', keySchema(shape));
    const values = await registry.register(relation, 'value', envelopeSchema({ ...shape, columns }));
    const after = { order_id: 1, tag_id: 2 };
    const { source, ...change } = orderChange(1, next(), { op: 'c', before: null, after, changed: null });
    const value = values.encode({ ...change, source: { ...source, table: shape.table, model: '' } });
    const key = keys.encode({ order_id: 1n, tag_id: 2n });
    const publisher = await kafka.publisher();
    const last = Buffer.from('no change: what stands before it in its partition has been read');
    await publisher.publish([value, null, last].map((each) => ({ topic: relation, key, value: each })));
    await publisher.close();
    const rejected = await eventually(async () => {
      const records = await kafka.readToEnd('relay.rejected.router');
      const ofRelation = records.filter(({ headers }) => headers['origin-topic']?.endsWith(relation));
      return ofRelation.length > 0 && ofRelation;
    });
    expect(rejected.map((record) => record.value)).toEqual([last]);
    const made = (await deliveries()).filter(({ headers }) => headers['change-id'] === source.change_id);
    expect(made).toEqual([]);
  });

  it('fault 27: but not a tombstone, a snapshot, or an update of nothing but write_date', async () => {
    const [id, touched, read, deleted] = [next(), next(), next(), next()] as const;
    await input.publish(
      orderChange(id, touched, { changed: ['write_date', 'write_uid'] }),
      orderChange(id, read, { op: 'r', before: null, changed: null }),
    );
    await input.publishRaw({ key: input.key(id), value: null });
    await input.publish(
      orderChange(id, deleted, { op: 'd', before: orderRow(id), after: null, changed: null }),
    );
    const records = await deliveriesUntil(deleted);
    const ofRecord = records.filter(({ headers }) => headers['record'] === `sale.order,${id}`);
    expect(deliveredTo(ofRecord, 'all')).toEqual([`e1-${deleted}`]);
    const rejected = await kafka.readToEnd('relay.rejected.router');
    expect(rejected.filter(({ key }) => key?.equals(input.key(id)))).toEqual([]);
  });
});

describe('subscriptions that change while the router runs', () => {
  const gets = async (subscriptionId: string): Promise<boolean> => {
    const id = next();
    await input.publish(orderChange(id, id));
    const records = await deliveriesUntil(id);
    return deliveredTo(records, subscriptionId).includes(`e1-${id}`);
  };
  const untilItGets = (id: string): Promise<boolean> => eventually(() => gets(id));
  const untilItGetsNone = (id: string): Promise<boolean> => eventually(async () => !(await gets(id)));

  it('are followed: a new one gets changes until it is switched off or deleted', async () => {
    const subscription = subscriptionOf('new', ['sale.order.updated']);
    await input.subscribe(subscription);
    await untilItGets('new');
    await input.subscribe({ ...subscription, enabled: false });
    await untilItGetsNone('new');
    await input.subscribe(subscription);
    await untilItGets('new');
    await input.unsubscribe('new');
    await untilItGetsNone('new');
  });
});

describe('records that cannot be read or written', () => {
  it('faults 25, 26, 28: are put aside with their bytes and the reason, and stop nothing', async () => {
    const id = next();
    const key = input.key(id);
    const unknownSchema = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]);
    const values = [
      Buffer.alloc(0),
      Buffer.from([0]),
      Buffer.from([0, 0, 0, 0]),
      Buffer.from('{"a":1}'),
      unknownSchema,
    ];
    await input.publishRaw(
      ...values.map((value) => ({ key, value, headers: { mark: `poison-${id}` } })),
      { key: null, value: Buffer.from('keyless'), partition: 0, headers: { mark: `poison-${id}` } },
      { key: null, value: null, partition: 0, headers: { mark: `poison-${id}` } },
    );
    const badJson = next();
    await input.publish(
      orderChange(id, badJson, { after: orderRow(id, { customizable_pdf_form_fields: '{"a":' }) }),
    );
    const good = next();
    await input.publish(orderChange(id, good));
    await deliveriesUntil(good);

    const rejected = await eventually(async () => {
      const records = await kafka.readToEnd('relay.rejected.router');
      const mine = records.filter(
        ({ headers, key: itsKey }) =>
          headers['origin-headers']?.includes(`poison-${id}`) === true || itsKey?.equals(key),
      );
      return mine.length >= values.length + 3 && mine;
    });
    expect(rejected).toHaveLength(values.length + 3);
    for (const value of [...values, Buffer.from('keyless')]) {
      expect(rejected.some((record) => record.value?.equals(value))).toBe(true);
    }
    for (const { headers } of rejected) {
      expect(headers).toMatchObject({
        'origin-topic': input.topic,
        'origin-offset': expect.stringMatching(/^\d+$/) as unknown,
      });
      expect(headers['reason']).toMatch(/./);
    }
    const reasons = rejected.map(({ headers }) => headers['reason']).join('\n');
    expect(reasons).toMatch(/has no key/);
    expect(reasons).toMatch(/no schema 2147483647/);
    expect(reasons).toMatch(/no json sale.order.updated body: customizable_pdf_form_fields holds no JSON/);
  });

  it('a body too large for the broker is put aside, and what follows is delivered', async () => {
    const [id, large, good] = [next(), next(), next()] as const;
    // Every < becomes four bytes in XML: the change fits the broker, its XML body does not.
    const after = orderRow(id, { name: '<'.repeat(400_000), state: 'sale' });
    await input.publish(orderChange(id, large, { after }), orderChange(id, good));
    const records = await deliveriesUntil(good, 'xml').then(() => deliveriesUntil(good));
    expect(deliveredTo(records, 'all')).toContain(`e1-${large}`);
    expect(deliveredTo(records, 'xml')).not.toContain(`e1-${large}`);
    const rejected = await kafka.readToEnd('relay.rejected.router');
    const reasons = rejected
      .filter(({ key }) => key?.equals(input.key(id)))
      .map(({ headers }) => headers['reason']);
    expect(reasons).toEqual([
      expect.stringMatching(/^no xml sale.order.confirmed body: it would have \d+ bytes/),
    ]);
  });

  it('a change of more than a rejected record may have is put aside by reference', async () => {
    const [id, huge, good] = [next(), next(), next()] as const;
    const after = orderRow(id, { name: 'x'.repeat(5_000_000) });
    await input.publish(orderChange(id, huge, { after }));
    await input.publish(orderChange(id, good));
    await deliveriesUntil(good);
    const rejected = await eventually(async () => {
      const records = await kafka.readToEnd('relay.rejected.router');
      return records.filter(({ headers }) => headers['reason']?.endsWith('left at its origin)')).at(-1);
    });
    expect(rejected).toMatchObject({ key: null, value: null, headers: { 'origin-topic': input.topic } });
    const [partition, offset] = [rejected.headers['origin-partition'], rejected.headers['origin-offset']];
    const origin = (await kafka.readToEnd(input.topic)).find(
      (record) => String(record.partition) === partition && String(record.offset) === offset,
    );
    expect(origin?.value?.length).toBeGreaterThan(5_000_000);
  });
});

describe('start and stop', () => {
  it('what was routed once is not routed again after an orderly stop, and what came meanwhile is', async () => {
    const before = await deliveries();
    expect(await router.stop()).toBe(0);
    const id = next();
    await input.publish(orderChange(id, id));
    router = await startApp('router', env);
    const records = await deliveriesUntil(id, 'xml').then(() => deliveriesUntil(id));
    const ids = records.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(records.length).toBe(before.length + 2);
    expect(await kafka.lag('relay-router')).toBe(0n);
  });

  it('probes say that it lives and is ready', async () => {
    expect((await fetch(`${router.url}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${router.url}/health/ready`)).json()).toEqual({ status: 'ready' });
  });

  it('Prometheus sees what it takes, makes, puts aside, and what is before it', async () => {
    const before = await Scrape.of(router.url);
    const id = next();
    await input.publishRaw({ key: Buffer.from('k'), value: Buffer.from('no change') });
    await input.publish(orderChange(id, id));
    await deliveriesUntil(id, 'xml').then(() => deliveriesUntil(id));
    await eventually(async () => {
      const scrape = await Scrape.of(router.url);
      const rise = (series: string): number => (scrape.value(series) ?? 0) - (before.value(series) ?? 0);
      const read = `{group="relay-router",topic="${input.topic}"}`;
      expect(rise(`relay_kafka_consumed_records_total${read}`)).toBe(2);
      expect(rise('relay_kafka_published_records_total{topic="relay.deliveries"}')).toBe(2);
      expect(rise('relay_router_rejected_records_total')).toBe(1);
      expect(scrape.value(`relay_kafka_consumer_lag_records${read}`)).toBe(0);
      expect(scrape.value('relay_router_subscriptions')).toBe(7);
      expect(scrape.value('relay_kafka_failures_total{part="publisher"}')).toBe(0);
      expect(scrape.undocumented()).toEqual([]);
      return true;
    });
  });

  it('while the subscriptions cannot be read it is not ready, routes nothing, and lives', async () => {
    const blind = await startApp(
      'router',
      { ...env, SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9' },
      { waitUntilReady: false },
    );
    await eventually(() => blind.output().includes('cannot look up a schema'));
    const ready = await fetch(`${blind.url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ reasons: { changes: 'the subscriptions are not read yet' } });
    expect((await fetch(`${blind.url}/health/live`)).status).toBe(200);
    const scrape = await Scrape.of(blind.url);
    expect(scrape.value('relay_kafka_failures_total{part="registry"}')).toBeGreaterThan(0);
    await blind.kill();
  });

  it.each([
    ['KAFKA_BROKERS', '', 78, /KAFKA_BROKERS is not set/],
    ['KAFKA_BROKERS', '127.0.0.1:9', 69, /no Kafka broker answers at 127.0.0.1:9/],
    ['SCHEMA_REGISTRY_URL', 'nowhere', 78, /SCHEMA_REGISTRY_URL is no URL/],
  ])(
    'with %s %j it ends with exit code %i and one clear sentence',
    async (name, value, exitCode, sentence) => {
      const wrong = startApp('router', { ...env, [name]: value });
      await expect(wrong).rejects.toThrow(`ended (${exitCode})`);
      const output = await wrong.then(String, String);
      expect(output).toMatch(sentence);
      expect(output).not.toMatch(/^\s+at /m);
    },
  );
});
