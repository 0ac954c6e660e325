import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '#libs/telemetry';
import { Kafka } from './kafka.js';
import { kafkajsRetry } from './kafkajs-retry.js';

/** What kafkajs keeps of its options, behind a symbol: every client that it makes starts from this. */
function retryOf(kafka: Kafka): unknown {
  const { client } = kafka as unknown as { client: object };
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === 'private:Kafka:clusterRetry',
  );
  return symbol === undefined ? 'unknown' : (client as Record<symbol, unknown>)[symbol];
}

describe('every kafkajs client', () => {
  it('is given how often to retry, as the defaults wait long and differ under NODE_ENV=test (G22)', () => {
    const kafka = new Kafka({ brokers: ['127.0.0.1:1'], clientId: 'test', logger: silentLogger });
    expect(retryOf(kafka)).toBe(kafkajsRetry);
    expect(kafkajsRetry.maxRetryTime).toBeLessThanOrEqual(2_000);
    expect(kafkajsRetry).toMatchObject({ initialRetryTime: 50, retries: 8 });
  });
});
