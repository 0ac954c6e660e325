import { describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import type { RecordSource } from '#libs/kafka';
import { DeferredRecords } from './deferred-records.js';
import { Delivery } from './delivery.js';

const partition = new AbortController();

function delivery(
  sequence: number,
  record = 'sale.order,1',
  subscriptionId = 's',
  signal = partition.signal,
  redrive: string | null = null,
): Delivery {
  const webhookId = `${subscriptionId}${record}${sequence}`;
  const task = { webhookId, sequence: BigInt(sequence), record, subscriptionId, redrive } as DeliveryTask;
  return new Delivery(task, 0n, { signal } as RecordSource, {
    run: () => Promise.resolve(),
    putOff: () => undefined,
  });
}

describe('deliveries of a record of which one was put off', () => {
  it('wait behind it until it had its turn', () => {
    const deferred = new DeferredRecords();
    deferred.add(delivery(2), 1_000, 0);
    expect(deferred.turn(delivery(3), 0)).toBe(1_000);
    expect(deferred.turn(delivery(3), 950)).toBe(1_950);
    expect(deferred.turn(delivery(2), 1_000)).toBeUndefined();
    expect(deferred.turn(delivery(3), 1_000)).toBeUndefined();
    expect(deferred.size).toBe(0);
  });

  it('fault 50: wait no longer than it was put off for, where the clock was set back meanwhile', () => {
    const deferred = new DeferredRecords();
    deferred.add(delivery(2), 3_602_000, 3_600_000);
    expect(deferred.turn(delivery(3), 500)).toBe(2_500);
  });

  it('wait for the last of several, and each only for earlier ones', () => {
    const deferred = new DeferredRecords();
    deferred.add(delivery(2), 1_000, 0);
    deferred.add(delivery(3), 2_000, 0);
    expect(deferred.turn(delivery(4), 0)).toBe(2_000);
    expect(deferred.turn(delivery(3), 0)).toBe(1_000);
    deferred.add(delivery(3), 3_000, 0);
    deferred.add(delivery(3), 4_000, 0);
    expect(deferred.turn(delivery(2), 0)).toBeUndefined();
    expect(deferred.turn(delivery(4), 0)).toBe(4_000);
    expect(deferred.turn(delivery(3), 0)).toBeUndefined();
    expect(deferred.size).toBe(0);
  });

  it('wait longer the more are before them, up to a bound', () => {
    const deferred = new DeferredRecords();
    for (let index = 1; index <= 10; index++) deferred.add(delivery(index), 100, 0);
    expect(deferred.turn(delivery(11), 100)).toBe(10_100);
    for (let index = 1; index <= 10_000; index++) deferred.add(delivery(index), 100, 0);
    expect(deferred.turn(delivery(10_001), 100)).toBe(300_100);
    expect(deferred.isBehind(delivery(2), 100)).toBe(true);
    expect(deferred.isBehind(delivery(1), 100)).toBe(false);
  });

  it('that are sent once more hold up no live ones', () => {
    const deferred = new DeferredRecords();
    deferred.add(delivery(2, 'sale.order,1', 's', partition.signal, 'redrive-1'), 1_000, 0);
    expect(deferred.turn(delivery(3), 0)).toBeUndefined();
    expect(deferred.isBehind(delivery(3, 'sale.order,1', 's', partition.signal, 'redrive-1'), 0)).toBe(true);
  });

  it('do not hold up other records or subscriptions', () => {
    const deferred = new DeferredRecords();
    deferred.add(delivery(2), 1_000, 0);
    expect(deferred.turn(delivery(3, 'sale.order,2'), 0)).toBeUndefined();
    expect(deferred.turn(delivery(3, 'sale.order,1', 't'), 0)).toBeUndefined();
  });

  it('do not wait for one that went elsewhere or is long overdue', () => {
    const deferred = new DeferredRecords();
    const taken = new AbortController();
    deferred.add(delivery(1, 'sale.order,1', 's', taken.signal), 1_000, 0);
    deferred.add(delivery(2), 1_000, 0);
    taken.abort();
    expect(deferred.turn(delivery(2), 0)).toBeUndefined();
    deferred.add(delivery(2), 1_000, 0);
    expect(deferred.turn(delivery(3), 3_600_900)).toBe(3_601_900);
    expect(deferred.turn(delivery(3), 3_601_001)).toBeUndefined();
    expect(deferred.size).toBe(0);
  });

  it('are remembered up to a bound', () => {
    const deferred = new DeferredRecords();
    for (let index = 0; index < 60_000; index++) deferred.add(delivery(1, `r,${index}`), 1_000, 0);
    expect(deferred.size).toBe(50_000);
  });
});
