import type { Logger } from '#libs/telemetry';
import type { KafkaMetrics } from './kafka-metrics.js';

export interface KafkaOptions {
  /** host:port */
  brokers: readonly string[];
  clientId: string;
  /** Before every topic, group id and transactional id; no app ever sees it. */
  topicPrefix?: string;
  logger: Logger;
  /** Of topics that are created here; -1, the default, leaves it to the brokers. */
  replicationFactor?: number;
  metrics?: KafkaMetrics;
}

export interface TopicSpec {
  topic: string;
  partitions: number;
  config?: Readonly<Record<string, string>>;
}
