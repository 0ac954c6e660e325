import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { repairKafkajs } from './kafkajs-repairs.js';

repairKafkajs();

describe('kafkajs', () => {
  it('is the version whose insides are known here', () => {
    const { version } = createRequire(import.meta.url)('kafkajs/package.json') as { version: string };
    expect(version).toBe('2.2.4');
  });

  it('starts with small buffers, and writes whatever length into them', () => {
    expect(new Encoder().buf).toHaveLength(64);
    for (let length = 0; length < 2_100; length++) {
      const encoder = new Encoder();
      const content = Buffer.alloc(length, 7);
      encoder.writeBufferInternal(content);
      encoder.writeBufferInternal(content);
      expect(encoder.buffer.equals(Buffer.concat([content, content]))).toBe(true);
    }
  });

  it('sets no timer for a connection on which nothing waits (G18)', () => {
    const logger = { debug: () => undefined };
    const queue = new RequestQueue({ requestTimeout: 1_000, clientId: 'test', broker: 'b:1', logger });
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });
});
