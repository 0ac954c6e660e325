import { beforeAll, describe, expect, it } from '@jest/globals';
import { changeTopic, envelopeSchema } from '#libs/change';
import pg from 'pg';
import { eventually } from '../../../test/harness/eventually.js';
import { Api, controlUnderTest, type Answer } from './control-under-test.js';

const control = controlUnderTest();
let api: Api;
let databaseUrl: string;

beforeAll(async () => {
  const schema = envelopeSchema({
    database: 'acme',
    table: 'sale_order',
    columns: [{ name: 'state', kind: 'text' }],
  });
  await control.registry.register(changeTopic('acme', 'sale_order'), 'value', schema);
  const env = await control.environment({ SELF_REGISTRATION: 'true' });
  databaseUrl = env['DATABASE_URL'] ?? '';
  const { port } = await control.start(env);
  api = new Api(`http://127.0.0.1:${port}`);
});

type Created = Answer['body'] & { id: string };

async function application(fields: Record<string, unknown> = {}): Promise<Created> {
  const answer = await api.call('POST', '/v1/applications', { body: { name: 'Shipper', ...fields } });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.body as Created;
}

async function credential(
  id: string,
  fields: Record<string, unknown> = {},
): Promise<Created & { secret: string }> {
  const body = { kind: 'api-key', ...fields };
  const answer = await api.call('POST', `/v1/applications/${id}/credentials`, { body });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.body as Created & { secret: string };
}

/** As the owner of an API key. */
const as = (key: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  api.call(method, path, {
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body }),
  });

const order = { database: 'acme', eventTypes: ['sale.order.updated'], url: 'https://shop.example/hooks' };

function errorsOf(answer: Answer): string[] {
  const errors = (answer.body['errors'] ?? []) as { field: string; code: string; message: string }[];
  return errors.map(({ field, code, message }) => `${field} ${code}: ${message}`);
}

describe('an application', () => {
  it('is created approved, with all that is not named, is changed, and deleted with its credentials', async () => {
    const created = await application({ contactEmail: 'ops@shipper.example' });
    expect(created).toMatchObject({
      state: 'approved',
      databases: null,
      models: null,
      companyIds: null,
      scopes: ['subscriptions:read', 'subscriptions:write', 'deliveries:read', 'replay'],
    });
    const path = `/v1/applications/${created.id}`;
    const changed = await api.call('PATCH', path, {
      body: { models: ['sale.order'], website: 'https://a.example' },
    });
    expect(changed.body).toMatchObject({
      name: 'Shipper',
      models: ['sale.order'],
      website: 'https://a.example',
    });
    const key = await credential(created.id);
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect((await api.get(path)).status).toBe(404);
    expect((await as(key.secret, 'GET', '/v1/subscriptions')).status).toBe(401);
  });

  it('with subscriptions is not deleted, nor is the default one', async () => {
    const { id } = await application();
    const created = await api.create({ ...order, applicationId: id });
    const refused = await api.call('DELETE', `/v1/applications/${id}`);
    expect([refused.status, refused.body['detail']]).toEqual([
      409,
      'it has 1 subscriptions: delete them first',
    ]);
    await api.call('DELETE', `/v1/subscriptions/${created.id}`);
    expect((await api.call('DELETE', `/v1/applications/${id}`)).status).toBe(204);
    expect((await api.call('DELETE', '/v1/applications/default')).status).toBe(409);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ name: '' }, /^name invalid: must be a text of 1 to 100/],
    [{ scopes: ['everything'] }, /^scopes invalid: must hold only subscriptions:read/],
    [{ databases: ['nowhere'] }, /^databases unknown_database: holds "nowhere": known are/],
    [{ models: ['no.model'] }, /^models unknown_model: holds "no.model"/],
    [{ companyIds: [0] }, /^companyIds invalid: must hold whole numbers only/],
    [{ redirectUrls: ['http://shipper.example/cb'] }, /^redirectUrls invalid: must hold https URLs/],
    [{ redirectUrls: ['https://a.example/#x'] }, /^redirectUrls invalid: must hold https URLs/],
    [{ redirectUrls: ['https://user@a.example/'] }, /^redirectUrls invalid: must hold https URLs/],
    [{ contactEmail: 'x' }, /^contactEmail invalid: must be an e-mail address/],
    [{ state: 'approved' }, /^state /],
  ])('that is not right is refused: %j', async (fields, expected) => {
    const answer = await api.call('POST', '/v1/applications', { body: { name: 'Shipper', ...fields } });
    expect([answer.status, errorsOf(answer).join('\n')]).toEqual([422, expect.stringMatching(expected)]);
  });
});

