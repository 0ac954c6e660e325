import { beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { Transactor } from '#libs/kafka';
import { RelayError } from '#libs/process';
import { subscriptionSchema, subscriptionTopics, subscriptionTopicSpecs } from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { startApp } from '../../../test/harness/apps.js';
import { eventually } from '../../../test/harness/eventually.js';
import { Outbox } from '../src/feed/outbox.js';
import { SubscriptionFeed } from '../src/feed/subscription-feed.js';
import { openDataSource } from '../src/persistence/data-source.js';
import { subscriptions } from '../src/persistence/rows.js';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
const localApi = (port: number): Api => new Api(`http://127.0.0.1:${port}`);
const feedId = 'relay-control-feed';

beforeAll(async () => {
  await control.kafka.ensureTopics(subscriptionTopicSpecs);
});

/** A feed on a database of its own, whose transactors the test makes. */
async function feedOn(databaseUrl: string, openTransactor: () => Promise<Transactor>) {
  const dataSource = await openDataSource(databaseUrl, silentLogger);
  const outbox = new Outbox(dataSource);
  const codec = await control.registry.register(
    subscriptionTopics.subscriptions,
    'value',
    subscriptionSchema,
  );
  const feed = new SubscriptionFeed({
    databaseUrl,
    dataSource,
    outbox,
    codec,
    openTransactor,
    logger: silentLogger,
  });
  const write = (id: string, url: string): Promise<string> =>
    dataSource.transaction(async (manager) => {
      const now = new Date();
      await manager.upsert(
        subscriptions,
        {
          id,
          applicationId: 'default',
          database: 'acme',
          eventTypes: ['product.created'],
          format: 'json',
          url,
          secrets: ['v1.x.y.z'],
          signature: 'hmac',
          disclosed: {},
          settings: {},
          enabled: true,
          enabledEpoch: 0,
          sinceMs: 1n,
          createdAt: now,
          updatedAt: now,
        },
        ['id'],
      );
      return outbox.append(manager, { subscriptionId: id });
    });
  const stop = async (): Promise<void> => {
    await feed.stop();
    await dataSource.destroy();
  };
  return { feed, outbox, write, stop };
}

const realTransactor = (): Promise<Transactor> => control.kafka.transactor({ transactionalId: feedId });

/** The URLs that stand in the topic for a subscription, oldest first. */
async function urlsOf(id: string): Promise<(string | undefined)[]> {
  const urls: (string | undefined)[] = [];
  for (const record of await control.published()) {
    if (String(record.key) === id) {
      const decoded = record.value === null ? undefined : await control.registry.decode(record.value);
      urls.push(decoded?.kind === 'decoded' ? (decoded.value as { url: string }).url : undefined);
    }
  }
  return urls;
}

describe('the feed', () => {
  it('publishes what was committed before it started', async () => {
    const { feed, outbox, write, stop } = await feedOn(await control.stack.freshDatabase(), realTransactor);
    const sequence = await write('sub_before', 'https://a.example/');
    expect(await outbox.waitUntilPublished(sequence, 100)).toBe(false);
    feed.start();
    expect(await outbox.waitUntilPublished(sequence, 30_000)).toBe(true);
    expect(await urlsOf('sub_before')).toEqual(['https://a.example/']);
    await stop();
  });

  it('keeps an entry until its state is acknowledged, however often that fails, and then publishes the latest', async () => {
    let refusals = 3;
    const refusing = async (): Promise<Transactor> => {
      const real = await realTransactor();
      return {
        transact: (records) =>
          refusals-- > 0
            ? Promise.reject(new RelayError('PUBLISH_FAILED', 'refused'))
            : real.transact(records),
        ready: () => undefined,
        close: () => real.close(),
      };
    };
    const { feed, outbox, write, stop } = await feedOn(await control.stack.freshDatabase(), refusing);
    const first = await write('sub_refused', 'https://a.example/1');
    feed.start();
    await eventually(() => feed.notReady()?.includes('refused'));
    const second = await write('sub_refused', 'https://a.example/2');
    expect(await outbox.waitUntilPublished(first, 30_000)).toBe(true);
    expect(await outbox.waitUntilPublished(second, 30_000)).toBe(true);
    expect((await urlsOf('sub_refused')).at(-1)).toBe('https://a.example/2');
    expect(feed.notReady()).toBeUndefined();
    await stop();
  });

  it('publishes again what it published just before it crashed, as it is then', async () => {
    const url = await control.stack.freshDatabase();
    // Acknowledged by Kafka, but whoever asked is gone before it hears of it.
    const crashing = async (): Promise<Transactor> => {
      const real = await realTransactor();
      return {
        transact: async (records) => {
          await real.transact(records);
          throw new RelayError('PUBLISH_FAILED', 'the answer was lost');
        },
        ready: () => undefined,
        close: () => real.close(),
      };
    };
    const crashed = await feedOn(url, crashing);
    await crashed.write('sub_again', 'https://a.example/1');
    crashed.feed.start();
    await eventually(() => crashed.feed.notReady()?.includes('the answer was lost'));
    await crashed.feed.stop();
    await crashed.write('sub_again', 'https://a.example/2');
    await crashed.stop();

    const next = await feedOn(url, realTransactor);
    next.feed.start();
    await eventually(async () => (await next.outbox.pending(1)).length === 0);
    const urls = await urlsOf('sub_again');
    expect(urls[0]).toBe('https://a.example/1');
    expect(urls.at(-1)).toBe('https://a.example/2');
    await next.stop();
  });

  it('lets no write of an earlier leader come after those of the next', async () => {
    const url = await control.stack.freshDatabase();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let outcome: unknown;
    let isHeld = false;
    const hanging = async (): Promise<Transactor> => {
      const real = await realTransactor();
      return {
        transact: async (records) => {
          isHeld = true;
          await held;
          outcome = await real.transact(records).then(
            () => 'written',
            (error: unknown) => (error as RelayError).code,
          );
          throw new RelayError('FENCED', 'fenced');
        },
        ready: () => undefined,
        close: () => real.close(),
      };
    };
    const old = await feedOn(url, hanging);
    await old.write('sub_fenced', 'https://a.example/old');
    old.feed.start();
    await eventually(() => isHeld);
    await cutLeader(url);

    const next = await feedOn(url, realTransactor);
    next.feed.start();
    const sequence = await next.write('sub_fenced', 'https://a.example/new');
    expect(await next.outbox.waitUntilPublished(sequence, 30_000)).toBe(true);
    release();
    await eventually(() => outcome);
    expect(outcome).toBe('FENCED');
    expect((await urlsOf('sub_fenced')).at(-1)).toBe('https://a.example/new');
    await Promise.all([old.stop(), next.stop()]);
  });
});

/** Ends the session that holds the lock of the feed, as a lost connection does. */
async function cutLeader(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rowCount } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'odoo-relay-control-feed'`,
  );
  await client.end();
  expect(rowCount).toBe(1);
}

describe('two instances side by side', () => {
  it('publish every change once, whichever is asked, in the order of the changes', async () => {
    const env = await control.environment();
    const [one, two] = await Promise.all([control.start(env), control.start(env)]);
    const apis = [localApi(one.port), localApi(two.port)];
    const { id } = await localApi(one.port).create();
    for (let step = 0; step < 20; step += 1) {
      const body = { url: `https://shop.example/${step}` };
      const answer = await apis[step % 2]?.call('PATCH', `/v1/subscriptions/${id}`, { body });
      expect(answer?.body).toMatchObject({ ...body, published: true });
    }
    const urls = await urlsOf(id);
    expect(urls.slice(1)).toEqual(Array.from({ length: 20 }, (_, step) => `https://shop.example/${step}`));
    await Promise.all([one.stop(), two.stop()]);
  });

  it('go on as one when the one that publishes is stopped', async () => {
    const env = await control.environment();
    const one = await control.start(env);
    const two = await control.start(env);
    const { id } = await localApi(one.port).create();
    await one.stop();
    const body = { url: 'https://shop.example/after' };
    await localApi(two.port).call('PATCH', `/v1/subscriptions/${id}`, { body });
    await eventually(async () => (await urlsOf(id)).at(-1) === body.url);
    await two.stop();
  });
});

