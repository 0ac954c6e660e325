import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { delay, RelayError } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import { Kafka } from './index.js';

const stack = testStack();
const connectedTo = (brokers: readonly string[], topicPrefix = stack.topicPrefix): Kafka =>
  new Kafka({ brokers, clientId: 'test', topicPrefix, logger: silentLogger });
const kafka = connectedTo(stack.brokers);

afterAll(() => kafka.close());

async function transactionalProducer(transactionalId: string): Promise<kafkajs.Producer> {
  const client = new kafkajs.Kafka({ brokers: [...stack.brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = client.producer({
    transactionalId: stack.topicPrefix + transactionalId,
    idempotent: true,
  });
  await producer.connect();
  return producer;
}

describe('brokers that do not answer', () => {
  it('are named, with the setting to check', async () => {
    const nowhere = connectedTo(['127.0.0.1:1', '127.0.0.1:2']);
    for (const attempt of [
      nowhere.publisher(),
      nowhere.readToEnd('x'),
      nowhere.consumer({ groupId: 'g', topics: ['x'], onBatch: () => undefined, onCrash: () => undefined }),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'KAFKA_UNAVAILABLE', exitCode: 69 });
      await expect(attempt).rejects.toThrow(/127\.0\.0\.1:1, 127\.0\.0\.1:2.*KAFKA_BROKERS/);
    }
    await nowhere.close();
  });

  it('are given up on when they take the connection and say nothing', async () => {
    const connections: Socket[] = [];
    const silent = createServer((connection) => connections.push(connection));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const mute = connectedTo([`127.0.0.1:${(silent.address() as AddressInfo).port}`]);
    const error: unknown = await mute.transactor({ transactionalId: 't' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RelayError);
    expect((error as RelayError).code).toBe('KAFKA_UNAVAILABLE');
    silent.close();
    connections.forEach((connection) => connection.destroy());
  });
});

describe('topics', () => {
  it('are made where they are missing and left alone where they exist', async () => {
    const config = { 'cleanup.policy': 'compact' };
    await kafka.ensureTopics([{ topic: 'made', partitions: 3, config }]);
    await kafka.ensureTopics([
      { topic: 'made', partitions: 5 },
      { topic: 'other', partitions: 1 },
    ]);
    const admin = new kafkajs.Kafka({
      brokers: [...stack.brokers],
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({
      topics: ['made', 'other'].map((topic) => stack.topicPrefix + topic),
    });
    expect(topics.map(({ partitions }) => partitions.length).sort()).toEqual([1, 3]);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: `${stack.topicPrefix}made` }],
    });
    const policy = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy');
    expect(policy?.configValue).toBe('compact');
    await admin.disconnect();
  });

  it('can be made by two at the same time', async () => {
    const another = connectedTo(stack.brokers);
    const specs = [{ topic: 'both', partitions: 1 }];
    await Promise.all([kafka.ensureTopics(specs), another.ensureTopics(specs)]);
    const publisher = await another.publisher();
    await publisher.publish([{ topic: 'both', key: 'k', value: 'v' }]);
    expect(await kafka.readToEnd('both')).toHaveLength(1);
    await another.close();
  });

  it('of another installation in the same cluster are not seen', async () => {
    const other = connectedTo(stack.brokers, `${stack.topicPrefix}x-`);
    await other.ensureTopics([{ topic: 'mine', partitions: 1 }]);
    await kafka.ensureTopics([{ topic: 'mine', partitions: 1 }]);
    const publisher = await other.publisher();
    await publisher.publish([{ topic: 'mine', key: 'k', value: 'v' }]);
    expect(await other.readToEnd('mine')).toMatchObject([{ topic: 'mine' }]);
    expect(await kafka.readToEnd('mine')).toEqual([]);
    await other.close();
  });
});

describe('reading to the end', () => {
  it('brings everything that was committed, over several fetches, and not what was aborted', async () => {
    await kafka.ensureTopics([
      { topic: 'long', partitions: 2 },
      { topic: 'small', partitions: 1, config: { 'max.message.bytes': '1000' } },
    ]);
    const publisher = await kafka.publisher();
    const value = 'x'.repeat(1_000);
    await publisher.publish(
      Array.from({ length: 5_000 }, (_, i) => ({ topic: 'long', key: `k${i}`, value })),
    );
    const transactor = await kafka.transactor({ transactionalId: 'long' });
    const large = { topic: 'small', key: 'k', value: 'x'.repeat(2_000) };
    await transactor.transact([{ topic: 'long', key: 'aborted', value: 'x' }, large]).catch(() => undefined);
    await transactor.transact([{ topic: 'long', key: 'last', value: 'x' }]);
    const records = await kafka.readToEnd('long');
    expect(records).toHaveLength(5_001);
    expect(records.some(({ key }) => String(key) === 'aborted')).toBe(false);
  });

  it('of an empty topic brings nothing', async () => {
    await kafka.ensureTopics([{ topic: 'empty', partitions: 3 }]);
    expect(await kafka.readToEnd('empty')).toEqual([]);
  });

  it('waits for a transaction that is just being committed', async () => {
    await kafka.ensureTopics([{ topic: 'committing', partitions: 1 }]);
    const producer = await transactionalProducer('committing');
    const transaction = await producer.transaction();
    await transaction.send({ topic: `${stack.topicPrefix}committing`, messages: [{ value: 'v' }] });
    const reading = kafka.readToEnd('committing');
    await delay(200);
    await transaction.commit();
    expect((await reading).map(({ value }) => String(value))).toEqual(['v']);
    await producer.disconnect();
  });

  it('waits as long as it is told to for what an open transaction hides, and fails after that', async () => {
    await kafka.ensureTopics([{ topic: 'hidden', partitions: 1 }]);
    const producer = await transactionalProducer('hiding');
    const transaction = await producer.transaction();
    await transaction.send({ topic: `${stack.topicPrefix}hidden`, messages: [{ value: 'open' }] });
    const transactor = await kafka.transactor({ transactionalId: 'hidden' });
    await transactor.transact([{ topic: 'hidden', key: 'k', value: 'committed' }]);
    await expect(kafka.readToEnd('hidden', { openTransactionsWaitMs: 100 })).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
      message: expect.stringContaining('hides what hidden holds'),
    });
    const reading = kafka.readToEnd('hidden', { openTransactionsWaitMs: 60_000 });
    // Longer than a read waits that was told nothing.
    await delay(2_000);
    await transaction.abort();
    expect((await reading).map(({ value }) => String(value))).toEqual(['committed']);
    await producer.disconnect();
    await transactor.close();
  });

  it('does not wait for a transaction that somebody left open', async () => {
    await kafka.ensureTopics([{ topic: 'open', partitions: 1 }]);
    const producer = await transactionalProducer('left-open');
    const publisher = await kafka.publisher();
    await publisher.publish([{ topic: 'open', key: 'k', value: 'before' }]);
    const transaction = await producer.transaction();
    await transaction.send({ topic: `${stack.topicPrefix}open`, messages: [{ value: 'hidden' }] });
    expect((await kafka.readToEnd('open')).map(({ value }) => String(value))).toEqual(['before']);
    await transaction.abort();
    await producer.disconnect();
  });
});