describe('an API key', () => {
  it('does what its scopes say, and is told which one is missing', async () => {
    const { id } = await application();
    const reader = await credential(id, { scopes: ['subscriptions:read'] });
    expect((await as(reader.secret, 'GET', '/v1/subscriptions')).status).toBe(200);
    const refused = await as(reader.secret, 'POST', '/v1/subscriptions', order);
    expect([refused.status, refused.body['code'], refused.body['detail']]).toEqual([
      403,
      'insufficient_scope',
      expect.stringContaining(
        'this needs the scope "subscriptions:write", the credentials have "subscriptions:read"',
      ),
    ]);
    expect((await as(reader.secret, 'GET', '/v1/databases/acme/settings')).status).toBe(403);
    expect((await as(reader.secret, 'POST', '/v1/applications', { name: 'x' })).status).toBe(403);
  });

  it('with the scope admin is an administrator', async () => {
    const { id } = await application({ scopes: ['admin'] });
    const { secret } = await credential(id);
    expect((await as(secret, 'GET', '/v1/databases/acme/settings')).status).toBe(200);
    const other = await application();
    expect((await as(secret, 'GET', `/v1/applications/${other.id}`)).status).toBe(200);
  });

  it('is refused once it is revoked, or changed by a letter', async () => {
    const { id } = await application();
    const { id: keyId, secret } = await credential(id);
    expect((await as(secret, 'GET', '/v1/subscriptions')).status).toBe(200);
    const last = secret.at(-1) === 'A' ? 'B' : 'A';
    for (const wrong of [
      secret.slice(0, -1) + last,
      secret.slice(0, -1),
      `${secret}A`,
      secret.slice(6),
      keyId,
    ]) {
      expect((await as(wrong, 'GET', '/v1/subscriptions')).status).toBe(401);
    }
    const revoked = await api.call('DELETE', `/v1/applications/${id}/credentials/${keyId}`);
    expect(revoked.body).toMatchObject({ id: keyId, revokedAt: expect.stringMatching(/^2/) });
    expect((await as(secret, 'GET', '/v1/subscriptions')).status).toBe(401);
  });

  it('has no more than its application has now', async () => {
    const { id } = await application();
    const { secret } = await credential(id);
    await api.call('PATCH', `/v1/applications/${id}`, { body: { scopes: ['subscriptions:read'] } });
    expect((await as(secret, 'GET', '/v1/subscriptions')).status).toBe(200);
    expect((await as(secret, 'POST', '/v1/subscriptions', order)).status).toBe(403);
  });

  it('gives others no more than it has itself', async () => {
    const { id } = await application();
    const { secret } = await credential(id, { scopes: ['subscriptions:read', 'replay'] });
    const path = `/v1/applications/${id}/credentials`;
    const wider = await as(secret, 'POST', path, { kind: 'oauth2-client', scopes: ['subscriptions:write'] });
    expect([wider.status, errorsOf(wider)[0]]).toEqual([422, expect.stringMatching(/^scopes not_granted/)]);
    const same = await as(secret, 'POST', path, { kind: 'oauth2-client' });
    expect([same.status, same.body['scopes']]).toEqual([201, ['subscriptions:read', 'replay']]);
  });

  it('is listed page by page', async () => {
    const { id } = await application();
    const made = [];
    for (let count = 0; count < 3; count += 1) {
      made.push((await credential(id)).id);
    }
    const path = `/v1/applications/${id}/credentials?limit=2`;
    const first = (await api.get(path)).body;
    const second = (await api.get(`${path}&cursor=${String(first['nextCursor'])}`)).body;
    const pages = [first, second].map(({ data }) => (data as { id: string }[]).map((one) => one.id));
    expect(pages).toEqual([made.sort().slice(0, 2), made.slice(2)]);
    expect(second['nextCursor']).toBe(null);
  });

  it('is kept as a hash: neither it nor a part of it is in the tables or the lists', async () => {
    const { id } = await application();
    const { secret } = await credential(id);
    const listed = await api.get(`/v1/applications/${id}/credentials`);
    expect(listed.text).not.toContain(secret.slice(-20));
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const dump = await client.query('SELECT to_jsonb(c) FROM relay_control.application_credentials c');
    await client.end();
    expect(JSON.stringify(dump.rows)).toContain(id);
    expect(JSON.stringify(dump.rows)).not.toContain(secret.slice(-20));
  });

  it('is replaced: the one before is good until the grace time ends, and no longer', async () => {
    const { id } = await application();
    const { id: keyId, secret: first } = await credential(id);
    const path = `/v1/applications/${id}/credentials/${keyId}`;
    const status = async (key: unknown): Promise<number> =>
      (await as(String(key), 'GET', '/v1/subscriptions')).status;
    const rotated = await as(first, 'POST', `${path}/rotate-secret`);
    const second = rotated.body['secret'];
    const untilMs = Date.parse(String(rotated.body['previousSecretUntil']));
    expect([rotated.status, Math.round((untilMs - Date.now()) / 60_000)]).toEqual([200, 1_440]);
    expect([await status(first), await status(second)]).toEqual([200, 200]);
    const listed = await api.get(`/v1/applications/${id}/credentials`);
    expect(listed.text).toContain(String(rotated.body['previousSecretUntil']));
    expect(listed.text).not.toContain(String(second).slice(-20));
    const third = (await api.call('POST', `${path}/rotate-secret`, { body: { graceMs: 1_500 } })).body[
      'secret'
    ];
    // Of earlier ones only the present one stays.
    expect([await status(first), await status(second), await status(third)]).toEqual([401, 200, 200]);
    await eventually(async () => (await status(second)) === 401);
    const last = await api.call('POST', `${path}/rotate-secret`, { body: { graceMs: 0 } });
    expect(last.body['previousSecretUntil']).toBeNull();
    expect([await status(third), await status(last.body['secret'])]).toEqual([401, 200]);
  });

  it('is replaced by none that can do less than it, is revoked, or has no secret', async () => {
    const { id } = await application();
    const reader = await credential(id, { scopes: ['subscriptions:read'] });
    const writer = await credential(id);
    const path = `/v1/applications/${id}/credentials`;
    const wider = await as(reader.secret, 'POST', `${path}/${writer.id}/rotate-secret`);
    expect([wider.status, wider.body['code']]).toEqual([403, 'insufficient_scope']);
    expect((await as(writer.secret, 'GET', '/v1/subscriptions')).status).toBe(200);
    expect((await as(writer.secret, 'POST', `${path}/${reader.id}/rotate-secret`)).status).toBe(200);
    const open = await credential(id, { kind: 'oauth2-client', authMethod: 'none' });
    await api.call('DELETE', `${path}/${writer.id}`);
    for (const one of [open, writer]) {
      const refused = await api.call('POST', `${path}/${one.id}/rotate-secret`);
      expect([refused.status, refused.body['code']]).toEqual([409, 'credential_not_rotatable']);
    }
    const wrong = await api.call('POST', `${path}/${reader.id}/rotate-secret`, { body: { graceMs: -1 } });
    expect([wrong.status, errorsOf(wrong)[0]]).toEqual([422, expect.stringMatching(/^graceMs /)]);
    expect((await api.call('POST', `${path}/key_${'0'.repeat(26)}/rotate-secret`)).status).toBe(404);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ kind: 'password' }, /^kind invalid/],
    [{ kind: 'api-key', scopes: ['admin'] }, /^scopes not_granted: holds "admin"/],
    [{ kind: 'api-key', publicKey: 'x' }, /^publicKey invalid: is only for an oauth1-consumer/],
    [{ kind: 'oauth1-consumer', publicKey: 'x' }, /^publicKey invalid: must be an RSA public key/],
  ])('that cannot be given is refused: %j', async (body, expected) => {
    const { id } = await application();
    const answer = await api.call('POST', `/v1/applications/${id}/credentials`, { body });
    expect([answer.status, errorsOf(answer).join('\n')]).toEqual([422, expect.stringMatching(expected)]);
  });
});

