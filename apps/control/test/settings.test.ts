import { beforeAll, describe, expect, it } from '@jest/globals';
import { defaultDeliverySettings } from '#libs/subscription';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
let api: Api;

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
});

const path = '/v1/databases/acme/settings';
const limits = { ordering: 'latest', concurrency: 4, rateLimitPerS: 20 };

describe("a database's settings", () => {
  it('are the defaults of the design until they are set', async () => {
    const { status, body } = await api.get('/v1/databases/globex/settings');
    expect(status).toBe(200);
    expect(body).toEqual({
      database: 'globex',
      timeoutMs: 5_000,
      retryDelaysMs: [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000],
      disableAfter: 5,
      expiresAfterMs: 259_200_000,
      ordering: 'none',
      concurrency: null,
      rateLimitPerS: null,
    });
  });

  it("are published with each of its subscriptions, beneath what these set for themselves; others' stay", async () => {
    const plain = await api.create();
    const own = await api.create({ settings: { timeoutMs: 1_500, retries: 1, ordering: 'none' } });
    const other = await api.create({ database: 'globex' });
    const set = await api.call('PUT', path, {
      body: { timeoutMs: 2_000, retryDelaysMs: [1_000, 2_000], disableAfter: 9, ...limits },
    });
    expect(set.status).toBe(200);
    expect(set.body).toEqual({
      database: 'acme',
      timeoutMs: 2_000,
      retryDelaysMs: [1_000, 2_000],
      disableAfter: 9,
      expiresAfterMs: 259_200_000,
      ...limits,
    });
    const states = await control.publishedStates();
    expect(states.get(plain.id)?.settings).toEqual({
      timeoutMs: 2_000,
      retryDelaysMs: [1_000, 2_000],
      disableAfter: 9,
      expiresAfterMs: 259_200_000,
      ordering: 'latest',
      concurrency: 4,
      rateLimitPerS: 20,
    });
    expect(states.get(own.id)?.settings).toMatchObject({
      timeoutMs: 1_500,
      retryDelaysMs: [1_000],
      disableAfter: 9,
      ordering: 'none',
      rateLimitPerS: 20,
    });
    expect(states.get(other.id)?.settings).toEqual(defaultDeliverySettings);
    const shown = await api.get(`/v1/subscriptions/${own.id}`);
    expect(shown.body).toMatchObject({
      settings: { timeoutMs: 1_500, retries: 1, ordering: 'none' },
      effectiveSettings: { timeoutMs: 1_500, retryDelaysMs: [1_000], disableAfter: 9, concurrency: 4 },
    });
    expect((await api.get(path)).body).toEqual(set.body);
  });

  it('hold for a subscription that is created afterwards', async () => {
    await api.call('PUT', path, { body: { timeoutMs: 3_000 } });
    const { id } = await api.create();
    expect((await control.publishedStates()).get(id)?.settings.timeoutMs).toBe(3_000);
  });

  it('are the defaults again when they are replaced by nothing', async () => {
    await api.call('PUT', path, { body: { timeoutMs: 3_000 } });
    const { id } = await api.create();
    const set = await api.call('PUT', path, { body: {} });
    expect(set.body).toEqual({ database: 'acme', ...defaultDeliverySettings });
    expect((await control.publishedStates()).get(id)?.settings).toEqual(defaultDeliverySettings);
  });

  it('reach all of more subscriptions than one page holds, in one change', async () => {
    const made = await Promise.all(Array.from({ length: 120 }, () => api.create({ database: 'globex' })));
    await api.call('PUT', '/v1/databases/globex/settings', { body: { disableAfter: 77 } });
    const states = await control.publishedStates();
    expect(made.map(({ id }) => states.get(id)?.settings.disableAfter)).toEqual(made.map(() => 77));
  });
});
