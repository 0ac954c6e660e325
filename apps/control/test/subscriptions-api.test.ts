import { beforeAll, describe, expect, it } from '@jest/globals';
import { defaultDeliverySettings } from '#libs/subscription';
import { eventually } from '../../../test/harness/eventually.js';
import { Api, aSubscription, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
let api: Api;

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
});

const pathOf = ({ id }: { id: string }): string => `/v1/subscriptions/${id}`;

describe('a subscription', () => {
  it('lives from create to delete, and the topic has each step before the answer comes', async () => {
    const created = await api.call('POST', '/v1/subscriptions', { body: aSubscription });
    expect(created.status).toBe(201);
    const { secret, ...shown } = created.body;
    const id = String(shown['id']);
    expect(id).toMatch(/^sub_[0-9a-z]{26}$/);
    expect(secret).toMatch(/^whsec_/);
    expect(shown).toMatchObject({
      ...aSubscription,
      applicationId: 'default',
      format: 'json',
      settings: {},
      effectiveSettings: defaultDeliverySettings,
      state: 'active',
      consecutiveDead: 0,
      reason: null,
      published: true,
    });
    expect((await control.publishedStates()).get(id)).toMatchObject({ ...aSubscription, enabledEpoch: 0 });
    expect((await api.get(`/v1/subscriptions/${id}`)).body).toEqual(shown);

    const body = { eventTypes: ['sale.order.confirmed'], format: 'xml', settings: { timeoutMs: 700 } };
    const changed = await api.call('PATCH', `/v1/subscriptions/${id}`, { body });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...body, url: aSubscription.url, published: true });
    expect((await control.publishedStates()).get(id)).toMatchObject({
      eventTypes: ['sale.order.confirmed'],
      format: 'xml',
      settings: { ...defaultDeliverySettings, timeoutMs: 700 },
    });

    const deleted = await api.call('DELETE', `/v1/subscriptions/${id}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    const states = await control.publishedStates();
    expect(states.has(id) && states.get(id) === undefined).toBe(true);
    expect((await api.get(`/v1/subscriptions/${id}`)).status).toBe(404);
    expect((await api.call('DELETE', `/v1/subscriptions/${id}`)).status).toBe(404);
  });

  it('gets changes from its creation on', async () => {
    const beforeMs = Date.now();
    const { id } = await api.create();
    const sinceMs = Number((await control.publishedStates()).get(id)?.sinceMs);
    expect(sinceMs).toBeGreaterThanOrEqual(beforeMs);
    expect(sinceMs).toBeLessThanOrEqual(Date.now());
  });

  it('keeps every one of the changes that are made at the same time', async () => {
    const created = await api.create();
    const bodies = [
      { url: 'https://shop.example/other' },
      { format: 'xml' },
      { eventTypes: ['product.price_changed'] },
      { settings: { timeoutMs: 1_000 } },
      { settings: { retries: 2 } },
      { settings: { disableAfter: 7 } },
      { settings: { expiresAfterMs: 60_000 } },
    ];
    const answers = await Promise.all(bodies.map((body) => api.call('PATCH', pathOf(created), { body })));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    const fields = {
      url: 'https://shop.example/other',
      format: 'xml',
      eventTypes: ['product.price_changed'],
    };
    const own = { timeoutMs: 1_000, retries: 2, disableAfter: 7, expiresAfterMs: 60_000 };
    expect((await api.get(pathOf(created))).body).toMatchObject({ ...fields, settings: own });
    expect((await control.publishedStates()).get(created.id)).toMatchObject({
      ...fields,
      settings: {
        timeoutMs: 1_000,
        retryDelaysMs: [5_000, 300_000],
        disableAfter: 7,
        expiresAfterMs: 60_000,
      },
    });
  });

  it('takes a setting back by null, and all of them by null for the settings', async () => {
    const created = await api.create({
      settings: { timeoutMs: 900, retryDelaysMs: [1_000], disableAfter: 2 },
    });
    const change = (settings: unknown): Promise<Record<string, unknown>> =>
      api.call('PATCH', pathOf(created), { body: { settings } }).then(({ body }) => body);
    expect(await change({ timeoutMs: null })).toMatchObject({
      settings: { retryDelaysMs: [1_000], disableAfter: 2 },
      effectiveSettings: { timeoutMs: 5_000, disableAfter: 2 },
    });
    const withRetries = await change({ retries: 3 });
    expect(withRetries['settings']).toEqual({ retries: 3, disableAfter: 2 });
    expect(withRetries).toMatchObject({ effectiveSettings: { retryDelaysMs: [5_000, 300_000, 1_800_000] } });
    expect((await change(null))['settings']).toEqual({});
  });

  it('may bring its own secret along', async () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    expect((await api.create({ secret })).secret).toBe(secret);
  });
});

describe('the state of a subscription', () => {
  const state = { consecutiveDead: 3, countedWebhookIds: ['msg_1'], attemptsOffset: 9n, enabledEpoch: 0 };

  it("is delivery's word on it", async () => {
    const created = await api.create();
    const { id } = created;
    await control.writeState({
      ...state,
      subscriptionId: id,
      state: 'failing',
      sinceMs: 1_767_225_600_000n,
      reason: 'dead',
      breaker: null,
    });
    await eventually(async () => {
      expect((await api.get(pathOf(created))).body).toMatchObject({
        state: 'failing',
        consecutiveDead: 3,
        since: '2026-01-01T00:00:00.000Z',
        reason: 'dead',
      });
      return true;
    });
    const { body } = await api.get(`/v1/subscriptions?limit=200`);
    expect(body['data']).toContainEqual(
      expect.objectContaining({ id, state: 'failing', consecutiveDead: 3 }),
    );
  });

  it('is active again once it is enabled anew: with a new epoch, and from now on', async () => {
    const created = await api.create();
    const { id } = created;
    const before = (await control.publishedStates()).get(id);
    await control.writeState({
      ...state,
      subscriptionId: id,
      state: 'disabled',
      sinceMs: 1n,
      reason: '5 in a row',
      breaker: null,
    });
    await eventually(async () => (await api.get(pathOf(created))).body['state'] === 'disabled');

    const enabled = await api.call('POST', `${pathOf(created)}/enable`);
    expect(enabled.status).toBe(200);
    expect(enabled.body).toMatchObject({
      state: 'active',
      consecutiveDead: 0,
      reason: null,
      published: true,
    });
    const after = (await control.publishedStates()).get(id);
    expect(after).toMatchObject({ enabled: true, enabledEpoch: 1 });
    expect(Number(after?.sinceMs)).toBeGreaterThan(Number(before?.sinceMs));
  });

  it('is disabled when its owner says so, until it is enabled', async () => {
    const created = await api.create();
    const disabled = await api.call('POST', `${pathOf(created)}/disable`);
    expect(disabled.body).toMatchObject({ state: 'disabled', reason: 'switched off', published: true });
    expect((await control.publishedStates()).get(created.id)).toMatchObject({
      enabled: false,
      enabledEpoch: 0,
    });
    const enabled = await api.call('POST', `${pathOf(created)}/enable`);
    expect(enabled.body).toMatchObject({ state: 'active', reason: null });
    expect((await control.publishedStates()).get(created.id)).toMatchObject({
      enabled: true,
      enabledEpoch: 1,
    });
  });

  it('loses nothing that is on its way when one is enabled that is on already', async () => {
    const created = await api.create();
    const before = (await control.publishedStates()).get(created.id);
    await api.call('POST', `${pathOf(created)}/enable`);
    const after = (await control.publishedStates()).get(created.id);
    expect(after).toEqual({ ...before, enabledEpoch: 1 });
  });
});

describe('the list', () => {
  it('comes page by page, each subscription once, and can be narrowed down', async () => {
    const made: string[] = [];
    for (let index = 0; index < 7; index += 1) {
      made.push((await api.create({ database: 'globex' })).id);
    }
    const pages: string[][] = [];
    let cursor: unknown = undefined;
    do {
      const query = `database=globex&limit=3${typeof cursor === 'string' ? `&cursor=${cursor}` : ''}`;
      const { status, body } = await api.get(`/v1/subscriptions?${query}`);
      expect(status).toBe(200);
      pages.push((body['data'] as { id: string }[]).map(({ id }) => id));
      cursor = body['nextCursor'];
    } while (cursor !== null);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(pages.flat().sort()).toEqual([...made].sort());
  });

  it.each(['database=nowhere', 'applicationId=other'])('is empty where nothing fits: %s', async (query) => {
    expect((await api.get(`/v1/subscriptions?${query}`)).body).toEqual({ data: [], nextCursor: null });
  });
});

describe('the event types', () => {
  it('are those of the models, with what they mean', async () => {
    const { status, body } = await api.get('/v1/event-types?limit=200');
    expect(status).toBe(200);
    const data = body['data'] as { name: string; model: string; description: string }[];
    const names = data.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['product.created', 'sale.order.confirmed', 'stock.quant.deleted']),
    );
    expect(names.filter((name) => name.startsWith('crm.'))).toEqual([]);
    const fields = 'after,before,changedAny,description,model,name,operations,own';
    expect(data.every((type) => Object.keys(type).sort().join() === fields)).toBe(true);
  });

  it('are listed page by page, each once', async () => {
    const all = (await api.get('/v1/event-types?limit=200')).body;
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await api.get(`/v1/event-types?limit=7${cursor && `&cursor=${cursor}`}`);
      const shown = (page.body['data'] as { name: string }[]).map(({ name }) => name);
      expect(shown.length).toBeLessThanOrEqual(7);
      names.push(...shown);
      cursor = page.body['nextCursor'] as string | null;
    }
    expect(names.length).toBeGreaterThan(7);
    expect(names).toEqual((all['data'] as { name: string }[]).map(({ name }) => name));
    expect(all['nextCursor']).toBe(null);
    expect((await api.get('/v1/event-types?cursor=x')).status).toBe(422);
  });
});
