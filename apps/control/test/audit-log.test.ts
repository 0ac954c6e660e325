import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../../../test/harness/eventually.js';
import { auditRetention, removeEntries } from '../src/audit/audit-retention.js';
import { openDataSource } from '../src/persistence/data-source.js';
import { auditLog } from '../src/persistence/rows.js';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
let api: Api;

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
});

type Entry = Record<string, unknown> & { id: string; changes: Record<string, unknown> };

async function entries(query: string): Promise<Entry[]> {
  const answer = await api.get(`/v1/audit-log?${query}`);
  expect(answer.status).toBe(200);
  return answer.body['data'] as Entry[];
}

describe('the audit log', () => {
  it('says who has changed what of a subscription, from its beginning to its end', async () => {
    const { id, secret } = await api.create({ headers: { 'X-Hidden': 'hidden-value' } });
    const path = `/v1/subscriptions/${id}`;
    const changed = await api.call('PATCH', path, { body: { url: 'https://shop.example/2' } });
    await api.call('POST', `${path}/disable`);
    await api.call('POST', `${path}/rotate-secret`);
    await api.call('DELETE', path);
    const found = await entries(`resource=subscriptions/${id}`);
    expect(
      found.map(({ method, route, status }) => `${String(method)} ${String(route)} ${String(status)}`),
    ).toEqual([
      'DELETE /v1/subscriptions/:id 204',
      'POST /v1/subscriptions/:id/rotate-secret 200',
      'POST /v1/subscriptions/:id/disable 200',
      'PATCH /v1/subscriptions/:id 200',
      'POST /v1/subscriptions 201',
    ]);
    expect(found[3]).toMatchObject({
      principalKind: 'administrator',
      principalId: 'admin-key',
      clientAddress: '127.0.0.1',
      requestId: changed.headers.get('x-request-id'),
      changes: { url: { before: 'https://shop.example/hooks/odoo', after: 'https://shop.example/2' } },
    });
    expect(found[2]?.changes['enabled']).toEqual({ before: true, after: false });
    expect(found[1]?.changes['secrets']).toEqual({ before: '***', after: '***' });
    expect(found[0]?.changes['database']).toEqual({ before: 'acme', after: null });
    expect(JSON.stringify(found)).not.toMatch(/hidden-value|v1\.[0-9a-f]{8}\./);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  it('has what was changed elsewhere, and nothing that was refused or answered once more', async () => {
    await api.call('PUT', '/v1/databases/acme/settings', { body: { retries: 3 } });
    await api.call('PUT', '/v1/databases/acme/settings', { body: { retries: -3 } });
    const headers = { 'if-match': '"other"' };
    await api.call('PUT', '/v1/databases/acme/settings', { body: { retries: 4 }, headers });
    const found = await entries('resource=databases/acme/settings');
    expect(found.map(({ changes }) => changes)).toEqual([{ retries: { before: null, after: 3 } }]);
    const key = { 'idempotency-key': randomUUID() };
    const body = { database: 'acme', dryRun: true };
    const { body: redrive } = await api.call('POST', '/v1/redrives', { body, headers: key });
    await api.call('POST', '/v1/redrives', { body, headers: key });
    expect(await entries(`resource=redrives/${String(redrive['id'])}`)).toHaveLength(1);
  });

  it('is read page by page, by who and when', async () => {
    for (let number = 0; number < 3; number++) await api.create();
    const all = await entries('limit=200');
    const first = await api.get('/v1/audit-log?limit=2');
    const second = await entries(`limit=2&cursor=${String(first.body['nextCursor'])}`);
    expect([...(first.body['data'] as Entry[]), ...second]).toEqual(all.slice(0, 4));
    expect(await entries('principal=somebody')).toEqual([]);
    expect(await entries('principal=admin-key&limit=200')).toEqual(all);
    const at = String(all[2]?.['at']);
    const since = await entries(`since=${at}&limit=200`);
    const until = await entries(`until=${at}&limit=200`);
    expect([...since, ...until]).toEqual(all);
    expect(since.length).toBeGreaterThanOrEqual(3);
  });

  it.each(['cursor=1', 'limit=0', 'since=yesterday', 'until=2026-02-30T00:00:00Z', 'who=me'])(
    'refuses %s',
    async (query) => {
      expect(await api.get(`/v1/audit-log?${query}`)).toMatchObject({
        status: 422,
        body: { code: 'validation_failed' },
      });
    },
  );
});

it.each(['audit-log?principal=', 'audit-log?resource=', 'subscriptions?applicationId='])(
  'a filter that no text can be is refused: %s',
  async (path) => {
    expect(await api.get(`/v1/${path}a%00`)).toMatchObject({
      status: 422,
      body: { code: 'validation_failed' },
    });
  },
);

describe('the retention of the audit log', () => {
  const dayMs = 86_400_000;
  const never = new AbortController().signal;
  let databaseUrl: string;
  let dataSource: DataSource;

  beforeEach(async () => {
    databaseUrl = await control.stack.freshDatabase();
    dataSource = await openDataSource(databaseUrl, silentLogger);
    await dataSource.query(
      `INSERT INTO relay_control.audit_log
       SELECT 'aud_' || days, now() - make_interval(days => days), 'administrator', 'x', '', '', 'PUT', '', 200, NULL, '{}'
       FROM generate_series(1, 10) AS days`,
    );
  });
  afterEach(() => dataSource.destroy());

  const left = async (): Promise<number> => dataSource.getRepository(auditLog).count();

  it('removes what is older, slice by slice, and nothing else', async () => {
    const untilMs = Date.now() - 3.5 * dayMs;
    expect(await removeEntries(dataSource, untilMs, { sliceRows: 3, ended: never })).toBe(7);
    expect(await left()).toBe(3);
    expect(await removeEntries(dataSource, untilMs, { sliceRows: 3, ended: never })).toBe(0);
  });

  it('ends between two slices at a stop', async () => {
    expect(await removeEntries(dataSource, Date.now(), { sliceRows: 3, ended: AbortSignal.abort() })).toBe(0);
    expect(await left()).toBe(10);
  });

  it('is kept by one of the instances that run', async () => {
    const logger = silentLogger;
    const tasks = [1, 2].map(() => auditRetention({ databaseUrl, dataSource, retentionDays: 6, logger }));
    tasks.forEach((task) => {
      task.start();
    });
    await eventually(async () => (await left()) === 5);
    await Promise.all(tasks.map((task) => task.stop()));
    expect(await left()).toBe(5);
  });
});
