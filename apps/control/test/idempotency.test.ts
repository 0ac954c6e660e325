import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../../../test/harness/apps.js';
import { eventually } from '../../../test/harness/eventually.js';
import { Api, aSubscription, controlUnderTest, type Answer } from './control-under-test.js';

const control = controlUnderTest();
let env: Record<string, string>;
let api: Api;
let other: Api;

beforeAll(async () => {
  env = await control.environment();
  const started = [await control.start(env), await control.start(env)];
  [api, other] = started.map(({ port }) => new Api(`http://127.0.0.1:${port}`)) as [Api, Api];
});

/** Closed at once: the database is dropped after the tests. */
async function query<Row extends object>(
  sql: string,
  parameters: unknown[] = [],
  url = env['DATABASE_URL'],
): Promise<Row[]> {
  const postgres = new Client({ connectionString: url });
  await postgres.connect();
  const { rows } = await postgres.query<Row>(sql, parameters).finally(() => postgres.end());
  return rows;
}

function post(from: Api, path: string, key: string, body: unknown): Promise<Answer> {
  return from.call('POST', path, { body, headers: { 'idempotency-key': key } });
}

async function subscriptionIds(): Promise<string[]> {
  const rows = await query<{ id: string }>('SELECT id FROM relay_control.subscriptions');
  return rows.map(({ id }) => id);
}

function expectReplay(again: Answer, first: Answer): void {
  expect(again.text).toBe(first.text);
  expect(again.status).toBe(first.status);
  expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
  expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(first.headers.get('idempotent-replayed')).toBeNull();
}

describe('a request that is sent again with its Idempotency-Key', () => {
  it('is answered as the first was, its secret too, and makes nothing new', async () => {
    const key = randomUUID();
    const first = await post(api, '/v1/subscriptions', key, aSubscription);
    expect(first.status).toBe(201);
    const before = await subscriptionIds();
    expectReplay(await post(other, '/v1/subscriptions', key, aSubscription), first);
    expectReplay(await post(api, '/v1/subscriptions', `"${key}"`, aSubscription), first);
    expect(await subscriptionIds()).toEqual(before);
  });

  it.each([
    ['a redrive', '/v1/redrives', { database: 'acme', dryRun: true }],
    ['a first load', '/v1/subscriptions', { ...aSubscription, startWith: 'current-state' }],
  ])('is answered as the first was: %s', async (_, path, body) => {
    const key = randomUUID();
    const first = await post(api, path, key, body);
    expect(first.status).toBe(201);
    expectReplay(await post(other, path, key, body), first);
  });

  it('is answered as the first was: a replay, and a new secret', async () => {
    const { id } = await api.create();
    for (const [action, body] of [
      ['replays', { from: 'current-state', dryRun: true }],
      ['rotate-secret', {}],
    ] as const) {
      const key = randomUUID();
      const path = `/v1/subscriptions/${id}/${action}`;
      const first = await post(api, path, key, body);
      expect([action, first.status]).toEqual([action, action === 'replays' ? 201 : 200]);
      expectReplay(await post(other, path, key, body), first);
    }
  });

  it('is refused with another body or path', async () => {
    const key = randomUUID();
    await post(api, '/v1/subscriptions', key, aSubscription);
    for (const [path, body] of [
      ['/v1/subscriptions', { ...aSubscription, url: 'https://shop.example/other' }],
      ['/v1/try', aSubscription],
    ] as const) {
      const answer = await post(other, path, key, body);
      expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }
  });

  it('is done once by many that come at once, at two instances', async () => {
    const key = randomUUID();
    const before = await subscriptionIds();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, number) =>
        post(number % 2 === 0 ? api : other, '/v1/subscriptions', key, aSubscription),
      ),
    );
    const busy = answers.filter(({ status }) => status === 409);
    busy.forEach(({ body, headers }) => {
      expect(body['code']).toBe('idempotency_key_in_use');
      expect(headers.get('retry-after')).toBe('1');
    });
    const done = answers.filter(({ status }) => status === 201);
    expect(done.length + busy.length).toBe(10);
    expect(new Set(done.map(({ body }) => body['id'])).size).toBe(1);
    expect(await subscriptionIds()).toHaveLength(before.length + 1);
  });

  it('is made as if it were the first when the first was refused', async () => {
    const key = randomUUID();
    const wrong = { ...aSubscription, url: 'http://10.0.0.1/' };
    expect((await post(api, '/v1/subscriptions', key, wrong)).status).toBe(422);
    expect((await post(api, '/v1/subscriptions', key, wrong)).status).toBe(422);
    const right = await post(other, '/v1/subscriptions', key, aSubscription);
    expect([right.status, right.headers.get('idempotent-replayed')]).toEqual([201, null]);
  });

  it('is made once more when the answer is older than 24 h', async () => {
    const key = randomUUID();
    const first = await post(api, '/v1/subscriptions', key, aSubscription);
    await query(
      `UPDATE relay_control.idempotency_keys SET expires_at = now() - interval '1 s' WHERE key = $1`,
      [key],
    );
    const again = await post(api, '/v1/subscriptions', key, aSubscription);
    expect(again.status).toBe(201);
    expect(again.body['id']).not.toBe(first.body['id']);
  });
});

