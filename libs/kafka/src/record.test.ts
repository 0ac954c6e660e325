import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { sizeOfRecord, toIncomingRecord } from './record.js';

function incoming(headers: KafkaMessage['headers'] | undefined): ReturnType<typeof toIncomingRecord> {
  const message = {
    key: Buffer.from('k'),
    value: null,
    timestamp: '1700000000000',
    attributes: 0,
    offset: '9007199254740993',
    ...(headers === undefined ? {} : { headers }),
  } as KafkaMessage;
  return toIncomingRecord('t', 3, message);
}

describe('a record that was read', () => {
  it('has its offset exactly and its time in milliseconds', () => {
    expect(incoming(undefined)).toMatchObject({
      topic: 't',
      partition: 3,
      offset: 9007199254740993n,
      timestampMs: 1_700_000_000_000,
      headers: {},
      duplicateHeaders: [],
    });
  });

  it('has the last value of a header that stands more than once, and its name', () => {
    const { headers, duplicateHeaders } = incoming({
      a: [Buffer.from('1'), Buffer.from('2')],
      b: Buffer.from('ü'),
    });
    expect({ ...headers }).toEqual({ a: '2', b: 'ü' });
    expect(duplicateHeaders).toEqual(['a']);
  });

  it('takes a header called __proto__ for a header', () => {
    const raw = Object.fromEntries([['__proto__', Buffer.from('x')]]) as KafkaMessage['headers'];
    const { headers } = incoming(raw);
    expect(Object.keys(headers)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(headers)).toBeNull();
  });
});

describe('the size of a record', () => {
  it('counts bytes, not characters', () => {
    const bare = sizeOfRecord({ topic: 't', key: null, value: null });
    expect(sizeOfRecord({ topic: 't', key: 'ab', value: Buffer.alloc(10) }) - bare).toBe(12);
    expect(sizeOfRecord({ topic: 't', key: null, value: 'ü' }) - bare).toBe(2);
    expect(sizeOfRecord({ topic: 't', key: null, value: null, headers: { a: 'bc' } })).toBeGreaterThan(
      bare + 3,
    );
  });
});
