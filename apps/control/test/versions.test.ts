import { beforeAll, describe, expect, it } from '@jest/globals';
import { envelopeSchema } from '#libs/change';
import { Api, controlUnderTest, type Answer } from './control-under-test.js';

const control = controlUnderTest();
let api: Api;
let other: Api;

beforeAll(async () => {
  const env = await control.environment({ MODELS: 'product.template,sale.order' });
  // Two instances on one database: what holds must hold between them, too.
  const started = [await control.start(env), await control.start(env)];
  [api, other] = started.map(({ port }) => new Api(`http://127.0.0.1:${port}`)) as [Api, Api];
  const columns = [{ name: 'state', kind: 'text' }] as const;
  const schema = envelopeSchema({ database: 'acme', table: 'sale_order', columns });
  await control.registry.register('odoo.acme.sale_order', 'value', schema);
});

const eventType = {
  model: 'sale.order',
  description: 'x',
  operations: ['updated'],
  after: [['state', '=', 'sale']],
};

/** What has a version: where it is, how it is changed, and how often it can be. */
const resources = [
  {
    what: 'a subscription',
    path: async () => `/v1/subscriptions/${(await api.create()).id}`,
    method: 'PATCH',
    body: (number: number) => ({ url: `https://shop.example/${number}` }),
  },
  {
    what: "a database's settings",
    path: () => Promise.resolve('/v1/databases/acme/settings'),
    method: 'PUT',
    body: (number: number) => ({ retries: number }),
  },
  {
    what: 'an event type',
    path: async () => {
      const path = `/v1/databases/acme/event-types/shop.ready_${Date.now()}`;
      expect(await api.call('PUT', path, { body: eventType })).toMatchObject({ status: 200 });
      return path;
    },
    method: 'PUT',
    body: (number: number) => ({ ...eventType, description: String(number) }),
  },
  {
    what: 'an application',
    path: async () => (await made('applications', { name: 'Shop' })).path,
    method: 'PATCH',
    body: (number: number) => ({ description: String(number) }),
  },
  {
    what: 'an account',
    path: async () => (await made('accounts', { email: `ada-${++people}@example.com` })).path,
    method: 'PATCH',
    body: (number: number) => ({ enabled: number % 2 === 0 }),
  },
];
let people = 0;

async function made(kind: string, body: object): Promise<Answer & { path: string }> {
  const answer = await api.call('POST', `/v1/${kind}`, { body });
  return { ...answer, path: `/v1/${kind}/${String(answer.body['id'])}` };
}

function tagOf({ headers }: Answer): string {
  return headers.get('etag') ?? '';
}

function expectStale(answer: Answer): void {
  expect(answer).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
  expect(answer.body['detail']).toMatch(/read it again/);
}

describe.each(resources)('the version of $what', ({ path: pathOf, method, body }) => {
  it('is a strong ETag, the same until it is changed, another one after that', async () => {
    const path = await pathOf();
    const read = await api.get(path);
    expect(tagOf(read)).toMatch(/^"[^"]+"$/);
    expect(tagOf(await other.get(path))).toBe(tagOf(read));
    const changed = await api.call(method, path, { body: body(1) });
    expect(changed.status).toBe(200);
    expect(tagOf(changed)).toMatch(/^"[^"]+"$/);
    expect(tagOf(changed)).not.toBe(tagOf(read));
    expect(tagOf(await other.get(path))).toBe(tagOf(changed));
  });

  it('answers 304 without a body to whoever knows it', async () => {
    const path = await pathOf();
    const known = { headers: { 'if-none-match': tagOf(await api.get(path)) } };
    const answer = await api.call('GET', path, known);
    expect([answer.status, answer.text]).toEqual([304, '']);
    await api.call(method, path, { body: body(2) });
    expect((await api.call('GET', path, known)).status).toBe(200);
  });

  it('lets a change through that expects it, or nothing, and refuses others', async () => {
    const path = await pathOf();
    const first = tagOf(await api.get(path));
    for (const expected of [`"x", ${first}`, '*']) {
      const answer = await api.call(method, path, { body: body(3), headers: { 'if-match': expected } });
      expect([expected, answer.status]).toEqual([expected, 200]);
    }
    expect((await api.call(method, path, { body: body(4) })).status).toBe(200);
    const last = await api.get(path);
    for (const expected of [first, '""', 'nonsense', `W/${tagOf(last)}`, tagOf(last).replaceAll('"', '')]) {
      expectStale(await api.call(method, path, { body: body(5), headers: { 'if-match': expected } }));
    }
    expect(tagOf(await api.get(path))).toBe(tagOf(last));
  });

  it('is taken by one of many who change it at once, at two instances', async () => {
    const path = await pathOf();
    const headers = { 'if-match': tagOf(await api.get(path)) };
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        (number % 2 === 0 ? api : other).call(method, path, { body: body(number), headers }),
      ),
    );
    const [winner, ...more] = answers.filter(({ status }) => status === 200);
    expect(more).toEqual([]);
    answers.filter(({ status }) => status !== 200).forEach(expectStale);
    expect(tagOf(await api.get(path))).toBe(tagOf(winner as Answer));
  });
});