describe('what an application was granted', () => {
  it('is all that it can subscribe to', async () => {
    const { id } = await application({ databases: ['acme'], models: ['sale.order'], companyIds: [1, 3] });
    const { secret } = await credential(id);
    const subscribe = async (fields: Record<string, unknown>): Promise<string[]> => {
      const answer = await as(secret, 'POST', '/v1/subscriptions', { ...order, ...fields });
      return answer.status === 201 ? [] : errorsOf(answer);
    };
    const shape = { companyId: 1 };
    expect(await subscribe({ shape })).toEqual([]);
    expect(await subscribe({ shape, database: 'globex' })).toEqual(
      expect.arrayContaining([expect.stringMatching(/^database not_granted/)]),
    );
    expect(await subscribe({ shape, eventTypes: ['product.created'] })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^eventTypes not_granted: .* was not granted product.template/),
      ]),
    );
    const wrongCompany = expect.stringMatching(
      /^shape.companyId not_granted: must be a company .* granted: 1, 3/,
    );
    expect(await subscribe({ shape: { companyId: 2 } })).toEqual([wrongCompany]);
    expect(await subscribe({})).toEqual([wrongCompany]);
    expect(await subscribe({ shape, applicationId: 'default' })).toEqual([
      expect.stringMatching(/^applicationId not_granted/),
    ]);
  });

  it('is all of the event types that it sees', async () => {
    const { id } = await application({ databases: ['acme'], models: ['sale.order'] });
    const { secret } = await credential(id);
    const listed = (await as(secret, 'GET', '/v1/event-types')).body['data'] as { model: string }[];
    expect(new Set(listed.map(({ model }) => model))).toEqual(new Set(['sale.order']));
    expect((await as(secret, 'GET', '/v1/event-types/product.created?database=acme')).status).toBe(404);
    expect((await as(secret, 'GET', '/v1/event-types?database=globex')).status).toBe(422);
  });

  it('ends deliveries when it is taken back, and lets them go on when it is given again', async () => {
    const { id } = await application();
    const created = await api.create({ ...order, applicationId: id });
    const shown = async (isPublishedOn: boolean): Promise<unknown[]> => {
      await eventually(
        async () => (await control.publishedStates()).get(created.id)?.enabled === isPublishedOn,
      );
      const { state, reason } = (await api.get(`/v1/subscriptions/${created.id}`)).body;
      return [state, reason];
    };
    const change = async (body: object): Promise<void> => {
      expect((await api.call('PATCH', `/v1/applications/${id}`, { body })).status).toBe(200);
    };
    expect(await shown(true)).toEqual(['active', null]);
    await change({ state: 'suspended' });
    expect(await shown(false)).toEqual(['disabled', 'its application is suspended']);
    await change({ state: 'approved', models: ['product.template'] });
    expect(await shown(false)).toEqual([
      'disabled',
      expect.stringMatching(/the application was not granted sale.order/),
    ]);
    await change({ models: null });
    expect(await shown(true)).toEqual(['active', null]);
  });
});

