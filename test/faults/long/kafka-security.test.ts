import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../../harness/apps.js';
import { certificatePem, privateKeyPem } from '../../harness/certificates.js';
import { authorityFile } from '../../harness/server-certificates.js';
import { testStack } from '../../harness/stack.js';
import { startSecuredKafka, type SecuredKafka } from './secured-kafka.js';
import { TokenServer } from './token-server.js';
import { WholePipeline } from './whole-pipeline.js';

const stack = testStack();
const password = 'pass-word-of-the-test';
const wrongPassword = 'another-word-of-the-test';

let folder: string;
let tokens: TokenServer;
let kafka: SecuredKafka;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafka-security-'));
  await writeFile(join(folder, 'certificate.pem'), certificatePem('relay'));
  await writeFile(join(folder, 'key.pem'), privateKeyPem('relay'));
  tokens = await TokenServer.start({ 'relay-client': password });
  kafka = await startSecuredKafka({
    plain: { plainly: password },
    scram: { scrambled: password },
    tokenKeysUrl: `${tokens.url}/keys`,
    superUsers: ['User:plainly', 'User:scrambled', 'User:relay-client', 'User:CN=relay of acme'],
  });
});

afterAll(async () => {
  await kafka.stop();
  await tokens.close();
  await rm(folder, { recursive: true });
});

const tls = { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: authorityFile };

function user(mechanism: string, name: string, word = password): Record<string, string> {
  return {
    ...tls,
    KAFKA_BROKERS: kafka.sasl,
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: name,
    KAFKA_SASL_PASSWORD: word,
  };
}

function byToken(word = password): Record<string, string> {
  return { ...user('oauthbearer', 'relay-client', word), KAFKA_SASL_TOKEN_URL: `${tokens.url}/token` };
}

function byCertificate(): Record<string, string> {
  return {
    ...tls,
    KAFKA_BROKERS: kafka.mutual,
    KAFKA_TLS_CERTIFICATE_FILE: join(folder, 'certificate.pem'),
    KAFKA_TLS_KEY_FILE: join(folder, 'key.pem'),
  };
}

describe('with TLS, a change goes its whole way through the four apps', () => {
  it.each<[string, () => Record<string, string>]>([
    ['PLAIN', () => user('plain', 'plainly')],
    ['SCRAM-SHA-512', () => user('scram-sha-512', 'scrambled')],
    ['OAUTHBEARER', byToken],
    ['a certificate of its own', byCertificate],
  ])('by %s', async (name, settings) => {
    const prefix = `${stack.topicPrefix}${name.slice(0, 2)}-`.replace(' ', '');
    const pipeline = await WholePipeline.open(stack, stack);
    try {
      await pipeline.startAll(() => ({ ...settings(), KAFKA_TOPIC_PREFIX: prefix }));
      await pipeline.subscribe('all');
      await pipeline.untilChangeArrives();
      expect(pipeline.output()).not.toContain(password);
    } finally {
      await pipeline.close();
    }
  });

  it('where all connections of an app show the same token', () => {
    expect(tokens.tokens).toBeGreaterThanOrEqual(4);
    expect(tokens.tokens).toBeLessThan(12);
  });
});

describe('an app that Kafka does not let in ends, and says what to do', () => {
  it.each<[string, () => Record<string, string>, RegExp]>([
    [
      'a wrong password of PLAIN',
      () => user('plain', 'plainly', wrongPassword),
      /does not let in plainly .*KAFKA_SASL_PASSWORD/,
    ],
    [
      'a wrong password of SCRAM',
      () => user('scram-sha-512', 'scrambled', wrongPassword),
      /does not let in scrambled .*KAFKA_SASL_PASSWORD/,
    ],
    [
      'an unknown user',
      () => user('scram-sha-512', 'nobody'),
      /does not let in nobody .*KAFKA_SASL_PASSWORD/,
    ],
    [
      'a mechanism that is not offered',
      () => user('scram-sha-256', 'scrambled'),
      /SASL mechanism.*KAFKA_SASL_MECHANISM/,
    ],
    ['a wrong secret for tokens', () => byToken(wrongPassword), /gives no token.*KAFKA_SASL_PASSWORD/],
    [
      'an unknown authority',
      () => ({ ...user('plain', 'plainly'), KAFKA_TLS_CA_FILE: join(folder, 'certificate.pem') }),
      /certificate of Kafka .* KAFKA_TLS_CA_FILE/,
    ],
    [
      'the public authorities only',
      () => ({ ...user('plain', 'plainly'), KAFKA_TLS_CA_FILE: '' }),
      /certificate of Kafka .* KAFKA_TLS_CA_FILE/,
    ],
    [
      'a certificate of another host',
      () => ({ ...user('plain', 'plainly'), KAFKA_BROKERS: kafka.wrongHost }),
      /certificate of Kafka .* another host.*KAFKA_BROKERS/,
    ],
    ['TLS where the broker has none', () => ({ ...tls, KAFKA_BROKERS: kafka.plaintext }), /KAFKA_TLS/],
    ['no TLS where the broker wants it', () => ({ KAFKA_BROKERS: kafka.sasl }), /KAFKA_TLS/],
    [
      'no certificate where the broker wants one',
      () => ({ ...tls, KAFKA_BROKERS: kafka.mutual }),
      /KAFKA_TLS_CERTIFICATE_FILE/,
    ],
  ])('%s', async (_, settings, sentence) => {
    const app = await startRefused(settings());
    expect(await app.ended).toBe(69);
    const last = app.logLines().at(-1);
    expect(last).toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
    expect(String(last?.['msg'])).toMatch(sentence);
    expect(app.output()).not.toContain(password);
    expect(app.output()).not.toContain(wrongPassword);
  });
});

/** With all that it can log. */
function startRefused(settings: Record<string, string>): Promise<StartedApp> {
  const env = {
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    LOG_LEVEL: 'trace',
    ...settings,
  };
  return startApp('router', env, { waitUntilReady: false });
}
