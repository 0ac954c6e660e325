import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { compress } from 'snappyjs';
import { eventually } from '../../../test/harness/eventually.js';
import { freshTopic, Reader, via } from '../test/reader.js';
import { codec, decodeSnappy, decodeZstd } from './compression.js';
import { decodeLz4Frame } from './lz4-frame.js';

/** Some that compress well, some that hardly do, some larger than the blocks of the formats. */
const values = [
  ...Array.from(
    { length: 200 },
    (_, n) => `{"id": ${n}, "name": "a product of many words", "price": ${n / 7}}`,
  ),
  'x'.repeat(300_000),
  Array.from({ length: 40_000 }, (_, n) => (((n * 2_654_435_761) >>> 0) % 65_536).toString(36)).join(''),
];

describe('fault 36: a batch that is compressed', () => {
  // The broker itself compresses what it takes, as the topic says.
  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('with %s is decoded', async (type) => {
    const topic = await freshTopic(1, { 'compression.type': type, 'max.message.bytes': '4000000' });
    const keys = values.map((_, n) => String(n));
    await via.publisher.publish(
      values.map((value, n) => ({ topic, partition: 0, key: keys[n] ?? '', value })),
    );
    const records = await via.kafka.readToEnd(topic);
    expect(records.map(({ key }) => key?.toString())).toEqual(keys);
    expect(records.map(({ value }) => value?.toString())).toEqual(values);
    const reader = new Reader();
    const got: string[] = [];
    await reader.start(via.kafka, {
      groupId: `compressed ${type}`,
      topics: [topic],
      onBatch: (batch) => {
        for (const { offset, value } of batch.records) {
          got.push(value?.toString() ?? '');
          batch.ack(offset);
        }
      },
    });
    await eventually(() => got.length === values.length);
    expect(got).toEqual(values);
  });

  it('and swells beyond the limit ends the consumer, which says why: no idle process is left', async () => {
    const topic = await freshTopic(1, { 'compression.type': 'snappy' });
    await via.publisher.publish([{ topic, partition: 0, key: 'k', value: values[0] ?? '' }]);
    const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs;
    const before = codecs[types.Snappy];
    codecs[types.Snappy] = () => codec('snappy', decodeSnappy, 10);
    const reader = await new Reader().start(via.kafka, { groupId: 'swelling', topics: [topic] });
    const crash = await eventually(() => reader.crashes[0]);
    codecs[types.Snappy] = before;
    expect(crash).toMatchObject({ code: 'CONSUMER_CRASHED' });
    expect(crash.message).toMatch(/a batch compressed with snappy cannot be read: .*too big/);
    expect(reader.consumer?.ready()).toBe('the consumer is crashed');
  });
});

describe('the output of a batch', () => {
  const bomb = Buffer.alloc(1_000_000);

  it.each([
    ['snappy', decodeSnappy, compress(bomb)],
    ['lz4', decodeLz4Frame, lz4Of(bomb.length)],
    ['zstd', decodeZstd, zstdOf(bomb.length)],
  ] as const)('of %s is bounded', async (name, decode, bytes) => {
    expect((await codec(name, decode).decompress(bytes)).length).toBe(bomb.length);
    await expect(codec(name, decode, 999_999).decompress(bytes)).rejects.toMatchObject({ retriable: false });
  });

  it('of gzip is bounded', async () => {
    const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs;
    const gzip = (codecs[types.GZIP] as () => ReturnType<typeof codec>)();
    expect((await gzip.decompress(gzipSync(bomb))).length).toBe(bomb.length);
    await expect(gzip.decompress(gzipSync(Buffer.alloc(70_000_000)))).rejects.toThrow(/gzip cannot be read/);
  });
});

/** One block: a literal zero, then a match that repeats it; five literals end it. */
function lz4Of(length: number): Buffer {
  const match = length - 1 - 5;
  const more = match - 4 - 15;
  const block = Buffer.from([
    0x1f,
    0,
    1,
    0,
    ...Array<number>(Math.floor(more / 255)).fill(255),
    more % 255,
    0x50,
    0,
    0,
    0,
    0,
    0,
  ]);
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  return Buffer.concat([header, size, block, Buffer.alloc(4)]);
}

/** Blocks that say "so many times this byte" (RLE), 128 KiB at most each. */
function zstdOf(length: number): Buffer {
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  for (let left = length; left > 0; left -= 131_072) {
    const size = Math.min(left, 131_072);
    const header = Buffer.alloc(4);
    header.writeUIntLE((size << 3) | (1 << 1) | (left <= 131_072 ? 1 : 0), 0, 3);
    parts.push(header);
  }
  return Buffer.concat(parts);
}
