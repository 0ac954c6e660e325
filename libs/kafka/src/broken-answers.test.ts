import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../../../test/harness/eventually.js';
import { testStack } from '../../../test/harness/stack.js';
import type { TcpProxy } from '../../../test/harness/tcp-proxy.js';
import { Kafka } from './index.js';

const stack = testStack();
let kafka: Kafka;
/** Reaches the same brokers through the proxy. */
let behind: Kafka;
let proxy: TcpProxy;

const connectedTo = (brokers: readonly string[]): Kafka =>
  new Kafka({ brokers, clientId: 'test', topicPrefix: stack.topicPrefix, logger: silentLogger });

beforeAll(async () => {
  proxy = await stack.kafkaProxy();
  kafka = connectedTo(stack.brokers);
  behind = connectedTo([proxy.address]);
  await kafka.ensureTopics([{ topic: 'read', partitions: 1 }]);
});

afterAll(async () => {
  await kafka.close();
  await behind.close();
});

describe('answers that break off in their middle', () => {
  it('are asked for again, and what follows them is read from its beginning', async () => {
    const publisher = await kafka.publisher();
    let records = 0;
    const table = await behind.topicTable({ topic: 'read', read: () => ++records });
    for (let n = 1; n <= 10; n++) {
      const broken = proxy.breakNextAnswer();
      await publisher.publish([{ topic: 'read', key: 'k', value: 'v'.repeat(n * 1_000) }]);
      await broken;
      await eventually(() => table.get('k') === n, { describe: () => `${n} records, not ${records}` });
    }
    await publisher.close();
  });

  it('neither lose nor double what is written meanwhile', async () => {
    await kafka.ensureTopics([{ topic: 'written', partitions: 3 }]);
    const publisher = await behind.publisher();
    const values = Array.from({ length: 40 }, (_, i) => String(i));
    for (const value of values) {
      const broken = proxy.breakNextAnswer();
      await publisher.publish([{ topic: 'written', key: 'k', value }]);
      await broken;
    }
    const written = await kafka.readToEnd('written');
    expect(written.map(({ value }) => String(value))).toEqual(values);
    await publisher.close();
  });
});
