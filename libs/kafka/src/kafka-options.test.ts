import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaSettings, loadConfig } from '#libs/config';
import { ClientCredentials } from './client-credentials.js';
import { kafkaOptionsOf, type KafkaOptions } from './kafka-options.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafka-options-'));
  for (const name of ['ca', 'cert', 'key']) await writeFile(join(folder, name), `the ${name}`);
});

afterAll(() => rm(folder, { recursive: true }));

function optionsOf(more: Record<string, string>): Omit<KafkaOptions, 'clientId' | 'logger'> {
  return kafkaOptionsOf(
    loadConfig(kafkaSettings, { KAFKA_BROKERS: 'a:1', SCHEMA_REGISTRY_URL: 'http://r', ...more }),
  );
}

const user = { KAFKA_SASL_USERNAME: 'relay', KAFKA_SASL_PASSWORD: 'top-secret' };

describe('what the settings say of Kafka', () => {
  it('is nothing of TLS and SASL where nothing is set', () => {
    expect(optionsOf({})).toEqual({ brokers: ['a:1'], topicPrefix: '', replicationFactor: -1, security: {} });
  });

  it('is TLS by the public authorities, or by files', () => {
    expect(optionsOf({ KAFKA_TLS: 'true' }).security).toEqual({ ssl: {} });
    const files = {
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: join(folder, 'ca'),
      KAFKA_TLS_CERTIFICATE_FILE: join(folder, 'cert'),
      KAFKA_TLS_KEY_FILE: join(folder, 'key'),
    };
    expect(optionsOf(files).security).toEqual({ ssl: { ca: 'the ca', cert: 'the cert', key: 'the key' } });
  });

  it.each(['plain', 'scram-sha-256', 'SCRAM-SHA-512'])('is %s with user and password', (mechanism) => {
    expect(optionsOf({ KAFKA_SASL_MECHANISM: mechanism, ...user }).security).toEqual({
      sasl: { mechanism: mechanism.toLowerCase(), username: 'relay', password: 'top-secret' },
    });
  });

  it.each<[Record<string, string>, string]>([
    [{ KAFKA_SASL_MECHANISM: 'gssapi', ...user }, 'must be plain, scram-sha-256'],
    [{ KAFKA_SASL_MECHANISM: 'plain' }, 'must be set for plain'],
    [{ KAFKA_SASL_MECHANISM: 'oauthbearer', ...user }, 'KAFKA_SASL_TOKEN_URL must be set'],
    [user, 'KAFKA_SASL_MECHANISM must be set'],
    [{ KAFKA_TLS_CA_FILE: '/nowhere' }, 'KAFKA_TLS must be true'],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: '/nowhere' }, 'cannot be read'],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_KEY_FILE: '/nowhere' }, 'belong together'],
  ])('refuses %j and says why', (settings, why) => {
    expect(() => optionsOf(settings)).toThrow(why);
  });
});

describe('a token for OAUTHBEARER', () => {
  const asked: { authorization: string | undefined; body: string }[] = [];
  let answer = { status: 200, body: { access_token: 'one', expires_in: 3600 } as unknown };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push({ authorization: request.headers.authorization, body });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
    });
  });
  let tokenUrl: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const credentials = (): ClientCredentials =>
    new ClientCredentials({ tokenUrl, scope: 'kafka', clientId: 'relay', secret: 'a:b' });

  it('is asked for once by all connections together, and again when it is about to end', async () => {
    const one = credentials();
    const values = await Promise.all([one.token(), one.token(), one.token()]);
    expect(values).toEqual([{ value: 'one' }, { value: 'one' }, { value: 'one' }]);
    expect(asked).toEqual([
      {
        authorization: `Basic ${Buffer.from('relay:a%3Ab').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=kafka',
      },
    ]);
    answer = { status: 200, body: { access_token: 'short', expires_in: 0 } };
    const short = credentials();
    await short.token();
    await short.token();
    expect(asked).toHaveLength(3);
  });

  it('that is refused is an error that names the settings, and is asked for again', async () => {
    const refused = credentials();
    answer = { status: 401, body: { error: 'invalid_client' } };
    await expect(refused.token()).rejects.toThrow('check KAFKA_SASL_TOKEN_URL');
    answer = { status: 200, body: { access_token: 'two', expires_in: 60 } };
    expect(await refused.token()).toEqual({ value: 'two' });
  });

  it('that nobody gives is an error that says who was asked', async () => {
    const lost = new ClientCredentials({
      tokenUrl: 'http://127.0.0.1:1/token',
      scope: '',
      clientId: 'relay',
      secret: 'a:b',
    });
    await expect(lost.token()).rejects.toThrow('127.0.0.1:1/token cannot be asked for a token');
  });
});
