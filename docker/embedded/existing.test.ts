import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCoordinates } from '../../test/harness/coordinates.js';
import { checkExisting } from './existing.js';

/** Takes connections and never says a word. */
let mute: Server;
let mutePort: number;

beforeAll(async () => {
  mute = createServer((socket) => socket.on('error', () => socket.destroy())).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  mutePort = (mute.address() as AddressInfo).port;
});

afterAll(() => {
  mute.close();
});

describe('existing servers', () => {
  const { brokers, schemaRegistryUrl, databaseUrl } = readCoordinates();

  it('are taken when they answer, of several brokers one being enough', async () => {
    await checkExisting({ brokers: ['127.0.0.1:1', ...brokers], schemaRegistryUrl, databaseUrl });
  });

  it('are refused with the variable to look at when nothing listens there', async () => {
    await expect(checkExisting({ brokers: ['127.0.0.1:1'] })).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
      message: expect.stringMatching(/^No Kafka broker answers at 127\.0\.0\.1:1 .*unset KAFKA_BROKERS/),
    });
    await expect(checkExisting({ schemaRegistryUrl: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('SCHEMA_REGISTRY_URL'),
    });
    await expect(checkExisting({ databaseUrl: 'postgres://a:secret@127.0.0.1:1/b' })).rejects.toMatchObject({
      code: 'POSTGRES_UNAVAILABLE',
      message: expect.stringMatching(/postgres:\/\/a:\*\*\*@127\.0\.0\.1:1\/b .*DATABASE_URL/),
    });
  });

  it('are refused when something listens that is not what it should be', async () => {
    const code = (promise: Promise<void>): Promise<unknown> =>
      promise.then(
        () => 'accepted',
        (error: unknown) => (error as { code?: string }).code,
      );
    expect(await code(checkExisting({ brokers: [`127.0.0.1:${mutePort}`] }))).toBe('KAFKA_UNAVAILABLE');
    const postgres = new URL(databaseUrl);
    expect(await code(checkExisting({ brokers: [`${postgres.hostname}:${postgres.port}`] }))).toBe(
      'KAFKA_UNAVAILABLE',
    );
    const wrongPassword = databaseUrl.replace(/:[^:@]*@/, ':wrong@');
    expect(await code(checkExisting({ databaseUrl: wrongPassword }))).toBe('POSTGRES_UNAVAILABLE');
  });
});
