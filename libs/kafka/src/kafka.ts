import kafkajs from 'kafkajs';
import type { Kafka as KafkajsClient, Producer } from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster/index.js';
import { delay, RelayError } from '#libs/process';
import { createCluster } from './cluster.js';
import type { Consumer, ConsumerOptions } from './consumer.js';
import { GroupConsumer } from './group-consumer.js';
import type { KafkaPart } from './kafka-metrics.js';
import type { KafkaOptions, TopicSpec } from './kafka-options.js';
import { protocolErrorOf } from './kafkajs-errors.js';
import { kafkajsLogCreator, kafkajsLogLevel } from './kafkajs-log.js';
import { repairKafkajs } from './kafkajs-repairs.js';
import { kafkajsRetry, transactionRetry } from './kafkajs-retry.js';
import { LogReader, type ReadOptions } from './log-reader.js';
import { noWayIn } from './no-way-in.js';
import { OutageLog } from './outage-log.js';
import { stablePartitioner } from './partitioner.js';
import { QueueingPublisher, type Publisher, type PublisherOptions } from './publisher.js';
import { intersection, pagesOfRange, type OffsetRange, type RangePage } from './range-reader.js';
import type { IncomingRecord } from './record.js';
import { TopicFollower } from './topic-follower.js';
import { topicOffsets, type OffsetQuestion, type Offsets } from './topic-offsets.js';
import { LiveTopicTable, type TopicTable, type TopicTableOptions } from './topic-table.js';
import { KafkaTransactor, type Transactor, type TransactorOptions } from './transactor.js';

const connectTimeoutMs = 3_000;
const requestTimeoutMs = 10_000;
/** At start-up only: later outages are waited for. */
const firstContactTimeoutMs = 10_000;
const topicPollMs = 100;
/** A busy broker may take long to lead new partitions. */
const topicPatienceMs = 60_000;

/** The entrance to everything this library does with one Kafka cluster. */
export class Kafka {
  private readonly client: KafkajsClient;
  private readonly cluster: Cluster;
  private readonly prefix: string;
  private readonly open = new Set<{ close(): Promise<void> }>();
  private contact: Promise<void> | undefined;

  constructor(private readonly options: KafkaOptions) {
    repairKafkajs();
    this.prefix = options.topicPrefix ?? '';
    this.client = new kafkajs.Kafka({
      clientId: options.clientId,
      brokers: [...options.brokers],
      ...options.security,
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      retry: kafkajsRetry,
      logLevel: kafkajsLogLevel(options.logger),
      logCreator: kafkajsLogCreator(options.logger),
    });
    this.cluster = createCluster(this.client);
  }

