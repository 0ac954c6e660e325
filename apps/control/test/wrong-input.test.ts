import { beforeAll, describe, expect, it } from '@jest/globals';
import { adminKey, Api, aSubscription, controlUnderTest, type Answer } from './control-under-test.js';
import { wholeNumber, wrongFields, wrongOnCreate, type WrongField } from './wrong-fields.js';

const control = controlUnderTest();
let api: Api;
let id: string;

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
  id = (await api.create()).id;
});

/** What every problem has, whatever it is. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    status,
    code,
    type: `urn:odoo-relay:problem:${code}`,
    title: expect.stringMatching(/^[A-Z]/),
    detail: expect.stringMatching(/.{10}/),
  });
  expect(answer.status).toBe(status);
  expect(answer.text).not.toMatch(/node_modules|\bat .*:\d+:\d+|Error:|SELECT|INSERT|undefined|\[object/);
}

describe('wrong fields are refused, each with a sentence that says what to do', () => {
  it.each([...wrongFields, ...wrongOnCreate])('on create: $what', async (wrong) => {
    const answer = await api.call('POST', '/v1/subscriptions', {
      body: { ...aSubscription, ...wrong.fields },
    });
    expectFieldError(answer, wrong);
  });

  it.each(wrongFields)('on change: $what', async (wrong) => {
    expectFieldError(await api.call('PATCH', `/v1/subscriptions/${id}`, { body: wrong.fields }), wrong);
  });

  it.each([
    { what: 'timeout', fields: { timeoutMs: 0 }, field: 'timeoutMs', says: wholeNumber(100, 60_000) },
    { what: 'both', fields: { retries: 1, retryDelaysMs: [] }, field: 'retries', says: /give one of them/ },
    { what: 'unknown', fields: { N: 5 }, field: 'N', code: 'unknown_field', says: /leave it out/ },
  ])("in a database's settings: $what", async (wrong) => {
    expectFieldError(await api.call('PUT', '/v1/databases/acme/settings', { body: wrong.fields }), wrong);
  });

  it('tells all fields that are wrong at once', async () => {
    const body = { url: 'http://10.0.0.1/', eventTypes: ['a.b', 'c.d'], database: 'x' };
    const answer = await api.call('POST', '/v1/subscriptions', { body });
    expect(answer.body['errors']).toMatchObject([
      { field: 'database', code: 'unknown_database' },
      { field: 'eventTypes', code: 'unknown_event_type' },
      { field: 'eventTypes', code: 'unknown_event_type' },
      { field: 'url', code: 'address_not_allowed' },
    ]);
  });

  it.each([
    ['limit=0', 'limit', wholeNumber(1, 200)],
    ['limit=201', 'limit', wholeNumber(1, 200)],
    ['limit=many', 'limit', wholeNumber(1, 200)],
    ['cursor=1', 'cursor', 'must be the nextCursor of the page before'],
    ['database=a&database=b', 'database', 'must be given once'],
    ['page=2', 'page', /leave it out/],
  ])('in a query: %s', async (query, field, says) => {
    expectFieldError(await api.get(`/v1/subscriptions?${query}`), { field, says });
  });

  it('changes nothing by what is refused', async () => {
    expect((await api.get(`/v1/subscriptions/${id}`)).body).toMatchObject({ ...aSubscription, settings: {} });
  });

  function expectFieldError(answer: Answer, { field, code, says }: Partial<WrongField>): void {
    expectProblem(answer, 422, 'validation_failed');
    const errors = answer.body['errors'] as { field: string; code: string; message: string }[];
    expect(errors.map((error) => error.field)).toContain(field);
    const error = errors.find((each) => each.field === field);
    expect(error?.message).toEqual(typeof says === 'string' ? says : expect.stringMatching(says ?? ''));
    expect(error?.code).toBe(code ?? error?.code);
    expect(answer.body['detail']).toContain(`${field ?? ''} ${error?.message ?? ''}`);
  }
});

describe('a receiver', () => {
  it('may be private where ALLOWED_RECEIVERS names it', async () => {
    const created = await api.create({ url: 'http://127.0.0.1:8099/hook' });
    expect(created['url']).toBe('http://127.0.0.1:8099/hook');
  });

  it('may be a public name that does not resolve yet', async () => {
    expect((await api.create({ url: 'https://soon.example/' }))['url']).toBe('https://soon.example/');
  });
});

describe('a receiver under ALLOWED_PORTS and HTTPS_ONLY', () => {
  let strict: Api;
  beforeAll(async () => {
    const env = { ALLOWED_PORTS: '443,8443', HTTPS_ONLY: 'true', ALLOWED_RECEIVERS: '127.0.0.1:8099' };
    const { port } = await control.start(await control.environment(env));
    strict = new Api(`http://127.0.0.1:${port}`);
  });

  it.each(['https://shop.example/', 'https://shop.example:8443/', 'https://127.0.0.1:8099/'])(
    'is taken: %s',
    async (url) => {
      expect((await strict.create({ url }))['url']).toBe(url);
    },
  );

  it.each([
    ['https://shop.example:9443/', 'address_not_allowed', 'ALLOWED_PORTS'],
    ['http://shop.example/', 'bad_url', 'must begin with https:// (HTTPS_ONLY is set)'],
    ['http://127.0.0.1:8099/', 'bad_url', 'must begin with https:// (HTTPS_ONLY is set)'],
  ])('is refused: %s', async (url, code, says) => {
    const answer = await strict.call('POST', '/v1/subscriptions', { body: { ...aSubscription, url } });
    expectProblem(answer, 422, 'validation_failed');
    expect(answer.body['errors']).toEqual([{ field: 'url', code, message: expect.stringContaining(says) }]);
  });
});

describe('a request that cannot be read', () => {
  it.each([
    ['half an object', '{"database":"whsec_hidden', {}, 400, 'malformed_json'],
    ['a list', '[]', {}, 400, 'malformed_json'],
    ['a text', '"x"', {}, 400, 'malformed_json'],
    ['a deep one', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, {}, 400, 'malformed_json'],
    ['a large one', `{"a":"${'x'.repeat(256 * 1024)}"}`, {}, 413, 'body_too_large'],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    [
      'one of another character set',
      '{}',
      { 'content-type': 'application/json; charset=x' },
      415,
      'unsupported_media_type',
    ],
  ])('is refused: %s', async (_, body, headers, status, code) => {
    const answer = await api.call('POST', '/v1/subscriptions', { body, headers });
    expectProblem(answer, status, code);
    expect(answer.text).not.toContain('whsec_hidden');
  });

  it('is refused for what it lacks when it has no body at all', async () => {
    expectProblem(await api.call('POST', '/v1/subscriptions'), 422, 'validation_failed');
  });
});

describe('what is not there', () => {
  it.each([
    ['GET', '/v1/subscriptions/sub_00000000000000000000000000', 'subscription_not_found'],
    ['GET', '/v1/subscriptions/%00', 'subscription_not_found'],
    ['PATCH', '/v1/subscriptions/sub_00000000000000000000000000', 'subscription_not_found'],
    ['DELETE', '/v1/subscriptions/x', 'subscription_not_found'],
    ['POST', '/v1/subscriptions/sub_00000000000000000000000000/enable', 'subscription_not_found'],
    ['POST', '/v1/subscriptions/sub_00000000000000000000000000/disable', 'subscription_not_found'],
    ['GET', '/v1/databases/nowhere/settings', 'database_not_found'],
    ['PUT', '/v1/databases/nowhere/settings', 'database_not_found'],
    ['GET', '/v1/nothing', 'route_not_found'],
    ['PUT', '/v1/subscriptions', 'route_not_found'],
    ['GET', '/', 'route_not_found'],
  ])('is answered with 404: %s %s', async (method, path, code) => {
    const answer = await api.call(method, path, method === 'PATCH' || method === 'PUT' ? { body: {} } : {});
    expectProblem(answer, 404, code);
  });
});

describe('without the admin key', () => {
  it.each([
    ['none', undefined],
    ['an empty one', 'Bearer '],
    ['a wrong one', 'Bearer wrong-admin-key-0123456789'],
    ['its beginning', `Bearer ${adminKey.slice(0, -1)}`],
    ['one with more behind it', `Bearer ${adminKey}x`],
    ['another scheme', `Basic ${adminKey}`],
    ['two of them', `Bearer ${adminKey} ${adminKey}`],
  ])('nothing is answered: %s', async (_, authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    for (const [method, path] of [
      ['GET', '/v1/subscriptions'],
      ['GET', '/V1/subscriptions/'],
      ['GET', '/v1/docs/../subscriptions'],
      ['GET', `/v1/subscriptions/${id}`],
      ['DELETE', `/v1/subscriptions/${id}`],
      ['GET', '/v1/event-types'],
      ['GET', '/v1/databases/acme/settings'],
      ['GET', '/v1/nothing'],
    ] as const) {
      const response = await fetch(api.url + path, { method, headers });
      expect([path, response.status]).toEqual([path, 401]);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.text()).not.toContain(adminKey.slice(0, 8));
    }
    expect((await api.get(`/v1/subscriptions/${id}`)).status).toBe(200);
  });

  it.each(['/v1/openapi.json', '/v1/docs', '/v1/docs/swagger-ui.css', '/health/live', '/health/ready'])(
    'anybody may read %s',
    async (path) => {
      const response = await fetch(api.url + path);
      await response.arrayBuffer();
      expect(response.status).toBe(200);
    },
  );
});
