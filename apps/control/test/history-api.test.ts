import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AttemptRow } from '#libs/delivery-task';
import { openDataSource } from '../src/persistence/data-source.js';
import { AttemptSearch } from '../src/history/attempt-search.js';
import type { Principal } from '../src/access/principal.js';
import { urlHash } from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { AttemptRows, KeptAttempts } from './attempt-rows.js';
import { cursorOf } from '../src/http/cursors.js';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
let api: Api;
let rows: AttemptRows;
let kept: KeptAttempts;
let databaseUrl: string;
let written = 0;
let subscriptionId: string;
/** All of these tests' rows have their times near it. */
const baseMs = Date.now() - 3_600_000;
const at = (secondsLater: number): bigint => BigInt(baseMs + secondsLater * 1_000);

interface Attempt {
  webhookId: string;
  outcome: string;
  at: string;
  position: string;
  record: string;
  request: { method: string; url: string | null } | null;
  response: { status: number | null; body: string | null; durationMs: number } | null;
}

beforeAll(async () => {
  const env = await control.environment();
  databaseUrl = env['DATABASE_URL'] ?? '';
  api = new Api(`http://127.0.0.1:${(await control.start(env)).port}`);
  rows = await AttemptRows.open(control.stack, control.stack.topicPrefix);
  kept = await KeptAttempts.open(databaseUrl);
  subscriptionId = (await api.create()).id;
});

afterAll(async () => {
  await kept.close();
  await rows.kafka.close();
});

/** Resolves when the API shows them. */
async function write(...given: readonly AttemptRow[]): Promise<void> {
  await rows.write(given);
  written += given.length;
  await kept.until(written);
}

