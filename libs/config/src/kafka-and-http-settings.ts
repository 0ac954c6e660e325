import type { ConfigTable } from './config-table.js';

/** Settings of every app that talks to Kafka. */
export const kafkaSettings = {
  KAFKA_BROKERS: { type: 'list', description: 'Kafka bootstrap brokers, host:port, separated by commas' },
  SCHEMA_REGISTRY_URL: {
    type: 'url',
    description: "Schema registry with Confluent's API, e.g. http://registry:8080/apis/ccompat/v7",
  },
  KAFKA_TOPIC_PREFIX: {
    type: 'text',
    default: '',
    description:
      'Put before every topic, group, transaction id and subject: several installations in one cluster',
  },
  KAFKA_REPLICATION_FACTOR: {
    type: 'integer',
    default: -1,
    min: -1,
    max: 32_767,
    description: "Copies of each topic that this app makes; -1 leaves it to the brokers' default",
  },
  KAFKA_TLS: { type: 'boolean', default: false, description: 'Whether the brokers are reached by TLS' },
  KAFKA_TLS_CA_FILE: {
    type: 'text',
    default: '',
    description: "Path of the authorities (PEM) of the brokers' certificates; if empty, the public ones",
  },
  KAFKA_TLS_CERTIFICATE_FILE: {
    type: 'text',
    default: '',
    description: "Path of this app's own certificate (PEM), where the brokers ask for one",
  },
  KAFKA_TLS_KEY_FILE: { type: 'text', default: '', description: 'Path of its key (PEM)' },
  KAFKA_SASL_MECHANISM: {
    type: 'text',
    default: '',
    description:
      'plain, scram-sha-256, scram-sha-512 or oauthbearer; if empty, the brokers do not ask who it is',
  },
  KAFKA_SASL_USERNAME: {
    type: 'text',
    default: '',
    description: 'User of plain and scram; of oauthbearer the client id',
  },
  KAFKA_SASL_PASSWORD: {
    type: 'text',
    default: '',
    secret: true,
    description: 'Its password; of oauthbearer the client secret',
  },
  KAFKA_SASL_TOKEN_URL: {
    type: 'url',
    default: '',
    description: 'Where tokens for oauthbearer are got, by the grant of client credentials',
  },
  KAFKA_SASL_SCOPE: { type: 'text', default: '', description: 'Scope that is asked for there' },
  LOG_LEVEL: {
    type: 'text',
    default: 'info',
    description: 'trace, debug, info, warn, error, fatal or silent',
  },
} as const satisfies ConfigTable;

/** Where an app serves its probes (and control its API). */
export const httpSettings = {
  HTTP_HOST: { type: 'text', default: '127.0.0.1', description: 'Address to listen on' },
  HTTP_PORT: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 65535,
    description: 'Port to listen on; 0 takes any free one',
  },
  START_PATIENCE_MS: {
    type: 'integer',
    default: 0,
    min: 0,
    description:
      'How long an app waits, not ready, for Kafka, the registry and Postgres where they do not answer when it starts, before it ends, milliseconds',
  },
} as const satisfies ConfigTable;