  /** Creates the topics that are missing and waits until they can be used; those that exist are left alone. */
  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.firstContact();
    const existing = await this.topicNames();
    const missing = specs.filter(({ topic }) => !existing.has(this.prefix + topic));
    if (missing.length > 0) {
      await this.createTopics(missing);
    }
    // Also those that another app has made just now and that have no leader yet.
    await Promise.all(specs.map(({ topic }) => this.untilUsable(this.prefix + topic)));
  }

  /** Names of the topics that exist. @throws RelayError KAFKA_UNAVAILABLE */
  async topicsWithPrefix(prefix: string): Promise<string[]> {
    await this.firstContact();
    const names = await this.cluster
      .refreshMetadata()
      .then(() => this.topicNames())
      .catch((error: unknown) => {
        throw this.unavailable(error);
      });
    return [...names]
      .filter((name) => name.startsWith(this.prefix + prefix))
      .map((name) => name.slice(this.prefix.length));
  }

  private async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    const admin = this.client.admin({ retry: kafkajsRetry });
    try {
      await admin.connect();
      await admin.createTopics({
        waitForLeaders: false,
        topics: specs.map(({ topic, partitions, config = {} }) => ({
          topic: this.prefix + topic,
          numPartitions: partitions,
          replicationFactor: this.options.replicationFactor ?? -1,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        })),
      });
    } catch (error) {
      throw this.unavailable(error);
    } finally {
      await admin.disconnect();
    }
  }

  private async untilUsable(topic: string): Promise<void> {
    const deadline = performance.now() + topicPatienceMs;
    for (;;) {
      try {
        await topicOffsets(this.cluster, topic, 'end');
        return;
      } catch (error) {
        if (performance.now() > deadline) {
          throw this.unavailable(error);
        }
        await delay(topicPollMs);
        await this.cluster.refreshMetadata().catch(() => undefined);
      }
    }
  }

  /** @throws RelayError KAFKA_UNAVAILABLE when no broker answers. */
  async publisher(options: PublisherOptions = {}): Promise<Publisher> {
    await this.firstContact();
    const outage = this.outageLog('cannot publish', 'publisher');
    const make = (): Producer => this.producer();
    const { metrics } = this.options;
    return this.opened(QueueingPublisher.open(make, outage, { ...options, prefix: this.prefix, metrics }));
  }

  /** Fences any other instance with this id. @throws RelayError KAFKA_UNAVAILABLE when no broker answers. */
  async transactor(options: TransactorOptions): Promise<Transactor> {
    await this.firstContact();
    const { transactionTimeoutMs = 60_000 } = options;
    const transactionalId = this.prefix + options.transactionalId;
    return this.opened(
      KafkaTransactor.open(() => this.producer({ transactionalId, transactionTimeoutMs }), {
        transactionalId: options.transactionalId,
        transactionTimeoutMs,
        prefix: this.prefix,
        outage: this.outageLog('cannot write a transaction', 'transactor'),
        metrics: this.options.metrics,
      }),
    );
  }

  /** Joins the group; resolves when it has partitions to read. @throws RelayError KAFKA_UNAVAILABLE when no broker answers. */
  async consumer(options: ConsumerOptions): Promise<Consumer> {
    await this.firstContact();
    const { client, cluster, prefix } = this;
    const { logger, metrics } = this.options;
    const outage = this.outageLog(`consumer group ${options.groupId} cannot reach Kafka`, 'consumer');
    const counted = metrics?.counting(options) ?? options;
    const consumer = new GroupConsumer(counted, { client, cluster, prefix, logger, outage });
    metrics?.watch(options.groupId, () => consumer.lag());
    await this.opened(consumer.start().then(() => ({ close: () => consumer.stop() })));
    return consumer;
  }

  /** Resolves when the topic is read to its end as of now. @throws RelayError KAFKA_UNAVAILABLE when no broker answers. */
  async topicTable<V>(options: TopicTableOptions<V>): Promise<TopicTable<V>> {
    await this.firstContact();
    const { logger, metrics } = this.options;
    const context = { cluster: createCluster(this.client), prefix: this.prefix, logger, metrics };
    return this.opened(LiveTopicTable.open(options, context));
  }

  /** Everything committed in the topic up to its end as of now. */
  async readToEnd(topic: string, options?: ReadOptions): Promise<IncomingRecord[]> {
    const all: IncomingRecord[] = [];
    const take = (records: readonly IncomingRecord[]): void => {
      for (const record of records) {
        all.push(record);
      }
    };
    await this.readEach(topic, take, options);
    return all;
  }

  /** The same in portions, each partition in its order, so that a large topic needs no memory. */
  async readEach(
    topic: string,
    take: (records: readonly IncomingRecord[]) => Promise<void> | void,
    options?: ReadOptions,
  ): Promise<void> {
    await this.firstContact();
    const cluster = createCluster(this.client);
    try {
      await cluster.connect();
      await new LogReader(cluster, this.prefix + topic, topic).readToEnd(take, options);
    } catch (error) {
      throw error instanceof RelayError ? error : this.unavailable(error);
    } finally {
      await cluster.disconnect();
    }
  }

  /** Of each partition. @throws RelayError KAFKA_UNAVAILABLE */
  async offsets(topic: string, of: OffsetQuestion): Promise<Offsets> {
    await this.firstContact();
    try {
      return await topicOffsets(this.cluster, this.prefix + topic, of);
    } catch (error) {
      throw this.unavailable(error);
    }
  }

  /** What a topic's config has under a name; undefined where it has no such entry. @throws RelayError KAFKA_UNAVAILABLE */
  async topicConfig(topic: string, name: string): Promise<string | undefined> {
    await this.firstContact();
    const admin = this.client.admin({ retry: kafkajsRetry });
    try {
      await admin.connect();
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          { type: kafkajs.ConfigResourceTypes.TOPIC, name: this.prefix + topic, configNames: [name] },
        ],
      });
      return resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue;
    } catch (error) {
      throw this.unavailable(error);
    } finally {
      await admin.disconnect();
    }
  }

  /** Of the one topic, at no position yet. @throws RelayError KAFKA_UNAVAILABLE */
  async follower(topic: string): Promise<TopicFollower> {
    await this.firstContact();
    const names = { kafkaTopic: this.prefix + topic, topic };
    return this.opened(TopicFollower.open(createCluster(this.client), names));
  }

  /**
   * The committed records of a range, as far as the topic has it now, page by page, as fast as they are taken.
   * @throws RelayError KAFKA_UNAVAILABLE: go on at the last page's `next`.
   */
  async *readRange(topic: string, range: OffsetRange): AsyncGenerator<RangePage, void, void> {
    await this.firstContact();
    const cluster = createCluster(this.client);
    try {
      await cluster.connect();
      const kafkaTopic = this.prefix + topic;
      const starts = await topicOffsets(cluster, kafkaTopic, 'start');
      const ends = await topicOffsets(cluster, kafkaTopic, 'end');
      const present = intersection(range, starts.get(range.partition), ends.get(range.partition));
      yield* pagesOfRange(new LogReader(cluster, kafkaTopic, topic), present);
    } catch (error) {
      throw error instanceof RelayError ? error : this.unavailable(error);
    } finally {
      await cluster.disconnect();
    }
  }

  /**
   * The last committed records of some partitions: of each what its last `offsets` offsets hold, in their order.
   * @throws RelayError KAFKA_UNAVAILABLE
   */
  async readTail(topic: string, partitions: readonly number[], offsets: number): Promise<IncomingRecord[]> {
    await this.firstContact();
    const cluster = createCluster(this.client);
    try {
      await cluster.connect();
      const records: IncomingRecord[] = [];
      const reader = new LogReader(cluster, this.prefix + topic, topic);
      await reader.readTail(partitions, BigInt(offsets), (page) => {
        records.push(...page);
      });
      return records;
    } catch (error) {
      throw error instanceof RelayError ? error : this.unavailable(error);
    } finally {
      await cluster.disconnect();
    }
  }

  /** One record; undefined where it, or its topic, is no more. @throws RelayError KAFKA_UNAVAILABLE */
  async recordAt(topic: string, partition: number, offset: bigint): Promise<IncomingRecord | undefined> {
    const range = { partition, from: offset, to: offset + 1n };
    try {
      const { value } = await this.readRange(topic, range).next();
      return value?.records.find((record) => record.offset === offset);
    } catch (error) {
      if (protocolErrorOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') {
        return undefined;
      }
      throw error;
    }
  }

  /** How many offsets a group is behind, over all partitions of the topics, or of all topics it has committed in. */
  async lag(groupId: string, topics?: readonly string[]): Promise<bigint> {
    await this.firstContact();
    const admin = this.client.admin({ retry: kafkajsRetry });
    try {
      await admin.connect();
      const committed = await admin.fetchOffsets({
        groupId: this.prefix + groupId,
        ...(topics === undefined ? {} : { topics: topics.map((topic) => this.prefix + topic) }),
      });
      let lag = 0n;
      for (const { topic, partitions } of committed) {
        const starts = await topicOffsets(this.cluster, topic, 'start');
        const ends = await topicOffsets(this.cluster, topic, 'end');
        for (const { partition, offset } of partitions) {
          const from = offset === '-1' ? (starts.get(partition) ?? 0n) : BigInt(offset);
          lag += (ends.get(partition) ?? 0n) - from;
        }
      }
      return lag;
    } finally {
      await admin.disconnect();
    }
  }

  /** Closes everything that was opened here and is still open. */
  async close(): Promise<void> {
    const open = [...this.open];
    this.open.clear();
    await Promise.all(open.map((each) => each.close()));
    await this.cluster.disconnect();
  }

  private producer(transaction?: { transactionalId: string; transactionTimeoutMs: number }): Producer {
    return this.client.producer({
      createPartitioner: stablePartitioner,
      idempotent: true,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      ...(transaction === undefined
        ? { retry: kafkajsRetry }
        : {
            retry: transactionRetry,
            transactionalId: transaction.transactionalId,
            transactionTimeout: transaction.transactionTimeoutMs,
            maxInFlightRequests: 1,
          }),
    });
  }

  /** For `close`. What goes wrong at the start is told by a RelayError in any case. */
  private async opened<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
    try {
      const closeable = await opening;
      const close = closeable.close.bind(closeable);
      closeable.close = () => {
        this.open.delete(closeable);
        return close();
      };
      this.open.add(closeable);
      return closeable;
    } catch (error) {
      throw error instanceof RelayError ? error : this.unavailable(error);
    }
  }

  private outageLog(what: string, part: KafkaPart): OutageLog {
    const { logger, metrics } = this.options;
    return new OutageLog(logger, what, metrics?.failuresOf(part));
  }

  private async topicNames(): Promise<Set<string>> {
    const { topicMetadata } = await this.cluster.metadata({ topics: [] });
    return new Set(topicMetadata.map(({ topic }) => topic));
  }

  private firstContact(): Promise<void> {
    this.contact ??= this.connect().catch((error: unknown) => {
      this.contact = undefined;
      throw error;
    });
    return this.contact;
  }

  private async connect(): Promise<void> {
    const inTime = new AbortController();
    const late = delay(firstContactTimeoutMs, inTime.signal).then(() => {
      throw new Error(`no answer within ${firstContactTimeoutMs / 1000} s`);
    });
    try {
      await Promise.race([this.cluster.connect(), late]);
      await this.cluster.refreshMetadata();
    } catch (error) {
      void this.cluster.disconnect().catch(() => undefined);
      throw this.unavailable(error);
    } finally {
      late.catch(() => undefined);
      inTime.abort();
    }
  }

  private unavailable(cause: unknown): RelayError {
    this.options.metrics?.failuresOf('request').inc();
    return new RelayError('KAFKA_UNAVAILABLE', noWayIn(cause, this.options), { cause });
  }
}