describe('kill -9 between commit and publication', () => {
  it('loses no change: all that was answered stands in the topic after the next start', async () => {
    const proxy = await control.stack.kafkaProxy();
    const env = await control.environment({ KAFKA_BROKERS: proxy.address });
    const first = await startApp('control', env);
    const api = new Api(first.url);
    const kept = await api.create();
    const gone = await api.create();
    proxy.freeze();
    const whileFrozen = await Promise.all([
      api.create({ url: 'https://shop.example/created' }),
      api.call('PATCH', `/v1/subscriptions/${kept.id}`, { body: { url: 'https://shop.example/changed' } }),
      api.call('DELETE', `/v1/subscriptions/${gone.id}`),
    ]);
    expect(whileFrozen[0]['published']).toBe(false);
    expect(whileFrozen[1]).toMatchObject({ status: 200, body: { published: false } });
    expect(whileFrozen[2].status).toBe(204);
    await first.kill();
    proxy.restore();

    const second = await startApp('control', env);
    const created = whileFrozen[0].id;
    await eventually(async () => {
      const states = await control.publishedStates();
      expect(states.get(created)?.url).toBe('https://shop.example/created');
      expect(states.get(kept.id)?.url).toBe('https://shop.example/changed');
      expect([states.has(gone.id), states.get(gone.id)]).toEqual([true, undefined]);
      return true;
    });
    expect((await new Api(second.url).get(`/v1/subscriptions/${created}`)).body['published']).toBe(true);
    expect(await second.stop()).toBe(0);
  });
});

describe('an outage of Kafka', () => {
  it('stops no change of a subscription: it follows once Kafka is back', async () => {
    const proxy = await control.stack.kafkaProxy();
    const { port } = await control.start(await control.environment({ KAFKA_BROKERS: proxy.address }));
    const api = localApi(port);
    const { id } = await api.create();
    proxy.block();
    const body = { url: 'https://shop.example/meanwhile' };
    const answer = await api.call('PATCH', `/v1/subscriptions/${id}`, { body });
    expect(answer).toMatchObject({ status: 200, body: { ...body, published: false } });
    expect((await api.get(`/v1/subscriptions/${id}`)).body).toMatchObject({ ...body, published: false });
    proxy.restore();
    await eventually(async () => (await api.get(`/v1/subscriptions/${id}`)).body['published']);
    expect((await urlsOf(id)).at(-1)).toBe(body.url);
    await eventually(async () => (await fetch(`${api.url}/health/ready`)).ok);
  });
});
