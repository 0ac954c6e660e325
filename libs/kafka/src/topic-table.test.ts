import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { RelayError } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import type { TcpProxy } from '../../../test/harness/tcp-proxy.js';
import { Kafka, type IncomingRecord, type Publisher, type TopicTable } from './index.js';

const stack = testStack();
let kafka: Kafka;
let publisher: Publisher;
let topics = 0;

beforeAll(async () => {
  kafka = connectedTo(stack.brokers);
  publisher = await kafka.publisher();
});

afterAll(() => kafka.close());

function connectedTo(brokers: readonly string[]): Kafka {
  return new Kafka({ brokers, clientId: 'test', topicPrefix: stack.topicPrefix, logger: silentLogger });
}

async function freshTopic(policy = 'compact'): Promise<string> {
  const topic = `table-${++topics}`;
  await kafka.ensureTopics([{ topic, partitions: 1, config: { 'cleanup.policy': policy } }]);
  return topic;
}

const text = (record: IncomingRecord): string | undefined => record.value?.toString();
const put = (topic: string, key: string, value: string | null): Promise<void> =>
  publisher.publish([{ topic, key, value }]);

describe('a table of a topic', () => {
  it('holds the last value of every key as soon as it is there', async () => {
    const topic = await freshTopic();
    const many = Array.from({ length: 2_500 }, (_, i) => ({ topic, key: `k${i % 500}`, value: String(i) }));
    await publisher.publish(many);
    await put(topic, 'k0', null);
    const table = await kafka.topicTable({ topic, read: text });
    expect(table.size).toBe(499);
    expect(table.get('k1')).toBe('2001');
    expect(table.get('k0')).toBeUndefined();
    expect([...table.values()]).toHaveLength(499);
    await table.close();
  });

  it('is there when the topic ends with the mark of a transaction', async () => {
    const topic = await freshTopic();
    const transactor = await kafka.transactor({ transactionalId: 'table' });
    await transactor.transact([{ topic, key: 'a', value: '1' }]);
    const table = await kafka.topicTable({ topic, read: text });
    expect(table.get('a')).toBe('1');
    await table.close();
    await transactor.close();
  });

  it('follows the topic and tells of each change', async () => {
    const topic = await freshTopic();
    await put(topic, 'a', '1');
    const changes: [string, string | undefined][] = [];
    const table = await kafka.topicTable({
      topic,
      read: text,
      onChange: (key, value) => changes.push([key, value]),
    });
    await put(topic, 'b', '2');
    await put(topic, 'a', null);
    await table.waitFor((rows) => rows.get('b') === '2' && rows.get('a') === undefined);
    expect(changes).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', undefined],
    ]);
    await table.close();
  });

  it('drops a key whose record cannot be read and ignores a record without a key', async () => {
    const topic = await freshTopic('delete');
    const table = await kafka.topicTable({
      topic,
      read: (record) => {
        if (text(record) === 'throws') {
          throw new Error('no');
        }
        return text(record) === 'bad' ? undefined : text(record);
      },
    });
    await put(topic, 'a', '1');
    await put(topic, 'b', '1');
    await table.waitFor((rows) => rows.size === 2);
    await put(topic, 'a', 'bad');
    await put(topic, 'b', 'throws');
    await publisher.publish([{ topic, key: null, value: 'no key' }]);
    await put(topic, 'c', '1');
    await table.waitFor((rows) => rows.get('c') === '1');
    expect([...table.entries()]).toEqual([['c', '1']]);
    await table.close();
  });

  it('waits while the registry does not answer and loses nothing', async () => {
    const topic = await freshTopic();
    let failures = 3;
    await put(topic, 'a', '1');
    const table = await kafka.topicTable({
      topic,
      read: (record) => {
        if (failures-- > 0) {
          throw new RelayError('REGISTRY_UNAVAILABLE', 'no answer');
        }
        return Promise.resolve(text(record));
      },
    });
    expect(table.get('a')).toBe('1');
    await table.close();
  });

  it('goes on after an outage', async () => {
    const topic = await freshTopic();
    const proxy: TcpProxy = await stack.kafkaProxy();
    const behind = connectedTo([proxy.address]);
    const table: TopicTable<string> = await behind.topicTable({ topic, read: text });
    proxy.block();
    await put(topic, 'a', '1');
    proxy.restore();
    await table.waitFor((rows) => rows.get('a') === '1');
    await behind.close();
  });

  it('leaves no consumer group behind', async () => {
    const topic = await freshTopic();
    await put(topic, 'a', '1');
    const table = await kafka.topicTable({ topic, read: text });
    await table.close();
    const admin = new kafkajs.Kafka({
      brokers: [...stack.brokers],
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin();
    await admin.connect();
    const { groups } = await admin.listGroups();
    expect(groups.filter(({ groupId }) => groupId.startsWith(stack.topicPrefix))).toEqual([]);
    await admin.disconnect();
  });
});
