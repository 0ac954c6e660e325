import { describe, expect, it } from '@jest/globals';
import { RelayError } from '#libs/process';
import {
  batchOf,
  both,
  readUpdate,
  recordsOf,
  routeOf,
  settled,
  summary,
  type Given,
  type Read,
} from '../test/route-under-test.js';
import { subscriptionOf } from '../test/subscription-samples.js';

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

  it('a change that some subscriptions cannot be asked about is put aside once, and these are told of', async () => {
    const poison = ['p1', 'p2'].map((id) =>
      subscriptionOf({ id, eventTypes: ['sale.order.updated'], filter: '[["colour", "=", "red"]]' }),
    );
    const { route, published, told } = routeOf({ subscriptions: [...both, ...poison] });
    const { batch, acked } = batchOf(recordsOf(1));
    route.onBatch(batch);
    await settled();
    expect(summary(published).sort()).toEqual([
      'relay.deliveries e1-0',
      'relay.deliveries e1-0',
      'relay.rejected.router no delivery for subscription p1 and 1 others: [0][0]: sale.order has no captured field colour',
    ]);
    expect(told).toEqual(['p1', 'p2'].map((id) => `${id}: [0][0]: sale.order has no captured field colour`));
    expect(acked).toEqual([0]);
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
