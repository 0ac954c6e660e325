import { afterAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import { createCluster } from './cluster.js';
import { refreshEnds } from './consumer-lag.js';
import { Kafka } from './kafka.js';
import { PartitionFeed } from './partition-feed.js';

const { brokers, topicPrefix } = testStack();
const kafka = new Kafka({ brokers, clientId: 'test', topicPrefix, logger: silentLogger });
const cluster = createCluster(
  new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING }),
);

afterAll(async () => {
  await cluster.disconnect();
  await kafka.close();
});

describe('what waits in a partition that is not fetched', () => {
  it('is asked for where the partition is full, and only there', async () => {
    await kafka.ensureTopics([{ topic: 'lag', partitions: 1 }]);
    const publisher = await kafka.publisher();
    await publisher.publish(
      [1, 2, 3].map((n) => ({ topic: 'lag', key: null, value: Buffer.from(String(n)) })),
    );
    await cluster.connect();
    const feed = new PartitionFeed(`${topicPrefix}lag`, 'lag', 0, { start: 0n, finished: new Set() });
    await refreshEnds([feed], cluster);
    expect(feed.lag).toBe(0);
    feed.paused = true;
    await refreshEnds([feed], cluster);
    expect(feed.lag).toBe(3);
  });

  it('stays what was known where nobody answers', async () => {
    const feed = new PartitionFeed(`${topicPrefix}none`, 'none', 0, { start: 0n, finished: new Set() });
    feed.endsAt(7n);
    feed.paused = true;
    await refreshEnds([feed], cluster);
    expect(feed.lag).toBe(7);
  });
});
