import { beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { eventually } from '../../../test/harness/eventually.js';
import { newSortableId } from '../src/persistence/sortable-id.js';
import { AttemptRows } from './attempt-rows.js';
import { DeadLetters } from './dead-letters.js';
import { Api, controlUnderTest, type Answer } from './control-under-test.js';
import { OrderChanges } from './order-changes.js';

const control = controlUnderTest();
let api: Api;
let databaseUrl: string;

/** An application, its key, and one of all that can be its. */
interface Tenant {
  applicationId: string;
  key: string;
  credentialId: string;
  subscriptionId: string;
  replayId: string;
  redriveId: string;
  webhookId: string;
  consentId: string;
}

let mine: Tenant;
let other: Tenant;
let routes: string[];

const order = { database: 'acme', eventTypes: ['sale.order.updated'], url: 'https://shop.example/hooks' };

async function created(path: string, body: object): Promise<Record<string, string>> {
  const answer = await api.call('POST', path, { body });
  expect([path, answer.status, answer.text]).toEqual([path, 201, answer.text]);
  return answer.body as Record<string, string>;
}

/** As if an account had consented: the pages on which it does are no part of this. */
async function consented(applicationId: string): Promise<string> {
  const { id: consumerKey } = await created(`/v1/applications/${applicationId}/credentials`, {
    kind: 'oauth1-consumer',
  });
  const id = newSortableId('o1t', Date.now());
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query(
    `INSERT INTO relay_control.oauth1_tokens (id, secret, consumer_key, application_id, account_id, created_at)
     VALUES ($1, 'sealed', $2, $3, $4, now())`,
    [id, consumerKey, applicationId, newSortableId('usr', Date.now())],
  );
  await database.end();
  return id;
}

async function tenant(name: string): Promise<Tenant> {
  const { id: applicationId = '' } = await created('/v1/applications', { name });
  const path = `/v1/applications/${applicationId}/credentials`;
  const { id: credentialId = '', secret: key = '' } = await created(path, { kind: 'api-key' });
  const { id: subscriptionId } = await api.create({ ...order, applicationId });
  const letters = new DeadLetters(control.kafka, await control.kafka.publisher());
  const [webhookId = ''] = await letters.die(subscriptionId, 1);
  const rows = await AttemptRows.open(control.stack, control.stack.topicPrefix);
  await rows.write([rows.row({ subscription_id: subscriptionId, webhook_id: webhookId, outcome: 'dead' })]);
  await rows.kafka.close();
  await eventually(async () => (await api.get(`/v1/deliveries/${webhookId}`)).status === 200);
  const { id: replayId = '' } = await created(`/v1/subscriptions/${subscriptionId}/replays`, {
    from: 'current-state',
    dryRun: true,
  });
  const { id: redriveId = '' } = await created('/v1/redrives', { subscriptionId, dryRun: true });
  const consentId = await consented(applicationId);
  return { applicationId, key, credentialId, subscriptionId, replayId, redriveId, webhookId, consentId };
}

beforeAll(async () => {
  const orders = await OrderChanges.open(control);
  await orders.publish(orders.confirmed(1));
  const env = await control.environment();
  databaseUrl = env['DATABASE_URL'] ?? '';
  const { port } = await control.start(env);
  api = new Api(`http://127.0.0.1:${port}`);
  [mine, other] = [await tenant('Mine'), await tenant('Other')];
  const { paths } = (await api.get('/v1/openapi.json')).body as {
    paths: Record<string, Record<string, unknown>>;
  };
  routes = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
});

const as = (key: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  api.call(method, path, {
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body }),
  });

