import { expect, it } from '@jest/globals';

import { silentLogger } from '#libs/telemetry';
import { noWayIn } from './no-way-in.js';

const options = {
  brokers: ['k:9093'],
  clientId: 'test',
  logger: silentLogger,
  security: { sasl: { mechanism: 'plain' as const, username: 'router', password: 'secret' } },
};

it.each([
  ['SASL PLAIN authentication failed: no', 'does not let in router (.*): check KAFKA_SASL_USERNAME'],
  ['SASL SCRAM SHA512 authentication failed: with SASL mechanism SCRAM', 'does not let in router'],
  ['SASL SCRAM-SHA-256 mechanism is not supported by the server', 'check KAFKA_SASL_MECHANISM'],
  ['The broker does not support the requested SASL mechanism', 'check KAFKA_SASL_MECHANISM'],
  [
    'http://t gives no token (status 401): check KAFKA_SASL_PASSWORD',
    'no token for Kafka at k:9093: http://t',
  ],
  ["Hostname/IP does not match certificate's altnames: no", 'another host .*: KAFKA_BROKERS must'],
  ['unable to verify the first certificate', 'not trusted .*: check KAFKA_TLS_CA_FILE'],
  ['unable to get local issuer', 'not trusted .*: check KAFKA_TLS_CA_FILE'],
  ['SSL routines: sslv3 alert bad certificate', 'check KAFKA_TLS_CERTIFICATE_FILE'],
  ['disconnected before secure TLS connection was established', 'does not speak TLS there'],
  ['Closed connection', 'whether it wants KAFKA_TLS or KAFKA_SASL_MECHANISM'],
  ['Not authorized to access topics: [Topic authorization failed]', 'its ACLs must allow it to router'],
  ['connect ECONNREFUSED', 'no Kafka broker answers at k:9093 .*: check KAFKA_BROKERS and that Kafka runs'],
])('%s: what an operator is told', (why, told) => {
  const sentence = noWayIn(new Error(why), options);
  expect(sentence).toMatch(new RegExp(told));
  expect(sentence).not.toContain('secret');
});
