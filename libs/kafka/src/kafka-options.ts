import { readFileSync } from 'node:fs';
import type { KafkaConfig } from 'kafkajs';
import type { ConfigValues, kafkaSettings } from '#libs/config';
import { messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { ClientCredentials } from './client-credentials.js';
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
  /** How the brokers are known, and how they know who asks. */
  security?: KafkaSecurity;
}

export interface TopicSpec {
  topic: string;
  partitions: number;
  config?: Readonly<Record<string, string>>;
}

export type KafkaSecurity = Pick<KafkaConfig, 'ssl' | 'sasl'>;

export type KafkaSettings = ConfigValues<typeof kafkaSettings>;

/**
 * What an app's settings say of the cluster.
 * @throws RelayError CONFIG_INVALID where a file cannot be read or a mechanism lacks something.
 */
export function kafkaOptionsOf(settings: KafkaSettings): Omit<KafkaOptions, 'clientId' | 'logger'> {
  return {
    brokers: settings.KAFKA_BROKERS,
    topicPrefix: settings.KAFKA_TOPIC_PREFIX,
    replicationFactor: settings.KAFKA_REPLICATION_FACTOR,
    security: { ...tlsOf(settings), ...saslOf(settings) },
  };
}

function tlsOf(settings: KafkaSettings): Pick<KafkaSecurity, 'ssl'> {
  const { KAFKA_TLS_CA_FILE, KAFKA_TLS_CERTIFICATE_FILE, KAFKA_TLS_KEY_FILE } = settings;
  const files = { ca: KAFKA_TLS_CA_FILE, cert: KAFKA_TLS_CERTIFICATE_FILE, key: KAFKA_TLS_KEY_FILE };
  if (!settings.KAFKA_TLS) {
    refuse(
      Object.values(files).some((file) => file !== ''),
      'KAFKA_TLS must be true where files are given for it',
    );
    return {};
  }
  refuse(
    (files.cert === '') !== (files.key === ''),
    'KAFKA_TLS_CERTIFICATE_FILE and KAFKA_TLS_KEY_FILE belong together',
  );
  const given = Object.entries(files).filter(([, file]) => file !== '');
  return { ssl: Object.fromEntries(given.map(([name, file]) => [name, read(file)])) };
}

function saslOf(settings: KafkaSettings): Pick<KafkaSecurity, 'sasl'> {
  const mechanism = settings.KAFKA_SASL_MECHANISM.toLowerCase();
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (mechanism === '') {
    refuse(
      username !== '' || password !== '',
      'KAFKA_SASL_MECHANISM must be set where a user name or password is',
    );
    return {};
  }
  refuse(
    username === '' || password === '',
    `KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set for ${mechanism}`,
  );
  switch (mechanism) {
    case 'plain':
    case 'scram-sha-256':
    case 'scram-sha-512':
      return { sasl: { mechanism, username, password } as NonNullable<KafkaSecurity['sasl']> };
    case 'oauthbearer': {
      const { KAFKA_SASL_TOKEN_URL: tokenUrl, KAFKA_SASL_SCOPE: scope } = settings;
      refuse(tokenUrl === '', 'KAFKA_SASL_TOKEN_URL must be set for oauthbearer');
      const credentials = new ClientCredentials({ tokenUrl, scope, clientId: username, secret: password });
      return { sasl: { mechanism, oauthBearerProvider: () => credentials.token() } };
    }
    default:
      throw new RelayError(
        'CONFIG_INVALID',
        `KAFKA_SASL_MECHANISM must be plain, scram-sha-256, scram-sha-512 or oauthbearer, not "${mechanism}"`,
      );
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RelayError('CONFIG_INVALID', `a file for TLS to Kafka cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function refuse(isWrong: boolean, sentence: string): void {
  if (isWrong) {
    throw new RelayError('CONFIG_INVALID', sentence);
  }
}
