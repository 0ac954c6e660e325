import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { Assignment } from './assignment.js';
import { lagByTopic } from './consumer-lag.js';
import type { RecordBatch } from './consumer.js';
import type { Progress } from './offset-tracker.js';

function setUp(maxOutstanding: number): { assignment: Assignment; calls: string[]; batches: RecordBatch[] } {
  const calls: string[] = [];
  const batches: RecordBatch[] = [];
  const control = {
    pause: (topic: string, partition: number): void => void calls.push(`pause ${topic}/${partition}`),
    resume: (topic: string, partition: number): void => void calls.push(`resume ${topic}/${partition}`),
    commitSoon: (): void => void calls.push('commit'),
    hurry: (): void => undefined,
    uncertain: (): undefined => undefined,
  };
  const options = { maxOutstanding, onBatch: (batch: RecordBatch): void => void batches.push(batch) };
  return { assignment: new Assignment(options, 'x-', control), calls, batches };
}

function messages(...offsets: number[]): KafkaMessage[] {
  return offsets.map((offset) => ({
    key: null,
    value: null,
    timestamp: '0',
    attributes: 0,
    offset: String(offset),
    headers: {},
  }));
}

function commit(assignment: Assignment, topic: string, partition: number): Progress {
  const feed = assignment.find(topic, partition);
  const progress = feed?.tracker.uncommitted;
  if (feed === undefined || progress === undefined) {
    throw new Error('there is nothing to commit');
  }
  assignment.committed(feed, progress);
  return progress;
}

describe('the records of a partition', () => {
  it('are handed out as far as there is room, and the rest is fetched again (G10)', () => {
    const { assignment, calls, batches } = setUp(4);
    const fetched = {
      topic: 'x-t',
      partition: 0,
      messages: messages(0, 1, 2, 3, 4, 5),
      lastOffset: 6n,
      end: 10n,
    };
    expect(assignment.handOut(fetched)).toBe(3n);
    expect(calls).toEqual(['pause x-t/0']);
    batches[0]?.ack(0n);
    batches[0]?.ack(1n);
    // What is finished would still be repeated: only a commit makes room.
    expect(calls).toEqual(['pause x-t/0', 'commit', 'commit']);
    commit(assignment, 'x-t', 0);
    expect(calls.slice(3)).toEqual(['resume x-t/0']);
    expect(assignment.handOut({ ...fetched, messages: messages(4, 5) })).toBe(6n);
    expect(batches.map(({ topic, records }) => [topic, records.map(({ offset }) => offset)])).toEqual([
      ['t', [0n, 1n, 2n, 3n]],
      ['t', [4n, 5n]],
    ]);
  });

  it('fault 44: that one slow record stands before are finished for good once they are committed', () => {
    const { assignment, batches } = setUp(4);
    const fetched = { topic: 'x-t', partition: 0, messages: messages(0, 1, 2, 3), lastOffset: 3n, end: 10n };
    assignment.handOut(fetched);
    [1n, 2n, 3n].forEach((offset) => batches[0]?.ack(offset));
    const { position, ahead } = commit(assignment, 'x-t', 0);
    expect(position).toBe(0n);
    // There is room for others although the first one is not finished.
    assignment.handOut({ ...fetched, messages: messages(4, 5, 6, 7), lastOffset: 7n });
    expect(batches[1]?.records.map(({ offset }) => offset)).toEqual([4n, 5n, 6n]);

    const next = setUp(4);
    next.assignment.skipFinished([{ topic: 'x-t', partition: 0, finished: new Set(ahead) }]);
    next.assignment.handOut({ ...fetched, messages: messages(0, 1, 2, 3, 4), lastOffset: 4n });
    expect(next.batches.flatMap(({ records }) => records.map(({ offset }) => offset))).toEqual([0n]);
    commit(next.assignment, 'x-t', 0);
    next.assignment.handOut({ ...fetched, messages: messages(4), lastOffset: 4n });
    expect(next.batches[1]?.records.map(({ offset }) => offset)).toEqual([4n]);
  });

  it('are not handed out twice when they are fetched twice', () => {
    const { assignment, batches } = setUp(10);
    const fetched = { topic: 'x-t', partition: 0, messages: messages(0, 1), lastOffset: 1n, end: 10n };
    assignment.handOut(fetched);
    assignment.handOut({ ...fetched, messages: messages(0, 1, 2), lastOffset: 2n });
    assignment.handOut(fetched);
    expect(batches.flatMap(({ records }) => records.map(({ offset }) => offset))).toEqual([0n, 1n, 2n]);
  });

  it('fault 45: of a lost partition have no effect on the one that comes back', () => {
    const { assignment, batches } = setUp(10);
    const fetched = { topic: 'x-t', partition: 0, messages: messages(0, 1), lastOffset: 1n, end: 10n };
    assignment.handOut(fetched);
    const lost = assignment.replace([], true);
    expect(lost.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual(['t/0']);
    expect(batches[0]?.signal.aborted).toBe(true);
    assignment.handOut(fetched);
    batches[0]?.ack(0n);
    expect(assignment.find('x-t', 0)?.tracker.position).toBe(0n);
    expect(assignment.awaited).toBe(2);
  });

  it('are behind until they are finished, whether they are read already or not', () => {
    const { assignment, batches } = setUp(2);
    const fetched = { topic: 'x-t', partition: 0, messages: messages(0, 1, 2), lastOffset: 2n, end: 10n };
    const lag = (): number | undefined => assignment.find('x-t', 0)?.lag;
    assignment.handOut(fetched);
    expect(lag()).toBe(10);
    batches[0]?.ack(1n);
    expect(lag()).toBe(9);
    // It is full and not fetched: others tell where it ends by now.
    assignment.find('x-t', 0)?.endsAt(500n);
    expect(lag()).toBe(499);
    const feeds = [...assignment.all()];
    expect([...lagByTopic(feeds, ['x-t', 'x-u'], 'x-')]).toEqual([
      ['t', 499],
      ['u', 0],
    ]);
  });
});
