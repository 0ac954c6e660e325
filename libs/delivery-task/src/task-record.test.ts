import { describe, expect, it } from '@jest/globals';
import type { IncomingRecord, OutgoingRecord } from '#libs/kafka';
import type { DeliveryTask } from './delivery-task.js';
import { rejectedRecord } from './rejected-record.js';
import { readTask, writeTask } from './task-record.js';
import { deliveryTopicSpecs } from './topic-specs.js';
import { deliveryTopics, retryTiers } from './topics.js';

const task: DeliveryTask = {
  webhookId: 'msg_abc',
  subscriptionId: 'sub-1',
  changeId: 'e1-42',
  sequence: 9007199254740993n,
  eventType: 'product.created',
  contentType: 'application/json',
  database: 'acme',
  record: 'product.product,7',
  committedAtMs: 1_700_000_000_123,
  expiresAtMs: 1_700_259_200_123,
  attempts: 2,
  dueAtMs: 1_700_000_005_000,
  lastOutcome: 'failed',
  deferred: 'down',
  redrive: 'rdr-1',
  cloudEvent: true,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  body: Buffer.from('{"a":"ü"}'),
};

function received(written: OutgoingRecord, overrides: Partial<IncomingRecord> = {}): IncomingRecord {
  const bytes = (given: Buffer | string | null): Buffer | null =>
    given === null ? null : Buffer.from(given);
  return {
    topic: written.topic,
    partition: 3,
    offset: 11n,
    timestampMs: 5,
    key: bytes(written.key),
    value: bytes(written.value),
    headers: written.headers ?? {},
    duplicateHeaders: [],
    ...overrides,
  };
}

function reasonOf(record: IncomingRecord): string | undefined {
  const read = readTask(record);
  return read.kind === 'unreadable' ? read.reason : undefined;
}

describe('delivery records', () => {
  const written = writeTask(task, deliveryTopics.first);

  it('come back as they were written', () => {
    expect(readTask(received(written))).toEqual({ kind: 'task', task });
    const first: DeliveryTask = {
      ...task,
      attempts: 0,
      dueAtMs: 0,
      lastOutcome: null,
      deferred: false,
      redrive: null,
      cloudEvent: false,
      traceparent: null,
    };
    expect(readTask(received(writeTask(first, deliveryTopics.first)))).toEqual({ kind: 'task', task: first });
  });

  it('have a body of their own, so that one that waits keeps no megabytes in memory that were fetched with it', () => {
    const fetched = Buffer.concat([task.body, Buffer.alloc(1_000_000)]);
    const read = readTask(received(written, { value: fetched.subarray(0, task.body.length) }));
    expect(read).toEqual({ kind: 'task', task });
    expect(read.kind === 'task' && read.task.body.buffer.byteLength).toBeLessThan(20_000);
  });

  it('may leave out what only a retry carries', () => {
    const { attempt, 'due-at': dueAt, 'last-outcome': lastOutcome, ...headers } = written.headers ?? {};
    expect([attempt, dueAt, lastOutcome]).toEqual(['2', '1700000005000', 'failed']);
    const read = readTask(received(written, { headers }));
    expect(read).toMatchObject({ kind: 'task', task: { attempts: 0, dueAtMs: 0, lastOutcome: null } });
  });

  it('hold whole milliseconds, also where a clock gave a fraction', () => {
    const fraction = { ...task, dueAtMs: 1_700_000_005_000.2, expiresAtMs: 9.5, committedAtMs: 8.5 };
    expect(readTask(received(writeTask(fraction, deliveryTopics.first)))).toMatchObject({
      task: { dueAtMs: 1_700_000_005_001, expiresAtMs: 10, committedAtMs: 8 },
    });
  });

  it('go on without a trace where what stands for it is not valid', () => {
    for (const traceparent of ['', '00-1-2-01', 'x'.repeat(5000), '00-ä'])
      expect(readTask(received(written, { headers: { ...written.headers, traceparent } }))).toEqual({
        kind: 'task',
        task: { ...task, traceparent: null },
      });
  });

  it('of a shard are read like others', () => {
    expect(readTask(received(written, { key: Buffer.from('sub-1:3') })).kind).toBe('task');
  });

  it.each([
    'webhook-id',
    'subscription-id',
    'change-id',
    'sequence',
    'event-type',
    'content-type',
    'database',
    'record',
    'committed-at',
    'expires-at',
  ])('without header %s are unreadable and the reason names it', (name) => {
    const headers = Object.fromEntries(Object.entries(written.headers ?? {}).filter(([key]) => key !== name));
    expect(reasonOf(received(written, { headers }))).toBe(`header ${name} is missing`);
  });

  it.each([
    ['sequence', '1.5'],
    ['sequence', '99999999999999999999'],
    ['expires-at', '-1'],
    ['attempt', 'NaN'],
    ['due-at', '0x10'],
    ['content-type', 'text/plain\r\nx-evil: 1'],
    ['event-type', ''],
    ['record', 'x'.repeat(1_000_000)],
  ])('with a bad header %s are unreadable and the reason names it', (name, value) => {
    const headers = { ...written.headers, [name]: value };
    expect(reasonOf(received(written, { headers }))).toBe(`header ${name} is not valid`);
  });

  it('fault 29: with a header that stands twice, a foreign key or no body are unreadable', () => {
    expect(reasonOf(received(written, { duplicateHeaders: ['due-at'] }))).toContain('due-at');
    expect(reasonOf(received(written, { key: Buffer.from('sub-10') }))).toContain('key');
    expect(reasonOf(received(written, { key: null }))).toContain('key');
    expect(reasonOf(received(written, { value: null }))).toContain('body');
  });
});

describe('rejected records', () => {
  it('hold the bytes as they came, where they stood and why', () => {
    const bytes = Buffer.from([0, 255, 3]);
    const incoming = received(writeTask(task, deliveryTopics.first), { value: bytes, headers: { odd: 'x' } });
    const rejected = rejectedRecord('delivery', incoming, 'header webhook-id is missing');
    expect(rejected).toMatchObject({
      topic: 'relay.rejected.delivery',
      value: bytes,
      headers: {
        'origin-topic': 'relay.deliveries',
        'origin-partition': '3',
        'origin-offset': '11',
        'origin-headers': '{"odd":"x"}',
        reason: 'header webhook-id is missing',
      },
    });
  });

  it('fault 29: leave out headers that would make them larger than a record may be', () => {
    const incoming = received(writeTask(task, deliveryTopics.first), {
      headers: { big: 'x'.repeat(1_000_000) },
    });
    expect(rejectedRecord('delivery', incoming, 'r').headers).not.toHaveProperty('origin-headers');
  });
});

describe('topics of deliveries', () => {
  const specOf = (topic: string) => deliveryTopicSpecs.find((spec) => spec.topic === topic);

  it('have the same number of partitions, so that one instance has all of a subscription', () => {
    const keyed = [
      deliveryTopics.first,
      deliveryTopics.attempts,
      deliveryTopics.dead,
      ...retryTiers.map((t) => t.topic),
    ];
    expect(keyed.map((topic) => specOf(topic)?.partitions)).toEqual(keyed.map(() => 12));
  });

  it('take after a retry what they took before it', () => {
    const sizeOf = (topic: string): number => Number(specOf(topic)?.config?.['max.message.bytes']);
    for (const tier of retryTiers) {
      expect(sizeOf(tier.topic)).toBeGreaterThan(sizeOf(deliveryTopics.first));
    }
    expect(sizeOf(deliveryTopics.dead)).toBeGreaterThan(sizeOf(deliveryTopics.first));
  });
});
