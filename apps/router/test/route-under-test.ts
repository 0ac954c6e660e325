import type { ReadChange } from '#libs/change';
import { readTask, type DeliveryTask } from '#libs/delivery-task';
import type { IncomingRecord, OutgoingRecord } from '#libs/kafka';
import type { Subscription } from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { eventOf, source } from '../../../libs/event/test/event-samples.js';
import { Route } from '../src/route.js';
import { SubscriptionIndex } from '../src/subscription-index.js';
import { subscriptionOf } from './subscription-samples.js';

export const nowMs = 1_800_000_000_000;
export const both = [
  subscriptionOf({ id: 'json', eventTypes: ['sale.order.updated'] }),
  subscriptionOf({ id: 'xml', eventTypes: ['sale.order.updated'], format: 'xml' }),
];

export type Read = (record: IncomingRecord) => ReadChange | Promise<ReadChange>;

interface Published {
  record: OutgoingRecord;
  resolve(): void;
  reject(error: Error): void;
}

export interface Given {
  subscriptions?: ReturnType<typeof subscriptionOf>[];
  read?: Read;
  /** true: nothing is acknowledged by Kafka before the test does it. */
  held?: boolean;
}

/** A route between a reader and a publisher that the test holds in its hands. */
export function routeOf({ subscriptions = both, read = readUpdate, held = false }: Given = {}) {
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

export function readUpdate({ offset }: IncomingRecord): ReadChange {
  const { change, columns } = eventOf({
    change: { source: { ...source, change_id: `e1-${String(offset)}`, sequence: offset } },
  });
  return { kind: 'change', change, columns, recordId: offset };
}

export function recordsOf(count: number, partition = 0): IncomingRecord[] {
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

export function batchOf(records: readonly IncomingRecord[]) {
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

export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

export function taskOf(published: Published | undefined): DeliveryTask {
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

export const summary = (published: readonly Published[]): string[] =>
  published.map(
    ({ record }) => `${record.topic} ${String(record.headers?.['change-id'] ?? record.headers?.['reason'])}`,
  );
