import { describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { eventually } from '../../../test/harness/eventually.js';
import { committed, deleteBefore, freshTopic, Reader, via, write } from '../test/reader.js';

describe('faults', () => {
  it('a handler that throws ends the consumer and is told (G12)', async () => {
    const topic = await freshTopic(1);
    await write(topic, 0, 3);
    const crashes: Error[] = [];
    let calls = 0;
    await via.kafka.consumer({
      groupId: 'throws',
      topics: [topic],
      onBatch: () => {
        calls++;
        throw new Error('a mistake');
      },
      onCrash: (error) => crashes.push(error),
    });
    const crash = await eventually(() => crashes[0]);
    expect(crash).toMatchObject({
      code: 'CONSUMER_CRASHED',
      cause: expect.objectContaining({ message: 'a mistake' }),
    });
    await write(topic, 0, 3, 3);
    await delay(500);
    expect(calls).toBe(1);
  });

  it('fault 38: stops and names the gap when retention passed its position; it never skips (G15)', async () => {
    const topic = await freshTopic(1);
    await write(topic, 0, 10);
    const reader = new Reader();
    reader.acknowledge = (value) => value < 3;
    await reader.start(via.kafka, { groupId: 'gap', topics: [topic] });
    await eventually(async () => (await committed('gap', topic, 0)) === '3');
    await reader.consumer?.stop();
    await deleteBefore(topic, 0, '8');
    const next = await new Reader().start(via.kafka, { groupId: 'gap', topics: [topic] });
    const crash = await eventually(() => next.crashes[0]);
    expect(crash).toMatchObject({ code: 'OFFSET_GAP' });
    expect(crash.message).toContain(`${topic}, partition 0`);
    expect(crash.message).toContain('offsets 3 to 7');
    expect(next.got).toEqual([]);
    expect(next.consumer?.ready()).toBe('the consumer is crashed');
    expect(await committed('gap', topic, 0)).toBe('3');
  });

  it('fault 41: stays in the group however long a record takes (G9)', async () => {
    const topic = await freshTopic(1);
    await write(topic, 0, 1);
    const reader = new Reader();
    reader.acknowledge = () => false;
    await reader.start(via.kafka, { groupId: 'long', topics: [topic], sessionTimeoutMs: 6_000 });
    await eventually(() => reader.got.length === 1);
    await delay(8_000);
    reader.ackAll();
    await eventually(async () => (await committed('long', topic, 0)) === '1');
    expect(reader.lost).toEqual([]);
    expect(reader.got).toHaveLength(1);
  });

  it('is not ready while Kafka is away, and goes on by itself afterwards (G13)', async () => {
    const topic = await freshTopic(1);
    await write(topic, 0, 1);
    const reader = await new Reader().start(via.behind, {
      groupId: 'away',
      topics: [topic],
      sessionTimeoutMs: 6_000,
    });
    await eventually(() => reader.got.length === 1);
    expect(reader.consumer?.ready()).toBeUndefined();
    via.proxy.block();
    await eventually(() => reader.consumer?.ready());
    via.proxy.restore();
    await eventually(() => reader.consumer?.ready() === undefined);
    await write(topic, 0, 1, 1);
    await eventually(() => reader.valuesOf(topic, 0).includes(1));
    expect(reader.crashes).toEqual([]);
  });
});
