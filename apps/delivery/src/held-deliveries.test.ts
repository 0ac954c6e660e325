import { describe, expect, it } from '@jest/globals';
import type { DeliveryTask } from '#libs/delivery-task';
import type { RecordSource } from '#libs/kafka';
import { Delivery } from './delivery.js';
import { HeldDeliveries } from './held-deliveries.js';

function delivery(webhookId: string, subscriptionId: string, isDeferred: boolean): Delivery {
  const deferred = isDeferred && 'late';
  const task = { webhookId, subscriptionId, deferred, record: webhookId } as DeliveryTask;
  const { signal } = new AbortController();
  return new Delivery(task, 0n, { signal } as RecordSource, {
    run: () => Promise.resolve(),
    putOff: () => undefined,
  });
}
const anyone = (): boolean => true;
const inAnHour = (): number => Date.now() + 3_600_000;

function holding(...deliveries: readonly Delivery[]): { held: HeldDeliveries; out: string[] } {
  const out: string[] = [];
  const held = new HeldDeliveries(({ task }) => out.push(task.webhookId));
  for (const each of deliveries) held.hold(each, inAnHour());
  return { held, out };
}

describe('deliveries that are held', () => {
  it('come before their time where they were put off, in their order and only their subscription’s', () => {
    const { held, out } = holding(
      delivery('a', 's', true),
      delivery('of another', 't', true),
      delivery('b', 's', true),
    );
    for (let count = 0; count < 3; count++) held.releaseNext('s', anyone);
    expect(out).toEqual(['a', 'b']);
    expect(held.size).toBe(1);
    held.take(anyone);
  });

  it('keep their time where it is that of a retry', () => {
    const { held, out } = holding(delivery('retry', 's', false));
    held.releaseNext('s', anyone);
    expect(out).toEqual([]);
    held.take(anyone);
  });

  it('wait on where something speaks against one, and another goes instead', () => {
    const { held, out } = holding(delivery('a', 's', true), delivery('b', 's', true));
    held.releaseNext('s', ({ task }) => task.webhookId !== 'a');
    expect(out).toEqual(['b']);
    expect(held.take(anyone).map(({ task }) => task.webhookId)).toEqual(['a']);
  });

  it('are released once, be it early or when they are due', async () => {
    const out: string[] = [];
    const held = new HeldDeliveries(({ task }) => out.push(task.webhookId));
    held.hold(delivery('a', 's', true), Date.now() + 20);
    held.hold(delivery('b', 's', true), Date.now() + 20);
    held.releaseNext('s', anyone);
    while (out.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    held.releaseNext('s', anyone);
    expect(out).toEqual(['a', 'b']);
    expect(held.size).toBe(0);
  });
});
