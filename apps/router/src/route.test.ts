import { describe, expect, it } from '@jest/globals';
import type { ReadChange } from '#libs/change';
import { readTask, type DeliveryTask } from '#libs/delivery-task';
import type { IncomingRecord, OutgoingRecord } from '#libs/kafka';
import { RelayError } from '#libs/process';
import type { Subscription } from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../../../test/harness/eventually.js';
import { eventOf, source } from '../../../libs/event/test/event-samples.js';
import { subscriptionOf } from '../test/subscription-samples.js';
import { Route } from './route.js';
import { SubscriptionIndex } from './subscription-index.js';

const nowMs = 1_800_000_000_000;
const both = [
  subscriptionOf({ id: 'json', eventTypes: ['sale.order.updated'] }),
  subscriptionOf({ id: 'xml', eventTypes: ['sale.order.updated'], format: 'xml' }),
];

type Read = (record: IncomingRecord) => ReadChange | Promise<ReadChange>;

interface Published {
  record: OutgoingRecord;
  resolve(): void;
  reject(error: Error): void;
}

interface Given {
  subscriptions?: ReturnType<typeof subscriptionOf>[];
  read?: Read;
  /** true: nothing is acknowledged by Kafka before the test does it. */
  held?: boolean;
}

/** A route between a reader and a publisher that the test holds in its hands. */
function routeOf({ subscriptions = both, read = readUpdate, held = false }: Given = {}) {
  const index = new SubscriptionIndex();
  subscriptions.forEach((subscription) => {
    index.setSubscription(subscription.id, subscription);
  });
  const published: Published[] = [];
  const failures: unknown[] = [];
  const told: string[] = [];
  const publish = (records: readonly OutgoingRecord[]): Promise<void> =>
    new Promise((resolve, reject) => {
      records.forEach((record) => published.push({ record, resolve, reject }));
      if (!held) {
        resolve();
      }
    });
  const fail = (error: unknown): void => void failures.push(error);
  const parts = {
    reader: { read },
    index,
    publisher: { publish },
    logger: silentLogger,
    now: () => nowMs,
    fail,
    notApplicable: (subscription: Subscription, reason: string) =>
      void told.push(`${subscription.id}: ${reason}`),
  };
  return { route: new Route({ ...parts, registryRetryMs: 1 }), published, failures, told };
}

function readUpdate({ offset }: IncomingRecord): ReadChange {
  const { change, columns } = eventOf({
    change: { source: { ...source, change_id: `e1-${String(offset)}`, sequence: offset } },
  });
  return { kind: 'change', change, columns, recordId: offset };
}

function recordsOf(count: number, partition = 0): IncomingRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    topic: 'odoo.acme.sale_order',
    partition,
    offset: BigInt(n),
    timestampMs: 0,
    key: Buffer.from('key'),
    value: Buffer.from('value'),
    headers: {},
    duplicateHeaders: [],
  }));
}

