import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { repairKafkajs } from './kafkajs-repairs.js';

repairKafkajs();

describe('kafkajs', () => {
  it('is the version whose insides are known here', () => {
    const { version } = createRequire(import.meta.url)('kafkajs/package.json') as { version: string };
    expect(version).toBe('2.2.4');
  });

  it('sets no timer for a connection on which nothing waits (G18)', () => {
    const logger = { debug: () => undefined };
    const queue = new RequestQueue({ requestTimeout: 1_000, clientId: 'test', broker: 'b:1', logger });
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });
});