describe('what is expected of a version', () => {
  it("holds for the first change of a database's settings, too", async () => {
    const path = '/v1/databases/globex/settings';
    const headers = { 'if-match': tagOf(await api.get(path)) };
    const answers = await Promise.all(
      [api, other].map((each, number) => each.call('PUT', path, { body: { retries: number }, headers })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it('holds for whatever else changes a subscription', async () => {
    const created = await api.call('POST', '/v1/subscriptions', {
      body: { database: 'acme', eventTypes: ['product.created'], url: 'https://shop.example/' },
    });
    const path = `/v1/subscriptions/${String(created.body['id'])}`;
    for (const action of ['disable', 'enable', 'rotate-secret']) {
      const headers = { 'if-match': tagOf(await api.get(path)) };
      const done = await api.call('POST', `${path}/${action}`, { headers });
      expect([action, done.status]).toEqual([action, 200]);
      expectStale(await api.call('POST', `${path}/${action}`, { headers }));
    }
    expectStale(await api.call('DELETE', path, { headers: { 'if-match': tagOf(created) } }));
    const headers = { 'if-match': tagOf(await api.get(path)) };
    expect((await api.call('DELETE', path, { headers })).status).toBe(204);
  });

  it('holds for an application that is deleted, and an account that is reset', async () => {
    const application = await made('applications', { name: 'Shop' });
    const account = await made('accounts', { email: 'bob@example.com' });
    for (const { path, method, read, status } of [
      { path: application.path, method: 'DELETE', read: application, status: 204 },
      { path: `${account.path}/reset`, method: 'POST', read: account, status: 200 },
    ]) {
      expectStale(await api.call(method, path, { headers: { 'if-match': '"other"' } }));
      const headers = { 'if-match': tagOf(read) };
      expect([path, (await api.call(method, path, { headers })).status]).toEqual([path, status]);
    }
    expectStale(
      await api.call('PATCH', account.path, {
        body: { enabled: false },
        headers: { 'if-match': tagOf(account) },
      }),
    );
  });

  it('does not hold for an event type that is made anew', async () => {
    const path = '/v1/databases/acme/event-types/shop.again';
    const headers = { 'if-match': tagOf(await api.call('PUT', path, { body: eventType })) };
    expectStale(
      await api.call('PUT', '/v1/databases/acme/event-types/shop.none', { body: eventType, headers }),
    );
    expect((await api.call('DELETE', path, { headers })).status).toBe(204);
    await api.call('PUT', path, { body: eventType });
    expectStale(await api.call('DELETE', path, { headers }));
  });

  it('is nothing that counts and states change', async () => {
    const { id } = await api.create();
    const before = tagOf(await api.get(`/v1/subscriptions/${id}`));
    await api.call('PUT', '/v1/databases/acme/settings', { body: { timeoutMs: 4_000 } });
    expect(tagOf(await api.get(`/v1/subscriptions/${id}`))).toBe(before);
  });
});