function batchOf(records: readonly IncomingRecord[]) {
  const acked: number[] = [];
  const released: number[] = [];
  const taken = new AbortController();
  const batch = {
    topic: 'odoo.acme.sale_order',
    partition: records[0]?.partition ?? 0,
    records,
    signal: taken.signal,
    ack: (offset: bigint) => void acked.push(Number(offset)),
    uncertain: () => undefined,
    release: (offset: bigint) => void released.push(Number(offset)),
  };
  return { batch, acked, released, taken };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

function taskOf(published: Published | undefined): DeliveryTask {
  const record = published?.record;
  const incoming = {
    ...recordsOf(1)[0],
    key: Buffer.from(String(record?.key)),
    value: record?.value,
    headers: record?.headers,
  };
  const read = readTask(incoming as IncomingRecord);
  if (read.kind !== 'task') {
    throw new Error(read.reason);
  }
  return read.task;
}

const summary = (published: readonly Published[]): string[] =>
  published.map(
    ({ record }) => `${record.topic} ${String(record.headers?.['change-id'] ?? record.headers?.['reason'])}`,
  );

describe('a change on its way', () => {
  it('becomes one delivery for each subscription, complete for the delivery app', async () => {
    const { route, published } = routeOf();
    const { batch, acked } = batchOf(recordsOf(1));
    route.onBatch(batch);
    await settled();
    expect(acked).toEqual([0]);
    expect(published.map(({ record }) => record.topic)).toEqual(['relay.deliveries', 'relay.deliveries']);
    const [json, xml] = published.map(taskOf);
    expect(json).toMatchObject({
      subscriptionId: 'json',
      changeId: 'e1-0',
      sequence: 0n,
      eventType: 'sale.order.updated',
      contentType: 'application/json',
      database: 'acme',
      record: 'sale.order,0',
      committedAtMs: Number(source.ts_ms),
      expiresAtMs: nowMs + 259_200_000,
      attempts: 0,
      dueAtMs: 0,
      lastOutcome: null,
      deferred: false,
      redrive: null,
    });
    expect(json?.webhookId).toMatch(/^msg_[\w-]{27}$/);
    expect(json?.body.toString()).toMatch(/^\{"type":"sale.order.updated"/);
    expect(xml).toMatchObject({ subscriptionId: 'xml', contentType: 'application/xml' });
    expect(xml?.webhookId).not.toBe(json?.webhookId);
    expect(xml?.body.toString()).toMatch(/^<\?xml /);
  });

  it('has the same webhook ids however often it is read', async () => {
    const first = routeOf();
    const second = routeOf();
    first.route.onBatch(batchOf(recordsOf(3)).batch);
    second.route.onBatch(batchOf(recordsOf(3)).batch);
    await settled();
    const ids = first.published.map((published) => taskOf(published).webhookId);
    expect(second.published.map((published) => taskOf(published).webhookId)).toEqual(ids);
    expect(new Set(ids).size).toBe(6);
  });

  it('is acknowledged only when all of its deliveries are', async () => {
    const { route, published } = routeOf({ held: true });
    const { batch, acked } = batchOf(recordsOf(2));
    route.onBatch(batch);
    await settled();
    published[0]?.resolve();
    published[2]?.resolve();
    published[3]?.resolve();
    await settled();
    expect(acked).toEqual([1]);
    published[1]?.resolve();
    await settled();
    expect(acked).toEqual([1, 0]);
  });

  it('is acknowledged at once when nobody wants it, and a tombstone makes no delivery', async () => {
    const { route, published } = routeOf({
      read: (record) => (record.offset === 0n ? { kind: 'tombstone', recordId: 1n } : readUpdate(record)),
      subscriptions: [],
    });
    const { batch, acked } = batchOf(recordsOf(2));
    route.onBatch(batch);
    await settled();
    expect(acked).toEqual([0, 1]);
    expect(published).toEqual([]);
  });

  it('shares one body among subscriptions of one format and event type', async () => {
    const { route, published } = routeOf({
      subscriptions: ['a', 'b'].map((id) => subscriptionOf({ id, eventTypes: ['sale.order.updated'] })),
    });
    route.onBatch(batchOf(recordsOf(1)).batch);
    await settled();
    expect(published).toHaveLength(2);
    expect(published[0]?.record.value).toBe(published[1]?.record.value);
  });
});

describe('order and bounds', () => {
  it('a record whose schema must be fetched keeps those behind it waiting, in its partition alone', async () => {
    let answer = (): void => undefined;
    const fetched = new Promise<void>((resolve) => (answer = resolve));
    const { route, published } = routeOf({
      subscriptions: both.slice(0, 1),
      read: (record) =>
        record.partition === 0 && record.offset === 1n
          ? fetched.then(() => readUpdate(record))
          : readUpdate(record),
    });
    route.onBatch(batchOf(recordsOf(2)).batch);
    route.onBatch(batchOf(recordsOf(2).map((record) => ({ ...record, offset: record.offset + 2n }))).batch);
    route.onBatch(batchOf(recordsOf(1, 1)).batch);
    await settled();
    expect(summary(published)).toEqual(['relay.deliveries e1-0', 'relay.deliveries e1-0']);
    answer();
    await settled();
    expect(summary(published).slice(2)).toEqual(
      ['e1-1', 'e1-2', 'e1-3'].map((id) => `relay.deliveries ${id}`),
    );
  });

  it('a registry that does not answer is asked again, and nothing is skipped', async () => {
    let failuresLeft = 3;
    const { route, published, failures } = routeOf({
      subscriptions: both.slice(0, 1),
      read: (record) => {
        failuresLeft--;
        const down = new RelayError('REGISTRY_UNAVAILABLE', 'the registry does not answer');
        return failuresLeft >= 0 ? Promise.reject(down) : readUpdate(record);
      },
    });
    const { batch, acked } = batchOf(recordsOf(2));
    route.onBatch(batch);
    await eventually(() => acked.length === 2);
    expect(acked).toEqual([0, 1]);
    expect(summary(published)).toEqual(['relay.deliveries e1-0', 'relay.deliveries e1-1']);
    expect(failures).toEqual([]);
  });

  it('when the partition is taken away, no more of it is published', async () => {
    let answer = (): void => undefined;
    const fetched = new Promise<void>((resolve) => (answer = resolve));
    const { route, published } = routeOf({
      read: (record) => (record.offset === 1n ? fetched.then(() => readUpdate(record)) : readUpdate(record)),
      subscriptions: both.slice(0, 1),
    });
    const { batch, acked, taken } = batchOf(recordsOf(3));
    route.onBatch(batch);
    await settled();
    taken.abort();
    answer();
    await settled();
    expect(summary(published)).toEqual(['relay.deliveries e1-0']);
    expect(acked).toEqual([0]);
  });

  it('while Kafka takes nothing, reading stops at a bound and goes on afterwards', async () => {
    const big = 'x'.repeat(500_000);
    const read: Read = (record) => {
      const given = readUpdate(record);
      return given.kind === 'change'
        ? { ...given, change: { ...given.change, after: { name: big } } }
        : given;
    };
    const { route, published } = routeOf({ held: true, subscriptions: both.slice(0, 1), read });
    const { batch, acked } = batchOf(recordsOf(100));
    route.onBatch(batch);
    await settled();
    expect(published.length).toBeGreaterThan(10);
    expect(published.length).toBeLessThan(40);
    for (let n = 0; n < 100; n++) {
      published[n]?.resolve();
      await settled();
    }
    expect(acked).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });
});

describe('what cannot be delivered', () => {
  const rejectedAndOthers = async (
    given: Given,
    records = recordsOf(3),
  ): Promise<{ all: string[]; acked: number[]; value: unknown }> => {
    const { route, published, failures } = routeOf({ subscriptions: both.slice(0, 1), ...given });
    const { batch, acked } = batchOf(records);
    route.onBatch(batch);
    await settled();
    expect(failures).toEqual([]);
    const rejected = published.find(({ record }) => record.topic === 'relay.rejected.router');
    return { all: summary(published), acked: acked.sort(), value: rejected?.record.value };
  };
  const around = (reason: string): string[] => [
    'relay.deliveries e1-0',
    `relay.rejected.router ${reason}`,
    'relay.deliveries e1-2',
  ];
  const poisonAt1 =
    (poison: Read): Read =>
    (record) =>
      record.offset === 1n ? poison(record) : readUpdate(record);

  it.each<[string, string, Read]>([
    ['is unreadable', 'not Avro', () => ({ kind: 'unreadable', reason: 'not Avro' })],
    [
      'makes the reader throw',
      'boom',
      () => {
        throw new RangeError('boom');
      },
    ],
    ['makes the reader reject', 'boom', () => Promise.reject(new Error('boom'))],
  ])('a record that %s is put aside with its reason and stops nothing', async (_, reason, poison) => {
    const { all, acked, value } = await rejectedAndOthers({ read: poisonAt1(poison) });
    expect(all).toEqual(around(reason));
    expect(acked).toEqual([0, 1, 2]);
    expect(value).toEqual(Buffer.from('value'));
  });

  it('a change that cannot be matched is put aside with its reason', async () => {
    const read = poisonAt1((record) => {
      const given = readUpdate(record);
      return given.kind === 'change' ? { ...given, change: { ...given.change, changed: 7 as never } } : given;
    });
    const { all, acked } = await rejectedAndOthers({ read });
    expect(all[1]).toMatch(/^relay.rejected.router it cannot be matched: /);
    expect(acked).toEqual([0, 1, 2]);
  });

  it('a body that cannot be written is put aside once with its reason, and the other format goes out', async () => {
    const read = poisonAt1((record) => {
      const given = readUpdate(record);
      return given.kind === 'change'
        ? { ...given, change: { ...given.change, after: { labels: '{"a":' } } }
        : given;
    });
    const again = subscriptionOf({ id: 'json2', eventTypes: ['sale.order.updated'] });
    const { all } = await rejectedAndOthers({ read, subscriptions: [...both, again] });
    expect(all.filter((line) => line.includes('e1-1'))).toHaveLength(1);
    expect(all.filter((line) => line.includes('rejected'))).toEqual([
      'relay.rejected.router no json sale.order.updated body: labels holds no JSON',
    ]);
  });

  it('a body that Kafka would refuse is put aside with its reason', async () => {
    const read = poisonAt1((record) => {
      const given = readUpdate(record);
      const after = { name: 'x'.repeat(1_000_000) };
      return given.kind === 'change' ? { ...given, change: { ...given.change, after } } : given;
    });
    const { all, acked } = await rejectedAndOthers({ read });
    expect(all[1]).toMatch(
      /^relay.rejected.router no json sale.order.updated body: it would have \d+ bytes, more than 1000000/,
    );
    expect(acked).toEqual([0, 1, 2]);
  });

  it('what Kafka refuses as too large is put aside with its bytes, or where these are too large, by reference', async () => {
    const { route, published, failures } = routeOf({ held: true, subscriptions: both.slice(0, 1) });
    const { batch, acked } = batchOf(recordsOf(1));
    route.onBatch(batch);
    const cause = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
    const tooLarge = new RelayError('PUBLISH_FAILED', 'a record was not written', { cause });
    await settled();
    published[0]?.reject(tooLarge);
    await settled();
    published[1]?.reject(tooLarge);
    await settled();
    expect(acked).toEqual([]);
    published[2]?.resolve();
    await settled();
    const reason = 'no delivery for subscription json: a record was not written';
    expect(
      published.slice(1).map(({ record }) => [record.topic, record.value, record.headers?.['reason']]),
    ).toEqual([
      ['relay.rejected.router', Buffer.from('value'), reason],
      ['relay.rejected.router', null, `${reason} (its bytes are left at its origin)`],
    ]);
    expect([acked, failures]).toEqual([[0], []]);
  });

  it('any other fault of publishing ends the process, and the change is not acknowledged', async () => {
    const { route, published, failures } = routeOf({ held: true, subscriptions: both.slice(0, 1) });
    const { batch, acked, released } = batchOf(recordsOf(1));
    route.onBatch(batch);
    await settled();
    const fault = new RelayError('PUBLISH_FAILED', 'not allowed');
    published[0]?.reject(fault);
    await settled();
    expect(failures).toEqual([fault]);
    expect([acked, released]).toEqual([[], [0]]);
  });
});
