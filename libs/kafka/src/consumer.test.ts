import { describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { eventually } from '../../../test/harness/eventually.js';
import { committed, freshTopic, Reader, upTo, via, write } from '../test/reader.js';

describe('committing', () => {
  it('fault 44: passes no record that is not finished (G5), and repeats none that is finished behind it', async () => {
    const topic = await freshTopic(1);
    await write(topic, 0, 10);
    const reader = new Reader();
    reader.acknowledge = (value) => value !== 3;
    await reader.start(via.kafka, { groupId: 'prefix', topics: [topic] });
    await eventually(() => reader.got.length === 10);
    await eventually(async () => (await committed('prefix', topic, 0)) === '3');
    await reader.consumer?.stop();
    expect(await committed('prefix', topic, 0)).toBe('3');

    const next = await new Reader().start(via.kafka, { groupId: 'prefix', topics: [topic] });
    await eventually(async () => (await via.kafka.lag('prefix', [topic])) === 0n);
    expect(next.valuesOf(topic, 0)).toEqual([3]);
  });

  it('reaches the end of a topic that ends with the mark of a transaction', async () => {
    const topic = await freshTopic(1);
    const transactor = await via.kafka.transactor({ transactionalId: 'marks' });
    await transactor.transact([{ topic, key: 'k', value: '0' }]);
    const reader = await new Reader().start(via.kafka, { groupId: 'marks', topics: [topic] });
    await eventually(async () => (await via.kafka.lag('marks', [topic])) === 0n);
    await transactor.transact([{ topic, key: 'k', value: '1' }]);
    await eventually(() => reader.got.length === 2);
    await eventually(async () => (await via.kafka.lag('marks', [topic])) === 0n);
    expect(await committed('marks', topic, 0)).toBe('4');
    // Nothing but an aborted record and its mark.
    const small = await freshTopic(1, { 'max.message.bytes': '1000' });
    const large = { topic: small, key: 'k', value: 'x'.repeat(2_000) };
    await transactor.transact([{ topic, key: 'k', value: '2' }, large]).catch(() => undefined);
    await eventually(async () => (await committed('marks', topic, 0)) === '6');
    expect(reader.valuesOf(topic, 0)).toEqual([0, 1]);
    await transactor.close();
  });

  it('fault 45: never goes back when records of a lost partition are acknowledged late (G6, G7)', async () => {
    const topic = await freshTopic(2);
    await write(topic, 0, 5);
    await write(topic, 1, 5);
    const first = new Reader();
    first.acknowledge = () => false;
    await first.start(via.kafka, { groupId: 'late', topics: [topic] });
    await eventually(() => first.got.length === 10);
    const second = await new Reader().start(via.kafka, { groupId: 'late', topics: [topic] });
    await eventually(() => second.got.length === 5 && first.lost.length === 1);
    await eventually(async () => (await via.kafka.lag('late', [topic])) === 5n);

    for (const batch of first.batches) {
      batch.ack(0n);
    }
    await eventually(async () => (await via.kafka.lag('late', [topic])) === 4n);
    const moved = first.lost[0] ?? '';
    expect(await committed('late', topic, Number(moved.at(-1)))).toBe('5');
  });

  it('fault 43: begins anew where the others are when it was thought dead (G7)', async () => {
    const topic = await freshTopic(2);
    await write(topic, 0, 5);
    await write(topic, 1, 5);
    const options = { groupId: 'zombie', topics: [topic], sessionTimeoutMs: 6_000 };
    const first = new Reader();
    first.acknowledge = () => false;
    await first.start(via.behind, options);
    await eventually(() => first.got.length === 10);
    via.proxy.freeze();
    const second = await new Reader().start(via.kafka, options);
    await eventually(() => second.got.length === 10);
    await write(topic, 0, 5, 5);
    await write(topic, 1, 5, 5);
    await eventually(async () => (await via.kafka.lag('zombie', [topic])) === 0n);
    via.proxy.restore();
    await eventually(() => first.lost.length === 2);
    first.ackAll();
    first.acknowledge = () => true;
    // One of the partitions comes back to it.
    await eventually(() => second.lost.length === 1);
    await write(topic, 0, 1, 10);
    await write(topic, 1, 1, 10);
    await eventually(async () => (await via.kafka.lag('zombie', [topic])) === 0n);
    const back = Number(second.lost[0]?.at(-1));
    expect(first.valuesOf(topic, back)).toEqual([...upTo(5), 10]);
    expect(second.valuesOf(topic, 1 - back)).toEqual(upTo(11));
  });
});

describe('handing out', () => {
  it('stops at what is outstanding, for this partition only, and goes on (G10)', async () => {
    const topic = await freshTopic(2);
    await write(topic, 0, 1_000);
    await write(topic, 1, 1_000);
    const reader = new Reader();
    reader.acknowledge = (_, batch) => batch.partition === 1;
    await reader.start(via.kafka, { groupId: 'bounded', topics: [topic], maxOutstanding: 40 });
    await eventually(() => reader.valuesOf(topic, 1).length === 1_000);
    await delay(500);
    expect(reader.valuesOf(topic, 0)).toEqual(upTo(40));

    reader.acknowledge = () => true;
    reader.ackAll();
    await eventually(() => reader.valuesOf(topic, 0).length >= 1_000);
    expect(reader.valuesOf(topic, 0)).toEqual(upTo(1_000));
    expect(reader.valuesOf(topic, 1)).toEqual(upTo(1_000));
    await eventually(async () => (await via.kafka.lag('bounded', [topic])) === 0n);
  });

  it('fault 49: reads a topic that is there before the group from its start, and headers as they are', async () => {
    const topic = await freshTopic(1);
    await via.publisher.publish([{ topic, key: null, value: null, headers: { a: 'ä', b: '' } }]);
    const reader = await new Reader().start(via.kafka, { groupId: 'start', topics: [topic] });
    const batch = await eventually(() => reader.batches[0]);
    expect(batch.records[0]).toMatchObject({ topic, partition: 0, offset: 0n, key: null, value: null });
    expect({ ...batch.records[0]?.headers }).toEqual({ a: 'ä', b: '' });
  });

  it('fault 37: does not see aborted transactions, and its offset passes them', async () => {
    const topic = await freshTopic(1);
    const small = await freshTopic(1, { 'max.message.bytes': '1000' });
    const transactor = await via.kafka.transactor({ transactionalId: 'aborted' });
    const refused = transactor.transact([
      { topic, key: 'k', value: '0' },
      { topic: small, key: 'k', value: 'x'.repeat(2_000) },
    ]);
    await expect(refused).rejects.toMatchObject({ code: 'PUBLISH_FAILED' });
    await transactor.transact([{ topic, key: 'k', value: '1' }]);
    const reader = await new Reader().start(via.kafka, { groupId: 'aborted', topics: [topic] });
    await eventually(async () => (await via.kafka.lag('aborted', [topic])) === 0n);
    expect(reader.valuesOf(topic, 0)).toEqual([1]);
    await transactor.close();
  });

  it('reads topics of a prefix that appear later, from their start (G19)', async () => {
    const prefix = `later.`;
    await via.kafka.ensureTopics([{ topic: `${prefix}a`, partitions: 1 }]);
    await write(`${prefix}a`, 0, 2);
    const reader = new Reader();
    reader.acknowledge = () => false;
    await reader.start(via.kafka, { groupId: 'later', topics: { prefix } });
    await eventually(() => reader.got.length === 2);
    await via.kafka.ensureTopics([{ topic: `${prefix}b`, partitions: 1 }]);
    await write(`${prefix}b`, 0, 3);
    await eventually(() => reader.valuesOf(`${prefix}b`, 0).length === 3);
    expect(reader.valuesOf(`${prefix}a`, 0)).toEqual([0, 1]);
    expect(reader.lost).toEqual([]);
  });
});

describe('a rebalance', () => {
  it('takes away what another member gets and leaves the rest untouched', async () => {
    const topic = await freshTopic(4);
    for (const partition of upTo(4)) {
      await write(topic, partition, 5);
    }
    const first = new Reader();
    first.acknowledge = (value) => value === 0;
    await first.start(via.kafka, { groupId: 'untouched', topics: [topic] });
    await eventually(() => first.got.length === 20);
    await eventually(async () => (await via.kafka.lag('untouched', [topic])) === 16n);
    const second = await new Reader().start(via.kafka, { groupId: 'untouched', topics: [topic] });
    await eventually(() => second.got.length === 8);

    expect(first.lost).toHaveLength(2);
    expect(new Set(first.lost)).toEqual(second.partitions());
    for (const batch of first.batches) {
      expect(batch.signal.aborted).toBe(first.lost.includes(`${batch.topic}/${batch.partition}`));
    }
    for (const partition of upTo(4)) {
      await write(topic, partition, 5, 5);
    }
    first.acknowledge = () => true;
    first.ackAll();
    await eventually(async () => (await via.kafka.lag('untouched', [topic])) === 0n);
    // Nothing of what stayed was handed out a second time.
    for (const partition of upTo(4).filter((p) => !first.lost.includes(`${topic}/${p}`))) {
      expect(first.valuesOf(topic, partition)).toEqual(upTo(10));
    }
  });

  it('commits before it, so that the next owner repeats nothing that is finished', async () => {
    const topic = await freshTopic(2);
    await write(topic, 0, 5);
    await write(topic, 1, 5);
    const first = new Reader();
    first.acknowledge = (value) => value < 3;
    await first.start(via.kafka, { groupId: 'before', topics: [topic], commitIntervalMs: 60_000 });
    await eventually(() => first.got.length === 10);
    const second = await new Reader().start(via.kafka, { groupId: 'before', topics: [topic] });
    const moved = Number((await eventually(() => first.lost[0])).at(-1));
    await eventually(() => second.valuesOf(topic, moved).includes(4));
    expect(second.valuesOf(topic, moved)).toEqual([3, 4]);
  });

  it('gives each partition number of all topics to one member when asked to', async () => {
    const names = [await freshTopic(6), await freshTopic(6)];
    const options = { groupId: 'together', topics: names, coPartition: true };
    const readers = [
      await new Reader().start(via.kafka, options),
      await new Reader().start(via.kafka, options),
    ];
    await delay(500);
    for (const partition of upTo(6)) {
      for (const topic of names) {
        await write(topic, partition, 1);
      }
    }
    await eventually(async () => (await via.kafka.lag('together', names)) === 0n);
    const numbers = readers.map((reader) =>
      names.map((topic) => upTo(6).filter((partition) => reader.partitions().has(`${topic}/${partition}`))),
    );
    for (const [first, second] of numbers) {
      expect(first).toEqual(second);
      expect(first).toHaveLength(3);
    }
  });
});

describe('stopping', () => {
  it('fault 40: waits for what is outstanding and commits it, so that nothing comes twice (G8)', async () => {
    const topic = await freshTopic(1);
    await write(topic, 0, 20);
    const reader = new Reader();
    reader.acknowledge = () => false;
    await reader.start(via.kafka, { groupId: 'drain', topics: [topic], drainTimeoutMs: 20_000 });
    await eventually(() => reader.got.length === 20);
    const stopped = reader.consumer?.stop();
    await write(topic, 0, 5, 20);
    await delay(300);
    reader.ackAll();
    await stopped;
    expect(reader.got).toHaveLength(20);
    expect(await committed('drain', topic, 0)).toBe('20');
    expect(reader.batches[0]?.signal.aborted).toBe(true);

    const next = await new Reader().start(via.kafka, { groupId: 'drain', topics: [topic] });
    await eventually(() => next.got.length === 5);
    expect(next.valuesOf(topic, 0)).toEqual(upTo(5, 20));
  });

  it('does not wait for what is released', async () => {
    const topic = await freshTopic(1);
    await write(topic, 0, 3);
    const reader = new Reader();
    reader.acknowledge = (value) => value === 0;
    await reader.start(via.kafka, { groupId: 'release', topics: [topic], drainTimeoutMs: 50_000 });
    await eventually(() => reader.got.length === 3);
    const stopped = reader.consumer?.stop();
    reader.batches.forEach((batch) => {
      batch.release(1n);
      batch.release(2n);
    });
    await stopped;
    expect(await committed('release', topic, 0)).toBe('1');
  });
});

describe('topics that are not in a hurry', () => {
  it('are read to their end, in fewer and larger pieces', async () => {
    const topic = await freshTopic(1);
    const hurried = await freshTopic(1);
    const reader = await new Reader().start(via.kafka, {
      groupId: 'unhurried',
      topics: [topic, hurried],
      unhurried: { topics: [topic], intervalMs: 200 },
    });
    for (let value = 0; value < 40; value++) {
      await write(topic, 0, 1, value);
      await write(hurried, 0, 1, value);
    }
    await eventually(() => reader.got.length === 80);
    expect(reader.valuesOf(topic, 0)).toEqual(upTo(40));
    const piecesOf = (name: string): number => reader.batches.filter((batch) => batch.topic === name).length;
    expect(piecesOf(topic)).toBeLessThan(piecesOf(hurried));
    await eventually(async () => (await via.kafka.lag('unhurried')) === 0n);
  });
});

describe('large records', () => {
  it('are handed out a few at a time, whatever their number may be', async () => {
    const topic = await freshTopic(1);
    const value = 'x'.repeat(700_000);
    await via.publisher.publish(Array.from({ length: 10 }, () => ({ topic, partition: 0, key: 'k', value })));
    const reader = new Reader();
    reader.acknowledge = () => false;
    await reader.start(via.kafka, { groupId: 'large', topics: [topic], maxOutstanding: 500 });
    await eventually(() => reader.got.length >= 3);
    await delay(600);
    expect(reader.got.length).toBe(3);
    for (let finished = 0; finished < 10; finished++) {
      await eventually(() => reader.got.length > finished);
      reader.batches.at(-1)?.ack(BigInt(finished));
    }
    expect(reader.got.length).toBe(10);
  });
});
