import { describe, expect, it } from '@jest/globals';
import { RelayError } from '#libs/process';
import { eventually } from '../../../test/harness/eventually.js';
import { source } from '../../../libs/event/test/event-samples.js';
import {
  batchOf,
  both,
  nowMs,
  readUpdate,
  recordsOf,
  routeOf,
  settled,
  summary,
  taskOf,
  type Read,
} from '../test/route-under-test.js';
import { subscriptionOf } from '../test/subscription-samples.js';

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
      cloudEvent: false,
      traceparent: null,
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
