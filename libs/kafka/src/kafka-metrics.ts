import type { Counter, Metrics } from '#libs/process';
import type { ConsumerOptions } from './consumer.js';

/** What of an app finds that Kafka or the registry does not do what it is asked. */
export type KafkaPart = 'consumer' | 'publisher' | 'transactor' | 'table' | 'request' | 'registry';

const parts: readonly KafkaPart[] = ['consumer', 'publisher', 'transactor', 'table', 'request', 'registry'];

/** By topic, as the apps know it: records that are not finished. */
export type TopicLags = ReadonlyMap<string, number>;

/** What an app does with Kafka and the registry. Labels are its groups and topics, and these are few. */
export class KafkaMetrics {
  private readonly consumed: Counter;
  private readonly published: Counter;
  private readonly failures: Counter;
  private readonly lags = new Map<string, () => TopicLags>();

  constructor(metrics: Metrics) {
    this.consumed = metrics.counters(
      'relay_kafka_consumed_records_total',
      'Records that were taken in hand; after a crash some of them are taken once more',
      ['group', 'topic'],
    );
    this.published = metrics.counters(
      'relay_kafka_published_records_total',
      'Records that the brokers have acknowledged; of a transaction once it is committed',
      ['topic'],
    );
    this.failures = metrics.counters(
      'relay_kafka_failures_total',
      'Calls that Kafka or the registry did not answer as it should, after the tries of the client itself; part: consumer, publisher, transactor, table, request (single questions) or registry',
      ['part'],
    );
    parts.forEach((part) => {
      this.failures.labels(part).inc(0);
    });
    metrics.gauges(
      'relay_kafka_consumer_lag_records',
      'Records of the partitions of this instance that are not finished: sum over the instances',
      ['group', 'topic'],
      () => this.allLags(),
    );
  }

  failuresOf(part: KafkaPart): Counter.Internal {
    return this.failures.labels(part);
  }

  /** Records of one request, topics as Kafka knows them. */
  publishedAll(records: readonly { topic: string }[], prefix: string): void {
    const counts = new Map<string, number>();
    for (const { topic } of records) {
      counts.set(topic, (counts.get(topic) ?? 0) + 1);
    }
    for (const [topic, count] of counts) {
      this.published.labels(topic.slice(prefix.length)).inc(count);
    }
  }

  /** The same consumer, and what it hands out is counted. */
  counting(options: ConsumerOptions): ConsumerOptions {
    const { groupId } = options;
    return {
      ...options,
      onBatch: (batch) => {
        this.consumed.labels(groupId, batch.topic).inc(batch.records.length);
        options.onBatch(batch);
      },
    };
  }

  watch(groupId: string, lag: () => TopicLags): void {
    this.lags.set(groupId, lag);
  }

  /** 0 for a group or topic that is not read here. */
  lagOf(groupId: string, topic: string): number {
    return this.lags.get(groupId)?.().get(topic) ?? 0;
  }

  private allLags(): (readonly [readonly string[], number])[] {
    return [...this.lags].flatMap(([group, lag]) =>
      Array.from(lag(), ([topic, records]) => [[group, topic], records] as const),
    );
  }
}