/** A body with which the route would do something. */
const bodies: Readonly<Record<string, object>> = {
  'POST /v1/subscriptions': order,
  'PATCH /v1/subscriptions/{id}': { url: 'https://evil.example/hooks' },
  'POST /v1/subscriptions/{id}/rotate-secret': {},
  'POST /v1/subscriptions/{id}/replays': { from: 'current-state' },
  'POST /v1/applications/{id}/credentials': { kind: 'api-key' },
  'POST /v1/applications/{id}/credentials/{credentialId}/rotate-secret': {},
  'PATCH /v1/applications/{id}': { name: 'Taken' },
  'POST /v1/applications': { name: 'New' },
  'POST /v1/registrations': { name: 'New' },
  'POST /v1/erasures': { database: 'acme', records: ['sale.order,1'] },
  'PUT /v1/databases/{database}/settings': { retries: 1 },
  'PUT /v1/databases/{database}/event-types/{name}': {
    model: 'sale.order',
    description: 'x',
    operations: ['updated'],
  },
};

/** What an administrator alone may do, or see. */
const adminOnly = [
  'GET /v1/audit-log',
  'GET /v1/erasures',
  'GET /v1/erasures/{id}',
  'POST /v1/erasures',
  'GET /v1/accounts',
  'GET /v1/accounts/{id}',
  'POST /v1/accounts',
  'PATCH /v1/accounts/{id}',
  'POST /v1/accounts/{id}/reset',
  'POST /v1/applications',
  'PATCH /v1/applications/{id}',
  'DELETE /v1/applications/{id}',
  'GET /v1/databases/{database}/settings',
  'PUT /v1/databases/{database}/settings',
  'GET /v1/databases/{database}/event-types/{name}',
  'PUT /v1/databases/{database}/event-types/{name}',
  'DELETE /v1/databases/{database}/event-types/{name}',
];

/** The path with ids of a tenant. */
function pathOf(
  route: string,
  { applicationId, credentialId, subscriptionId, replayId, redriveId, webhookId, consentId }: Tenant,
): string {
  const [, path = ''] = route.split(' ');
  const id = path.startsWith('/v1/applications')
    ? applicationId
    : path.startsWith('/v1/replays')
      ? replayId
      : path.startsWith('/v1/redrives')
        ? redriveId
        : path.startsWith('/v1/consents')
          ? consentId
          : subscriptionId;
  return path
    .replace('{id}', id)
    .replace('{credentialId}', credentialId)
    .replace('{webhookId}', webhookId)
    .replace('{database}', 'acme')
    .replace('{name}', 'sale.order.updated');
}