describe('an application that registers itself', () => {
  const register = (fields: Record<string, unknown> = {}): Promise<Answer> =>
    api.call('POST', '/v1/registrations', {
      body: { name: 'Printer', ...fields },
      headers: { authorization: '' },
    });

  it('reads its state, does nothing else before it is approved, and all that it was granted after', async () => {
    const registered = await register({ databases: ['acme'] });
    expect([registered.status, registered.body['state']]).toEqual([201, 'pending']);
    const { id, apiKey } = registered.body as { id: string; apiKey: string };
    const path = `/v1/applications/${id}`;
    expect((await as(apiKey, 'GET', path)).body['state']).toBe('pending');
    const refused = await as(apiKey, 'GET', '/v1/subscriptions');
    expect([refused.status, refused.body['code']]).toEqual([403, 'application_not_approved']);
    expect((await as(apiKey, 'POST', `${path}/credentials`, { kind: 'api-key' })).status).toBe(403);
    await api.call('PATCH', path, { body: { state: 'approved', models: ['sale.order'] } });
    expect((await as(apiKey, 'POST', '/v1/subscriptions', order)).status).toBe(201);
    await api.call('PATCH', path, { body: { state: 'rejected' } });
    expect((await as(apiKey, 'GET', '/v1/subscriptions')).body['detail']).toContain('rejected');
  });

  it('cannot ask to be an administrator', async () => {
    const answer = await register({ scopes: ['admin'] });
    expect([answer.status, errorsOf(answer)[0]]).toEqual([422, expect.stringMatching(/^scopes not_granted/)]);
  });

  it('does so only where that is switched on', async () => {
    const { port } = await control.start(await control.environment());
    const answer = await new Api(`http://127.0.0.1:${port}`).call('POST', '/v1/registrations', {
      body: { name: 'Printer' },
    });
    expect([answer.status, answer.body['code']]).toEqual([403, 'registrations_closed']);
  });
});
