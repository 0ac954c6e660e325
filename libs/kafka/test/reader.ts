import { afterAll, afterEach, beforeAll } from '@jest/globals';
import kafkajs from 'kafkajs';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import type { TcpProxy } from '../../../test/harness/tcp-proxy.js';
import {
  Kafka,
  type Consumer,
  type ConsumerOptions,
  type Publisher,
  type RecordBatch,
} from '../src/index.js';

const stack = testStack();
const running: Consumer[] = [];
let topics = 0;

/** Ways into the stack's brokers, for one test file. */
export const via = {} as {
  kafka: Kafka;
  /** Through the proxy. */
  behind: Kafka;
  proxy: TcpProxy;
  publisher: Publisher;
  admin: kafkajs.Admin;
};

beforeAll(async () => {
  via.proxy = await stack.kafkaProxy();
  via.kafka = connectedTo(stack.brokers);
  via.behind = connectedTo([via.proxy.address]);
  via.publisher = await via.kafka.publisher();
  via.admin = new kafkajs.Kafka({ brokers: [...stack.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await via.admin.connect();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.stop()));
});

afterAll(async () => {
  await via.kafka.close();
  await via.behind.close();
  await via.admin.disconnect();
});

function connectedTo(brokers: readonly string[]): Kafka {
  return new Kafka({ brokers, clientId: 'test', topicPrefix: stack.topicPrefix, logger: silentLogger });
}

export async function freshTopic(partitions: number, config: Record<string, string> = {}): Promise<string> {
  const topic = `topic-${++topics}`;
  await via.kafka.ensureTopics([{ topic, partitions, config }]);
  return topic;
}

/** Values 0, 1, 2 … of one partition. */
export async function write(topic: string, partition: number, count: number, from = 0): Promise<void> {
  await via.publisher.publish(
    upTo(count, from).map((value) => ({ topic, partition, key: 'k', value: String(value) })),
  );
}

/** What Kafka has for the group, as text. */
export async function committed(
  groupId: string,
  topic: string,
  partition: number,
): Promise<string | undefined> {
  const [found] = await via.admin.fetchOffsets({
    groupId: stack.topicPrefix + groupId,
    topics: [stack.topicPrefix + topic],
  });
  return found?.partitions.find((each) => each.partition === partition)?.offset;
}

/** As retention does it. */
export async function deleteBefore(topic: string, partition: number, offset: string): Promise<void> {
  await via.admin.deleteTopicRecords({
    topic: stack.topicPrefix + topic,
    partitions: [{ partition, offset }],
  });
}

/** A consumer that keeps what it gets and acknowledges what `acknowledge` says, at once or later. */
export class Reader {
  readonly batches: RecordBatch[] = [];
  readonly got: string[] = [];
  readonly lost: string[] = [];
  readonly crashes: Error[] = [];
  acknowledge: (value: number, batch: RecordBatch) => boolean = () => true;
  consumer: Consumer | undefined;

  async start(
    from: Kafka,
    options: Pick<ConsumerOptions, 'groupId' | 'topics'> & Partial<ConsumerOptions>,
  ): Promise<this> {
    this.consumer = await from.consumer({
      drainTimeoutMs: 0,
      onBatch: (batch) => {
        this.take(batch);
      },
      onLost: (lost) => {
        this.lost.push(...lost.map(({ topic, partition }) => `${topic}/${partition}`));
      },
      onCrash: (error) => {
        this.crashes.push(error);
      },
      ...options,
    });
    running.push(this.consumer);
    return this;
  }

  take(batch: RecordBatch): void {
    this.batches.push(batch);
    for (const record of batch.records) {
      this.got.push(`${batch.topic}/${batch.partition}:${String(record.value)}`);
      if (this.acknowledge(Number(record.value), batch)) {
        batch.ack(record.offset);
      }
    }
  }

  /** Acknowledges everything it has, also what was taken away. */
  ackAll(): void {
    for (const batch of this.batches) {
      for (const { offset } of batch.records) {
        batch.ack(offset);
      }
    }
  }

  valuesOf(topic: string, partition: number): number[] {
    const prefix = `${topic}/${partition}:`;
    return this.got
      .filter((each) => each.startsWith(prefix))
      .map((each) => Number(each.slice(prefix.length)));
  }

  partitions(): Set<string> {
    return new Set(this.batches.map(({ topic, partition }) => `${topic}/${partition}`));
  }
}

/** `count` numbers from 0, or from `from`. */
export const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