describe('an Idempotency-Key', () => {
  it.each(['', 'with space', 'x'.repeat(256)])('is refused: "%s"', async (key) => {
    const answer = await post(api, '/v1/subscriptions', key, aSubscription);
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_refused' } });
    expect(answer.body['detail']).toMatch(/^Idempotency-Key must have/);
  });

  it('keeps no secret readable', async () => {
    const key = randomUUID();
    const { body } = await post(api, '/v1/subscriptions', key, aSubscription);
    const rows = await query('SELECT * FROM relay_control.idempotency_keys WHERE key = $1', [key]);
    expect(rows).toHaveLength(1);
    const kept = JSON.stringify(rows);
    expect(kept).not.toContain(String(body['secret']).slice(6));
    expect(kept).not.toContain(String(body['id']));
  });
});

describe('when the process ends in the midst', () => {
  it('what was committed is answered, whatever became of its answer', async () => {
    const key = randomUUID();
    // Kafka's word on it is waited for after the commit: there the process is killed.
    const topicPrefix = `${env['KAFKA_TOPIC_PREFIX'] ?? ''}killed-`;
    const own = await control.environment({ KAFKA_TOPIC_PREFIX: topicPrefix });
    const proxy = await control.stack.kafkaProxy();
    const app = await startApp('control', { ...own, KAFKA_BROKERS: proxy.address });
    proxy.freeze();
    const lost = post(new Api(app.url), '/v1/subscriptions', key, aSubscription).catch(() => 'lost');
    await eventually(async () => {
      return (await query('SELECT 1 FROM relay_control.subscriptions', [], own['DATABASE_URL'])).length === 1;
    });
    await app.kill();
    expect(await lost).toBe('lost');
    proxy.restore();
    const { port } = await control.start(own);
    const again = await post(new Api(`http://127.0.0.1:${port}`), '/v1/subscriptions', key, aSubscription);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    const rows = await query('SELECT id FROM relay_control.subscriptions', [], own['DATABASE_URL']);
    expect(rows).toEqual([{ id: again.body['id'] }]);
    expect(again.body['secret']).toMatch(/^whsec_/);
  });

  it('what was not is free after a minute, and answered with 409 until then', async () => {
    const key = randomUUID();
    const first = await post(api, '/v1/subscriptions', key, aSubscription);
    const where = 'WHERE key = $1';
    await query(
      `UPDATE relay_control.idempotency_keys SET answer = NULL, claimed_until = now() + interval '60 s' ${where}`,
      [key],
    );
    expect((await post(api, '/v1/subscriptions', key, aSubscription)).status).toBe(409);
    await query(`UPDATE relay_control.idempotency_keys SET claimed_until = now() - interval '1 s' ${where}`, [
      key,
    ]);
    const again = await post(api, '/v1/subscriptions', key, aSubscription);
    expect(again.status).toBe(201);
    expect(again.body['id']).not.toBe(first.body['id']);
  });
});
