import type { ICustomPartitioner, Message } from 'kafkajs';

/** Java's `Utils.murmur2`, so that every client puts a key into the same partition. */
export function murmur2(data: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = data.length;
  let h = 0x9747b28c ^ length;
  const view = new DataView(data.buffer, data.byteOffset, length);
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(view.getInt32(i, true), m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length & 3;
  if (rest === 3) {
    h ^= view.getUint8(whole + 2) << 16;
  }
  if (rest >= 2) {
    h ^= view.getUint8(whole + 1) << 8;
  }
  if (rest >= 1) {
    h = Math.imul(h ^ view.getUint8(whole), m);
  }
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}

/**
 * The partition of a record: from its key, else in turn. It is written into the message, so that a resend goes
 * to the same partition with the same sequence numbers, and the answer can be checked against it.
 */
export const stablePartitioner: ICustomPartitioner = () => {
  let turn = Math.floor(Math.random() * 1024);
  return ({ partitionMetadata, message }) => {
    message.partition ??= choose(message, partitionMetadata.length, () => turn++);
    return message.partition;
  };
};

/** Where a topic of so many partitions has the records of a key. */
export function partitionOfKey(key: Buffer | string, partitions: number): number {
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
}

function choose({ key }: Message, partitions: number, nextTurn: () => number): number {
  return key === null || key === undefined ? nextTurn() % partitions : partitionOfKey(key, partitions);
}
