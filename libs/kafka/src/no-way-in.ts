import { messageOf } from '#libs/process';
import type { KafkaOptions } from './kafka-options.js';
import { protocolErrorOf } from './kafkajs-errors.js';

interface Sight {
  /** The brokers. */
  at: string;
  /** Why, in the words of whoever said no. */
  why: string;
  /** Who this app says that it is. */
  user: string;
}

type Sentence = (sight: Sight) => string;

/** By what kafkajs, TLS and the brokers say; the first that fits. */
const sentences: readonly (readonly [RegExp, Sentence])[] = [
  [/gives no token|cannot be asked for a token/, ({ at, why }) => `no token for Kafka at ${at}: ${why}`],
  [
    /support the requested SASL|mechanism is not supported/,
    ({ at, why }) => `Kafka at ${at} does not let anybody in like that (${why}): check KAFKA_SASL_MECHANISM`,
  ],
  [
    /^SASL .*failed/,
    ({ at, why, user }) =>
      `Kafka at ${at} does not let in ${user} (${why}): check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`,
  ],
  [
    /altnames/,
    ({ at, why }) =>
      `the certificate of Kafka at ${at} is of another host (${why}): KAFKA_BROKERS must have a name that stands in it`,
  ],
  [
    /\balert\b/,
    ({ at, why }) =>
      `Kafka at ${at} does not take this app's certificate, or its TLS (${why}): check KAFKA_TLS_CERTIFICATE_FILE and KAFKA_TLS_KEY_FILE`,
  ],
  [
    /certificate|issuer|self.signed/,
    ({ at, why }) => `the certificate of Kafka at ${at} is not trusted (${why}): check KAFKA_TLS_CA_FILE`,
  ],
  [
    /before secure TLS|wrong version number|packet length too long/,
    ({ at, why }) =>
      `Kafka at ${at} does not speak TLS there (${why}): check KAFKA_TLS, and the port in KAFKA_BROKERS`,
  ],
  [
    /Closed connection/,
    ({ at, why }) =>
      `no Kafka broker answers at ${at} (${why}): check that Kafka runs, and whether it wants KAFKA_TLS or KAFKA_SASL_MECHANISM`,
  ],
  [
    /not authorized/i,
    ({ at, why, user }) => `Kafka at ${at} refuses: ${why}; its ACLs must allow it to ${user}`,
  ],
];

/** What an operator reads where Kafka does not answer or does not let this app in: what to look at first. */
export function noWayIn(cause: unknown, { brokers, security }: KafkaOptions): string {
  const sasl = security?.sasl;
  const user = sasl !== undefined && 'username' in sasl ? sasl.username : 'this app';
  const sight = { at: brokers.join(', '), why: messageOf(cause), user };
  const [, sentence] = sentences.find(([pattern]) => pattern.test(sight.why)) ?? [];
  if (sentence !== undefined) {
    return sentence(sight);
  }
  return protocolErrorOf(cause) === undefined
    ? `no Kafka broker answers at ${sight.at} (${sight.why}): check KAFKA_BROKERS and that Kafka runs`
    : `Kafka at ${sight.at} refuses: ${sight.why}`;
}