describe('two applications', () => {
  it('on every route with an id: what is of another is not told from what is not there', async () => {
    const withId = routes.filter((route) => /\{(?:id|webhookId)\}/.test(route));
    expect(withId.length).toBeGreaterThan(14);
    for (const route of withId) {
      const [method = ''] = route.split(' ');
      const answer = await as(mine.key, method, pathOf(route, other), bodies[route]);
      const expected = adminOnly.includes(route) ? 403 : 404;
      expect([route, answer.status]).toEqual([route, expected]);
      const nobodys = {
        ...other,
        subscriptionId: `sub_${'0'.repeat(26)}`,
        applicationId: 'app_none',
        webhookId: 'msg_none',
        consentId: `o1t_${'0'.repeat(26)}`,
      };
      const none = await as(
        mine.key,
        method,
        pathOf(route, { ...nobodys, replayId: `rpl_${'0'.repeat(26)}`, redriveId: `rdr_${'0'.repeat(26)}` }),
        bodies[route],
      );
      expect([route, none.status, none.body['code']]).toEqual([route, answer.status, answer.body['code']]);
    }
    const { url } = (await api.get(`/v1/subscriptions/${other.subscriptionId}`)).body;
    expect(url).toBe(order.url);
  });

  it('what an administrator alone may do, neither may', async () => {
    const unlisted = routes.filter((route) => !adminOnly.includes(route) && /databases\//.test(route));
    expect(unlisted).toEqual([]);
    for (const route of adminOnly) {
      expect(routes).toContain(route);
      const [method = ''] = route.split(' ');
      const answer = await as(mine.key, method, pathOf(route, mine), bodies[route]);
      expect([route, answer.status]).toEqual([route, 403]);
    }
  });

  it('each list and each route of its own names nothing of the other', async () => {
    const foreign = [
      other.applicationId,
      other.subscriptionId,
      other.replayId,
      other.redriveId,
      other.credentialId,
      other.webhookId,
      other.consentId,
    ];
    for (const route of routes.filter((one) => one.startsWith('GET') && !adminOnly.includes(one))) {
      const path = pathOf(route, mine) + (route.endsWith('/{name}') ? '?database=acme' : '');
      const answer = await as(mine.key, 'GET', path);
      expect([route, answer.status]).toEqual([route, 200]);
      expect([route, foreign.filter((id) => answer.text.includes(id))]).toEqual([route, []]);
    }
    const seen = (await as(mine.key, 'GET', '/v1/redrives')).text;
    expect(seen).toContain(mine.redriveId);
    const consents = (await as(mine.key, 'GET', '/v1/consents')).text;
    expect(consents).toContain(mine.consentId);
    // Of another's, which was to be revoked above, nothing is taken.
    expect((await api.get('/v1/consents')).text).toContain(other.consentId);
  });

  it('nor does asking by name help: neither a filter, a redrive nor a trial reaches the other', async () => {
    const filtered = await as(mine.key, 'GET', `/v1/subscriptions?applicationId=${other.applicationId}`);
    expect(filtered.text).not.toContain(other.subscriptionId);
    const consents = await as(mine.key, 'GET', `/v1/consents?applicationId=${other.applicationId}`);
    expect([consents.status, consents.body]).toEqual([200, { data: [], nextCursor: null }]);
    for (const body of [{ subscriptionId: other.subscriptionId }, { database: 'acme' }]) {
      const answer = await as(mine.key, 'POST', '/v1/redrives', { ...body, dryRun: true });
      expect([answer.status, answer.body['detail']]).toEqual([
        422,
        expect.stringContaining('subscriptionId must be one of the application'),
      ]);
    }
    const tried = await as(mine.key, 'POST', '/v1/try', { subscriptionId: other.subscriptionId });
    expect([tried.status, tried.body['detail']]).toEqual([
      422,
      expect.stringContaining('names no subscription'),
    ]);
    const draft = { subscription: { ...order, applicationId: other.applicationId } };
    expect((await as(mine.key, 'POST', '/v1/try', draft)).status).toBe(200);
  });

  it('of companies that an application was not granted, no change is shown by a trial', async () => {
    const { id = '' } = await created('/v1/applications', { name: 'Company 1', companyIds: [1] });
    const { secret = '' } = await created(`/v1/applications/${id}/credentials`, { kind: 'api-key' });
    const change = (company: number): object => ({
      subscription: { ...order, shape: { companyId: 1 } },
      change: { after: { state: 'sale' }, before: { state: 'draft' }, record_id: company },
    });
    const answer = await as(secret, 'POST', '/v1/try', change(1));
    expect([answer.status, (answer.body['data'] as unknown[]).length]).toEqual([200, 1]);
  });

  it('without credentials, or with those of nobody, no route is open but the registration', async () => {
    for (const route of routes.filter((one) => one !== 'POST /v1/registrations')) {
      const [method = ''] = route.split(' ');
      for (const authorization of ['', 'Bearer nobody', 'Basic YTpi', `bearer ${mine.key}x`]) {
        const answer = await api.call(method, pathOf(route, mine), { headers: { authorization } });
        expect([route, authorization, answer.status]).toEqual([route, authorization, 401]);
      }
    }
  });

  it('nor is there another way of writing a path that leads past this', async () => {
    for (const path of ['/V1/accounts', '/v1/Accounts', '/v1//accounts', '/V1/accounts/', '/%761/accounts']) {
      expect([path, (await as(mine.key, 'GET', path)).status >= 400]).toEqual([path, true]);
      const nobody = await api.call('GET', path, { headers: { authorization: '' } });
      expect([path, nobody.status >= 400]).toEqual([path, true]);
    }
  });
});
