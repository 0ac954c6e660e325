import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import kafkajs, { type Message } from 'kafkajs';
import { stablePartitioner } from './partitioner.js';

const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
  partitionId,
  partitionErrorCode: 0,
  leader: 1,
  replicas: [1],
  isr: [1],
}));

describe('the partition of a record', () => {
  it("is the one that Java's and kafkajs' clients choose for its key", () => {
    const ours = stablePartitioner();
    const theirs = kafkajs.Partitioners.DefaultPartitioner();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const key = Buffer.from(bytes);
        const asked = (): {
          topic: string;
          partitionMetadata: typeof partitionMetadata;
          message: Message;
        } => ({
          topic: 't',
          partitionMetadata,
          message: { key, value: null },
        });
        expect(ours(asked())).toBe(theirs(asked()));
      }),
    );
    expect(ours({ topic: 't', partitionMetadata, message: { key: 'größe', value: null } })).toBe(
      theirs({ topic: 't', partitionMetadata, message: { key: 'größe', value: null } }),
    );
  });

  it('stays the same when the record is sent again', () => {
    const partitioner = stablePartitioner();
    const message: Message = { key: null, value: null };
    const first = partitioner({ topic: 't', partitionMetadata, message });
    expect(partitioner({ topic: 't', partitionMetadata, message })).toBe(first);
    expect(message.partition).toBe(first);
  });

  it('spreads records without a key', () => {
    const partitioner = stablePartitioner();
    const chosen = partitionMetadata.map(() =>
      partitioner({ topic: 't', partitionMetadata, message: { key: null, value: null } }),
    );
    expect(new Set(chosen).size).toBe(12);
  });
});
