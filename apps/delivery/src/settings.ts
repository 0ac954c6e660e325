import {
  httpSettings,
  kafkaSettings,
  outboundSettings,
  secretsSettings,
  tracingSettings,
  type ConfigTable,
  type ConfigValues,
} from '#libs/config';

/** The configuration of delivery. */
export const deliverySettings = {
  ...kafkaSettings,
  ...httpSettings,
  ...secretsSettings,
  ...outboundSettings,
  ...tracingSettings,
  OUTBOUND_PROXY: {
    type: 'url',
    default: '',
    description:
      'Proxy that all requests to receivers go through, http://host:port or http://user:password@host:port; it is asked with CONNECT for addresses that were resolved and checked here. HTTP_PROXY and its like have no effect',
  },
  LANE_CONCURRENCY: {
    type: 'integer',
    default: 16,
    min: 1,
    max: 1000,
    description: 'Requests of one subscription that may be under way at the same time',
  },
  LANE_SIZE: {
    type: 'integer',
    default: 100,
    min: 1,
    max: 100_000,
    description: 'Deliveries of one subscription that wait in memory before further ones are deferred',
  },
  LANE_PATIENCE_MS: {
    type: 'integer',
    default: 1000,
    description:
      'A lane holds more than its size while all of it will have gone within this, as fast as its endpoint answers, milliseconds',
  },
  MAX_OUTSTANDING: {
    type: 'integer',
    default: 500,
    min: 1,
    max: 10_000,
    description:
      'Records of one partition that a crash would repeat (read, and not known to be finished by a commit) before reading of it pauses',
  },
  CATCH_UP_PER_S: {
    type: 'integer',
    default: 100,
    min: 1,
    description:
      'Retries, replays and deliveries that waited for an endpoint that was down, of all subscriptions together, a second; where more first attempts come, three quarters of these',
  },
  MAX_BODY_BYTES: {
    type: 'integer',
    default: 1_048_576,
    min: 1,
    description: 'Deliveries with a larger body are dead letters, bytes',
  },
  CONNECT_TIMEOUT_MS: {
    type: 'integer',
    default: 5000,
    min: 100,
    description: 'Longest time to connect, TLS included, milliseconds; the whole attempt has its own limit',
  },
  KEEP_ALIVE_MS: {
    type: 'integer',
    default: 15_000,
    min: 100,
    description: 'How long an idle connection is kept where the receiver names no time, milliseconds',
  },
  MAX_CONNECTIONS: {
    type: 'integer',
    default: 2000,
    min: 1,
    description:
      'Open connections to receivers beyond which idle ones are closed, the one used longest ago first; the limit of open files must allow more',
  },
  BREAKER_VOLUME: {
    type: 'integer',
    default: 20,
    min: 1,
    description:
      'Attempts at a failing endpoint within 10 s before its breaker may open; as many failures in a row open it at any pace, and so do 5 attempts in a row without an answer in time',
  },
  BREAKER_RESET_MS: {
    type: 'integer',
    default: 10_000,
    min: 10,
    description:
      'How long a breaker stays open before one attempt is let through, milliseconds; doubles up to 5 min',
  },
} as const satisfies ConfigTable;

export type DeliveryConfig = ConfigValues<typeof deliverySettings>;
