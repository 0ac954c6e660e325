import type { Logger } from '#libs/telemetry';
import type { KafkaMetrics } from './kafka-metrics.js';
import { kafkaOptionsOf, type KafkaSettings } from './kafka-options.js';
import { Kafka } from './kafka.js';
import { SchemaRegistry } from './schema-registry.js';

export interface Connections {
  kafka: Kafka;
  registry: SchemaRegistry;
}

/**
 * What an app reaches Kafka and the registry by, as its settings say.
 * @throws RelayError CONFIG_INVALID where these do not fit together
 */
export function connectionsOf(
  settings: KafkaSettings,
  clientId: string,
  { metrics, logger }: { metrics: KafkaMetrics; logger: Logger },
): Connections {
  const { SCHEMA_REGISTRY_URL: url, KAFKA_TOPIC_PREFIX: topicPrefix } = settings;
  return {
    kafka: new Kafka({ ...kafkaOptionsOf(settings), clientId, metrics, logger }),
    registry: new SchemaRegistry({ url, topicPrefix, metrics, logger }),
  };
}
