import { describe, expect, it } from '@jest/globals';
import { partitionOfKey, type IncomingRecord, type OffsetQuestion, type Offsets } from '#libs/kafka';
import { letterFilter, rangesOf, reasonOf, type Selection } from './selection.js';

const letter: IncomingRecord = {
  topic: 'relay.deliveries.dead',
  partition: 0,
  offset: 7n,
  timestampMs: 1_000,
  key: Buffer.from('sub_1'),
  value: Buffer.from('{}'),
  headers: { 'subscription-id': 'sub_1', database: 'acme', reason: 'expired', 'webhook-id': 'msg_1' },
  duplicateHeaders: [],
};

const isSelected = (selection: Selection, changes: Partial<IncomingRecord> = {}): boolean =>
  letterFilter(selection)({ ...letter, ...changes });

describe('a letter is one of the selection', () => {
  it.each<[string, Selection, boolean]>([
    ['of its subscription', { subscriptionId: 'sub_1' }, true],
    ['of another', { subscriptionId: 'sub_2' }, false],
    ['of its database', { database: 'acme' }, true],
    ['of another database', { database: 'globex' }, false],
    ['of its reason', { reason: 'expired' }, true],
    ['of another reason', { reason: 'gone' }, false],
    ['from the moment of its death', { fromMs: 1_000 }, true],
    ['from later', { fromMs: 1_001 }, false],
    ['before the moment of its death', { toMs: 1_000 }, false],
    ['before a later one', { toMs: 1_001 }, true],
    ['by its id', { webhookIds: ['msg_0', 'msg_1'] }, true],
    ['by other ids', { webhookIds: ['msg_0'] }, false],
    ['of which only one part fits', { database: 'acme', reason: 'gone' }, false],
  ])('%s', (_, selection, expected) => {
    expect(isSelected(selection)).toBe(expected);
  });

  it('where what cannot be read does not speak against it', () => {
    const unreadable = { headers: {} };
    expect(isSelected({ database: 'acme', reason: 'gone' }, unreadable)).toBe(true);
    expect(isSelected({ subscriptionId: 'sub_1' }, unreadable)).toBe(true);
    expect(isSelected({ subscriptionId: 'sub_1' }, { headers: {}, key: null })).toBe(false);
    expect(isSelected({ database: 'acme', webhookIds: ['msg_1'] }, unreadable)).toBe(false);
    expect(isSelected({ database: 'acme' }, { timestampMs: -1 })).toBe(true);
  });

  it('with a reason that is ours, or none', () => {
    expect(reasonOf(letter)).toBe('expired');
    expect(reasonOf({ ...letter, headers: { reason: '__proto__' } })).toBe('unknown');
    expect(reasonOf({ ...letter, headers: {} })).toBe('unknown');
  });
});

/** A topic of four partitions, with 10 letters of 1,000 ms each. */
class FakeTopic {
  readonly asked: OffsetQuestion[] = [];

  offsets(_: string, of: OffsetQuestion): Promise<Offsets> {
    this.asked.push(of);
    const offset = (): bigint => {
      if (typeof of === 'string') return of === 'start' ? 0n : 10n;
      return BigInt(Math.min(10, Math.ceil(of.fromTimestampMs / 1_000)));
    };
    return Promise.resolve(new Map([0, 1, 2, 3].map((partition) => [partition, offset()])));
  }
}

describe('the ranges of a selection', () => {
  it('are all partitions up to their ends', async () => {
    expect(await rangesOf(new FakeTopic(), { database: 'acme' })).toEqual(
      [0, 1, 2, 3].map((partition) => ({ partition, next: '0', end: '10' })),
    );
  });

  it('are of a subscription its one partition', async () => {
    const ranges = await rangesOf(new FakeTopic(), { subscriptionId: 'sub_1' });
    expect(ranges).toEqual([{ partition: partitionOfKey('sub_1', 4), next: '0', end: '10' }]);
  });

  it('begin at a time, and end some time after the other, because letters stand in rough order', async () => {
    const topic = new FakeTopic();
    const ranges = await rangesOf(topic, { database: 'acme', fromMs: 4_000, toMs: 5_000 });
    expect(ranges[0]).toEqual({ partition: 0, next: '4', end: '10' });
    expect(topic.asked).toEqual(['end', { fromTimestampMs: 4_000 }, { fromTimestampMs: 605_000 }]);
  });

  it('are none where nothing is so young', async () => {
    expect(await rangesOf(new FakeTopic(), { database: 'acme', fromMs: 99_000 })).toEqual([]);
  });

  it('never ask for a time before 1970, which Kafka takes for something else', async () => {
    const topic = new FakeTopic();
    await rangesOf(topic, { database: 'acme', fromMs: -1, toMs: -700_000 });
    expect(topic.asked).toEqual(['end', { fromTimestampMs: 0 }, { fromTimestampMs: 0 }]);
  });
});
