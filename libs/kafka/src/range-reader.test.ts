import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import { Kafka, partitionOfKey, type OffsetRange, type RangePage } from './index.js';

const stack = testStack();
const { brokers, topicPrefix } = stack;
const kafka = new Kafka({ brokers, clientId: 'test', topicPrefix, logger: silentLogger });
const partitions = 3;
const count = 3_000;
let beforeSecondHalfMs: number;
const partition = partitionOfKey('the key', partitions);

beforeAll(async () => {
  await kafka.ensureTopics([{ topic: 'letters', partitions }]);
  const publisher = await kafka.publisher();
  const records = Array.from({ length: count }, (_, index) => ({
    topic: 'letters',
    key: 'the key',
    value: `${index} ${'x'.repeat(1_000)}`,
  }));
  await publisher.publish(records.slice(0, count / 2));
  // Times have the resolution of a millisecond.
  await new Promise((resolve) => setTimeout(resolve, 10));
  beforeSecondHalfMs = Date.now();
  await publisher.publish(records.slice(count / 2));
});

afterAll(() => kafka.close());

async function pagesOf(range: OffsetRange): Promise<RangePage[]> {
  const pages: RangePage[] = [];
  for await (const page of kafka.readRange('letters', range)) {
    pages.push(page);
  }
  return pages;
}

const numbersOf = (pages: readonly RangePage[]): number[] =>
  pages.flatMap(({ records }) => records.map(({ value }) => parseInt(String(value), 10)));
const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('a range of a partition', () => {
  it('is handed over page by page, in order, each with where to go on', async () => {
    const pages = await pagesOf({ partition, from: 0n, to: BigInt(count) });
    expect(pages.length).toBeGreaterThan(1);
    expect(numbersOf(pages)).toEqual(upTo(0, count));
    for (const { records, next } of pages) {
      expect(next).toBe((records.at(-1)?.offset ?? 0n) + 1n);
    }
  });

  it('begins and ends where it is told to, also in the middle of what a producer has sent at once', async () => {
    const pages = await pagesOf({ partition, from: 100n, to: 117n });
    expect(numbersOf(pages)).toEqual(upTo(100, 117));
    expect(pages.at(-1)?.next).toBe(117n);
  });

  it('that is empty, elsewhere or beyond the end brings nothing', async () => {
    expect(await pagesOf({ partition, from: 5n, to: 5n })).toEqual([]);
    expect(await pagesOf({ partition: (partition + 1) % partitions, from: 0n, to: 10n })).toEqual([]);
    expect(await pagesOf({ partition: 99, from: 0n, to: 10n })).toEqual([]);
    expect(await pagesOf({ partition, from: BigInt(count), to: BigInt(count + 10) })).toEqual([]);
  });

  it('ends with the topic where that is shorter', async () => {
    const pages = await pagesOf({ partition, from: BigInt(count - 2), to: BigInt(count + 10) });
    expect(numbersOf(pages)).toEqual(upTo(count - 2, count));
  });

  it('can be given up at any page', async () => {
    for await (const { records } of kafka.readRange('letters', { partition, from: 0n, to: BigInt(count) })) {
      expect(records[0]?.offset).toBe(0n);
      break;
    }
  });

  it('of a topic that does not answer is told as an outage', async () => {
    const nowhere = new Kafka({ brokers: ['127.0.0.1:1'], clientId: 'test', logger: silentLogger });
    await expect(nowhere.readRange('x', { partition: 0, from: 0n, to: 1n }).next()).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
    });
    await expect(nowhere.offsets('x', 'end')).rejects.toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
    await nowhere.close();
  });
});

describe('the offsets of a topic', () => {
  it('are its start and its end, by partition', async () => {
    expect((await kafka.offsets('letters', 'start')).size).toBe(partitions);
    expect((await kafka.offsets('letters', 'start')).get(partition)).toBe(0n);
    expect((await kafka.offsets('letters', 'end')).get(partition)).toBe(BigInt(count));
  });

  it('of a time are those of the first record that is as young, or the end', async () => {
    const at = await kafka.offsets('letters', { fromTimestampMs: beforeSecondHalfMs });
    expect(at.get(partition)).toBe(BigInt(count / 2));
    expect(at.get((partition + 1) % partitions)).toBe(0n);
    const later = await kafka.offsets('letters', { fromTimestampMs: Date.now() + 60_000 });
    expect(later.get(partition)).toBe(BigInt(count));
    expect((await kafka.offsets('letters', { fromTimestampMs: 0 })).get(partition)).toBe(0n);
  });
});

describe('one record', () => {
  it('is found by its place', async () => {
    const record = await kafka.recordAt('letters', partition, 1_234n);
    expect([record?.offset, String(record?.value).slice(0, 5)]).toEqual([1_234n, '1234 ']);
  });

  it.each([
    ['letters', partition, BigInt(count)],
    ['letters', 99, 0n],
    ['no-such-topic', 0, 0n],
  ])('that is not there is none: %s/%s/%s', async (topic, inPartition, offset) => {
    expect(await kafka.recordAt(topic, inPartition, offset)).toBeUndefined();
  });
});

describe('the tail of a topic', () => {
  it('is what the last offsets of the partitions hold that were asked for', async () => {
    const tail = await kafka.readTail('letters', [partition], 10);
    expect(tail.map(({ value }) => parseInt(String(value), 10))).toEqual(upTo(count - 10, count));
    expect(await kafka.readTail('letters', [(partition + 1) % partitions], 10)).toEqual([]);
  });

  it('is all of a short one', async () => {
    expect(await kafka.readTail('letters', [partition], 1_000_000)).toHaveLength(count);
  });
});
