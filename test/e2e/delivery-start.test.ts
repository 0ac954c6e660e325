import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../harness/eventually.js';
import { Scrape } from '../harness/metrics.js';
import { startReceiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { DeliveryFixture } from './delivery-fixture.js';

const stack = testStack();
let fixture: DeliveryFixture;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
});
afterAll(() => fixture.close());

/** What the app says when it cannot start. */
async function startWith(env: Readonly<Record<string, string>>): Promise<string> {
  return fixture.startApp(env).then(
    () => 'it started',
    (error: unknown) => String(error),
  );
}

describe('delivery does not start', () => {
  it.each([
    ['without the key of the secrets', { SECRETS_KEY: '' }, 'ended (78)', 'SECRETS_KEY'],
    ['with a key that is none', { SECRETS_KEY: 'abc' }, 'ended (78)', 'SECRETS_KEY must be 32 random bytes'],
    ['with a receiver that is none', { ALLOWED_RECEIVERS: '10.0.0.0/99' }, 'ended (78)', '10.0.0.0/99'],
    [
      'with a port that is none',
      { ALLOWED_PORTS: '443, 99999' },
      'ended (78)',
      'is no port: give numbers from 1 to 65535',
    ],
    [
      'with a proxy that it cannot speak to',
      { OUTBOUND_PROXY: 'socks5://me:hidden@proxy:1080' },
      'ended (78)',
      'OUTBOUND_PROXY must be http://host:port',
    ],
    [
      'without Kafka',
      { KAFKA_BROKERS: '127.0.0.1:1' },
      'ended (69)',
      'no Kafka broker answers at 127.0.0.1:1',
    ],
  ])('%s, and says so in a sentence', async (_, env, exit, sentence) => {
    const said = await startWith(env);
    expect(said).toContain(exit);
    expect(said).toContain(sentence);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('where another process has its port', async () => {
    const receiver = await startReceiver();
    const said = await startWith({ HTTP_PORT: String(receiver.port) });
    expect(said).toContain('ended (73)');
    expect(said).toContain('set HTTP_PORT to a free port');
    await receiver.close();
  });

  it('with another key than that of control, which would make every delivery a dead letter', async () => {
    await fixture.subscribe(fixture.subscription('sub-1', 'http://127.0.0.1:1/'));
    const said = await startWith({ SECRETS_KEY: randomBytes(32).toString('base64') });
    expect(said).toContain('ended (78)');
    expect(said).toContain('give delivery the SECRETS_KEY of control');
  });
});

describe('delivery', () => {
  it('is ready when it has joined, and prints no secret', async () => {
    const app = await fixture.startApp();
    const ready = await fetch(`${app.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(app.output()).not.toContain(fixture.secretsKey);
    expect(await app.stop()).toBe(0);
  });

  it('tells Prometheus what becomes of deliveries, without naming a subscription', async () => {
    const receiver = await startReceiver();
    const app = await fixture.startApp();
    await fixture.subscribe(fixture.subscription('sub-metrics', receiver.url));
    await fixture.send([fixture.task('sub-metrics'), fixture.task('sub-metrics')]);
    await eventually(async () => {
      const scrape = await Scrape.of(app.url);
      expect(scrape.value('relay_delivery_outcomes_total{outcome="delivered"}')).toBe(2);
      expect(scrape.value('relay_delivery_attempts_total{outcome="delivered",status_class="2xx"}')).toBe(2);
      expect(scrape.value('relay_delivery_breakers{state="open"}')).toBe(0);
      expect(scrape.text).toMatch(/^relay_delivery_connections [12]$/m);
      expect(scrape.value('relay_delivery_first_attempt_latency_seconds_count')).toBe(2);
      expect(scrape.value('relay_delivery_end_to_end_latency_seconds_bucket{le="30"}')).toBe(2);
      expect(scrape.value('relay_delivery_end_to_end_latency_seconds_sum')).toBeLessThan(60);
      expect(scrape.text).toContain('process_resident_memory_bytes');
      expect(scrape.text).not.toContain('sub-metrics');
      expect(scrape.undocumented()).toEqual([]);
      return true;
    });
    expect(await app.stop()).toBe(0);
    await receiver.close();
  });

  it('tells Prometheus what waits to be retried, what is dead, and which subscriptions are disabled', async () => {
    const receiver = await startReceiver(503);
    const app = await fixture.startApp();
    await fixture.subscribe(
      fixture.subscription('sub-waits', receiver.url, { settings: { retryDelaysMs: [300_000] } }),
    );
    await fixture.subscribe(
      fixture.subscription('sub-dead', receiver.url, { settings: { retryDelaysMs: [], disableAfter: 1 } }),
    );
    const before = await Scrape.of(app.url);
    await fixture.send([fixture.task('sub-waits'), fixture.task('sub-dead', { redrive: null })]);
    await fixture.publisher.publish([{ topic: 'relay.deliveries', key: 'none', value: Buffer.from('none') }]);
    await eventually(async () => {
      const scrape = await Scrape.of(app.url);
      const rise = (series: string): number => (scrape.value(series) ?? 0) - (before.value(series) ?? 0);
      expect(rise('relay_delivery_attempts_total{outcome="failed",status_class="5xx"}')).toBe(2);
      expect(rise('relay_delivery_dead_letters_total{reason="attempts-exhausted"}')).toBe(1);
      expect(rise('relay_delivery_rejected_records_total')).toBe(1);
      expect(rise('relay_delivery_retries_waiting{tier="5m"}')).toBe(1);
      expect(rise('relay_delivery_subscriptions{state="disabled"}')).toBe(1);
      const first = '{group="relay-delivery",topic="relay.deliveries"}';
      expect(rise(`relay_kafka_consumed_records_total${first}`)).toBe(3);
      expect(scrape.value(`relay_kafka_consumer_lag_records${first}`)).toBe(0);
      expect(rise('relay_kafka_published_records_total{topic="relay.deliveries.dead"}')).toBe(1);
      return true;
    });
    expect(await app.stop()).toBe(0);
    await receiver.close();
  });
});