async function list(query: Record<string, string>): Promise<{ data: Attempt[]; nextCursor: string | null }> {
  const answer = await api.get(`/v1/attempts?${new URLSearchParams(query).toString()}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body as unknown as { data: Attempt[]; nextCursor: string | null };
}

const idsOf = async (query: Record<string, string>): Promise<string[]> =>
  (await list(query)).data.map(({ webhookId }) => webhookId);

describe('GET /v1/attempts', () => {
  it('is told to come again, not to ask for less, while a lock holds it up', async () => {
    await kept.query('BEGIN');
    await kept.query('LOCK TABLE relay_control.attempts IN ACCESS EXCLUSIVE MODE');
    const paths = ['/v1/attempts', `/v1/subscriptions/${subscriptionId}/statistics`];
    const answers = await Promise.all(paths.map((path) => api.get(path)));
    await kept.query('ROLLBACK');
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'postgres_unavailable' } });
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect((await api.get('/v1/attempts')).status).toBe(200);
  });

  beforeAll(async () => {
    await write(
      rows.row({
        webhook_id: 'msg_a',
        subscription_id: subscriptionId,
        record: 'sale.order,42',
        at_ms: at(1),
      }),
      rows.row({
        webhook_id: 'msg_b',
        subscription_id: subscriptionId,
        outcome: 'failed',
        status: 500,
        response: '<h1>no</h1>',
        at_ms: at(2),
        change_id: 'e1-77',
        event_type: 'sale.order.confirmed',
      }),
      rows.row({
        webhook_id: 'msg_b',
        subscription_id: subscriptionId,
        outcome: 'dead',
        status: null,
        response: null,
        reason: 'attempts-exhausted',
        at_ms: at(2),
        change_id: 'e1-77',
        event_type: 'sale.order.confirmed',
      }),
      rows.row({ webhook_id: 'msg_c', database: 'globex', record: 'sale.order,42', at_ms: at(3) }),
      rows.row({ webhook_id: 'msg_d', outcome: 'expired', status: null, response: null, at_ms: at(4) }),
    );
  });

  it.each([
    ['nothing', {}, ['msg_d', 'msg_c', 'msg_b', 'msg_b', 'msg_a']],
    ['a subscription', { subscriptionId: 'own' }, ['msg_b', 'msg_b', 'msg_a']],
    ['a database', { database: 'globex' }, ['msg_c']],
    ['a record', { record: 'sale.order,42' }, ['msg_c', 'msg_a']],
    ['a record of a database', { record: 'sale.order,42', database: 'acme' }, ['msg_a']],
    ['a delivery', { webhookId: 'msg_b' }, ['msg_b', 'msg_b']],
    ['a change', { changeId: 'e1-77' }, ['msg_b', 'msg_b']],
    ['an event type', { eventType: 'sale.order.confirmed' }, ['msg_b', 'msg_b']],
    ['an outcome', { outcome: 'failed' }, ['msg_b']],
    ['several outcomes', { outcome: 'dead,expired,dead' }, ['msg_d', 'msg_b']],
    ['an outcome of a record', { outcome: 'delivered', record: 'sale.order,42' }, ['msg_c', 'msg_a']],
    ['an outcome of a subscription', { outcome: 'dead', subscriptionId: 'own' }, ['msg_b']],
    ['since', { since: '3' }, ['msg_d', 'msg_c']],
    ['until', { until: '2' }, ['msg_a']],
    ['since and until', { since: '2', until: '4' }, ['msg_c', 'msg_b', 'msg_b']],
    [
      'all together',
      { subscriptionId: 'own', database: 'acme', outcome: 'failed', since: '2', until: '3' },
      ['msg_b'],
    ],
    ['what there is not', { database: 'acme', record: 'sale.order,43' }, []],
  ] as [string, Record<string, string>, string[]][])('is filtered by %s', async (_, query, expected) => {
    const asked = Object.entries(query).map(([name, value]): [string, string] => {
      if (name === 'subscriptionId') return [name, subscriptionId];
      return [
        name,
        name === 'since' || name === 'until' ? new Date(Number(at(Number(value)))).toISOString() : value,
      ];
    });
    expect(await idsOf(Object.fromEntries(asked))).toEqual(expected);
  });

  it('shows the request and the answer, and none where no request was made', async () => {
    const { data } = await list({ webhookId: 'msg_b' });
    expect(data).toEqual([
      expect.objectContaining({
        outcome: 'dead',
        reason: 'attempts-exhausted',
        request: null,
        response: null,
      }),
      expect.objectContaining({
        outcome: 'failed',
        at: new Date(Number(at(2))).toISOString(),
        request: { method: 'POST', url: 'https://shop.example/hooks/odoo' },
        response: { status: 500, body: '<h1>no</h1>', durationMs: 12 },
      }),
    ]);
  });

  it('shows the URL that was asked, whatever became of the subscription since', async () => {
    const urls = [
      'https://shop.example/hooks?token=first',
      'https://shop.example/größe',
      'https://shop.example/3',
    ];
    const [first = '', second = '', third = ''] = urls;
    const { id } = await api.create({ url: first });
    const row = (webhook_id: string, url: string): AttemptRow =>
      rows.row({ subscription_id: id, webhook_id, url_hash: urlHash(url) });
    await write(row('msg_first', first));
    const moved = await api.call('PATCH', `/v1/subscriptions/${id}`, { body: { url: second } });
    expect(moved.status).toBe(200);
    await write(row('msg_late', first), row('msg_second', second), row('msg_nowhere', third));
    const asked = async (): Promise<unknown> =>
      (await list({ subscriptionId: id })).data.map(({ webhookId, request }) => [webhookId, request?.url]);
    const expected = [
      ['msg_nowhere', null],
      ['msg_second', second],
      ['msg_late', first],
      ['msg_first', first],
    ];
    expect(await asked()).toEqual(expected);
    await api.call('DELETE', `/v1/subscriptions/${id}`);
    expect(await asked()).toEqual(expected);
  });

  it('shows what became of a subscription that is deleted', async () => {
    const { id } = await api.create();
    await write(rows.row({ subscription_id: id, webhook_id: 'msg_deleted' }));
    await api.call('DELETE', `/v1/subscriptions/${id}`);
    const { data } = await list({ subscriptionId: id });
    expect(data.map(({ webhookId, request }) => [webhookId, request?.url])).toEqual([['msg_deleted', null]]);
    expect((await api.get(`/v1/subscriptions/${id}/statistics`)).body).toMatchObject({
      total: { requests: 1 },
    });
  });

  it('comes page by page without gaps or doubles, while rows are written', async () => {
    const { id } = await api.create();
    // Many of the same moment, across two days and all partitions of the topic.
    const count = 230;
    const own = Array.from({ length: count }, (_, index) =>
      rows.row({
        subscription_id: id,
        outcome: ['delivered', 'failed', 'timedOut', 'dead'][index % 4] ?? '',
        at_ms: BigInt(baseMs - (index % 5) * 40_000_000),
      }),
    );
    await write(...own);
    const seen: Attempt[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { data: Attempt[]; nextCursor: string | null } = await list({
        subscriptionId: id,
        limit: '17',
        ...(cursor === '' ? {} : { cursor }),
      });
      seen.push(...page.data);
      cursor = page.nextCursor;
      await write(
        rows.row({ subscription_id: id, at_ms: BigInt(Date.now()), webhook_id: `msg_new${seen.length}` }),
      );
    }
    expect(seen.map(({ webhookId }) => webhookId).sort()).toEqual(own.map((row) => row.webhook_id).sort());
    expect(new Set(seen.map(({ position }) => position)).size).toBe(count);
    const times = seen.map((attempt) => attempt.at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it.each([
    ['subscriptionId=abc', 'subscriptionId', /id of a subscription/],
    ['database=acne', 'database', /known are "acme", "globex"/],
    ['record=42', 'record', /e\.g\. "sale\.order,42"/],
    ['webhookId=', 'webhookId', /webhook-id of a delivery/],
    ['outcome=dead,lost', 'outcome', /must hold only "delivered", .*separated by commas/],
    ['outcome=', 'outcome', /must hold only/],
    ['since=yesterday', 'since', /RFC 3339/],
    ['since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', 'until', /later than since/],
    ['limit=0', 'limit', /from 1 to 200/],
    ['limit=1000', 'limit', /from 1 to 200/],
    ['cursor=next', 'cursor', /nextCursor of the page before/],
    ['webhook_id=msg_a', 'webhook_id', /leave it out/],
    ['database=acme&database=globex', 'database', /must be/],
  ])('refuses ?%s and says what to do', async (query, field, sentence) => {
    const answer = await api.get(`/v1/attempts?${query}`);
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
    expect(answer.body['errors']).toEqual([
      expect.objectContaining({ field, message: expect.stringMatching(sentence) }),
    ]);
  });

  it('takes any place as a cursor, be it of no row', async () => {
    expect(
      (await list({ cursor: cursorOf('999999999999999-999999-999999999999999999') })).data.length,
    ).toBeGreaterThan(0);
    expect((await list({ cursor: cursorOf('0-0-0') })).data).toEqual([]);
  });
});

describe('what an application may see', () => {
  it('is what became of its own subscriptions, of the databases and models that it is granted', async () => {
    const dataSource = await openDataSource(databaseUrl, silentLogger);
    const client = new AttemptSearch(dataSource);
    await kept.query(`INSERT INTO relay_control.applications (id, name) VALUES ('shop', 'Shop')`);
    const { id } = await api.create({ applicationId: 'shop' });
    await write(
      rows.row({ subscription_id: id, webhook_id: 'msg_s1', record: 'sale.order,1', at_ms: at(1) }),
      rows.row({ subscription_id: id, webhook_id: 'msg_s2', record: 'res.partner,1', at_ms: at(2) }),
      rows.row({ subscription_id: id, webhook_id: 'msg_s3', database: 'globex', at_ms: at(3) }),
    );
    const seenBy = async (grant: { databases: string[]; models: string[] | null }): Promise<string[]> => {
      const by: Principal = {
        kind: 'application',
        state: 'approved',
        id: 'shop',
        scopes: new Set(),
        grant: { ...grant, companyIds: null },
      };
      const found = await client.page(by, {}, { after: undefined, limit: 100 });
      return found.map((row) => row.webhook_id);
    };
    expect(await seenBy({ databases: ['acme', 'globex'], models: null })).toEqual([
      'msg_s3',
      'msg_s2',
      'msg_s1',
    ]);
    expect(await seenBy({ databases: ['acme'], models: null })).toEqual(['msg_s2', 'msg_s1']);
    expect(await seenBy({ databases: ['acme'], models: ['sale.order'] })).toEqual(['msg_s1']);
    expect(await seenBy({ databases: [], models: null })).toEqual([]);
    await dataSource.destroy();
  });
});

describe('GET /v1/deliveries/{webhookId}', () => {
  it.each([
    [['failed', 'timedOut'], 'waiting'],
    [['failed', 'delivered'], 'delivered'],
    [['failed', 'dead'], 'dead'],
    [['expired'], 'dead'],
    [['gone', 'dead'], 'dead'],
    [['unsendable', 'dead'], 'dead'],
    [['dead', 'delivered'], 'delivered'],
    [['dropped'], 'dropped'],
    [['superseded'], 'superseded'],
    [['someday'], 'unknown'],
  ])('tells of %j that it is %s, with all attempts in their order', async (outcomes, state) => {
    const webhookId = `msg_of_${outcomes.join('_')}`;
    // In one moment: then the order of the topic counts.
    await write(...outcomes.map((outcome) => rows.row({ webhook_id: webhookId, outcome, at_ms: at(60) })));
    const { status, body } = await api.get(`/v1/deliveries/${webhookId}`);
    expect([status, body['state'], body['webhookId']]).toEqual([200, state, webhookId]);
    expect((body['attempts'] as Attempt[]).map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  it('answers 404 to one that nobody knows, and says when it appears', async () => {
    for (const id of ['msg_nobody', '%00', 'x'.repeat(300)]) {
      const { status, body } = await api.get(`/v1/deliveries/${id}`);
      expect([status, body['code']]).toEqual([404, 'delivery_not_found']);
      expect(body['detail']).toMatch(/a second after its first attempt/);
    }
  });
});

describe('GET /v1/subscriptions/{id}/statistics', () => {
  it('counts by outcome and tells how long requests took, in all and per step', async () => {
    const { id } = await api.create();
    const sinceMs = Math.floor(baseMs / 3_600_000) * 3_600_000 - 7_200_000;
    const row = (minute: number, outcome: string, durationMs: number): AttemptRow =>
      rows.row({
        subscription_id: id,
        outcome,
        duration_ms: durationMs,
        at_ms: BigInt(sinceMs + minute * 60_000),
      });
    const deliveries = Array.from({ length: 100 }, (_, index) => row(5, 'delivered', index + 1));
    await write(
      ...deliveries,
      row(65, 'failed', 900),
      row(65, 'dead', 0),
      row(66, 'delivered', 100),
      row(180, 'delivered', 7),
    );
    const query = new URLSearchParams({
      since: new Date(sinceMs).toISOString(),
      until: new Date(sinceMs + 3 * 3_600_000).toISOString(),
    });
    const { body } = await api.get(`/v1/subscriptions/${id}/statistics?${query.toString()}`);
    expect(body).toMatchObject({
      subscriptionId: id,
      step: '1h',
      total: { outcomes: { delivered: 101, failed: 1, dead: 1 }, requests: 102, successShare: 101 / 102 },
      steps: [
        {
          outcomes: { delivered: 100 },
          requests: 100,
          successShare: 1,
          latencyMs: { p50: 50, p95: 95, p99: 99 },
        },
        {
          outcomes: { delivered: 1, failed: 1, dead: 1 },
          requests: 2,
          successShare: 0.5,
          latencyMs: { p50: 100, p99: 900 },
        },
        { outcomes: {}, requests: 0, successShare: null, latencyMs: { p50: null, p95: null, p99: null } },
      ],
    });
    expect((body['steps'] as { from: string }[]).map(({ from }) => Date.parse(from) - sinceMs)).toEqual([
      0, 3_600_000, 7_200_000,
    ]);
  });

  it.each([
    ['step=2h', 'step', /must be one of "1m", /],
    [
      'since=2020-01-01T00:00:00Z&until=2021-01-01T00:00:00Z',
      'step',
      /more than 1500: ask for a shorter time or "6h"/,
    ],
    ['since=2020-01-01T00:00:00Z&until=2030-01-01T00:00:00Z', 'step', /ask for a shorter time$/],
    ['until=1', 'until', /RFC 3339/],
    ['since=2100-01-01T00:00:00Z', 'until', /later than since/],
  ])('refuses ?%s and says what to do', async (query, field, sentence) => {
    const answer = await api.get(`/v1/subscriptions/${subscriptionId}/statistics?${query}`);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual([
      expect.objectContaining({ field, message: expect.stringMatching(sentence) }),
    ]);
  });

  it('answers 404 to a subscription that there never was', async () => {
    for (const id of ['sub_00000000000000000000000000', 'sub_x']) {
      const { status, body } = await api.get(`/v1/subscriptions/${id}/statistics`);
      expect([status, body['code']]).toEqual([404, 'subscription_not_found']);
    }
  });
});
