import { beforeAll, describe, expect, it } from '@jest/globals';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
const password = 'correct horse battery';
let api: Api;

beforeAll(async () => {
  const env = await control.environment({ PUBLIC_URL: 'https://relay.example.com' });
  api = new Api(`http://127.0.0.1:${(await control.start(env)).port}`);
});

async function create(body: Record<string, unknown>): Promise<Record<string, unknown>> {
  const answer = await api.call('POST', '/v1/accounts', { body });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body;
}

describe('an account', () => {
  it('is made with a password, or with a link that is shown once', async () => {
    const withPassword = await create({ email: 'Ada@Example.com', password });
    expect(withPassword).toMatchObject({
      id: expect.stringMatching(/^usr_[0-9a-z]{26}$/),
      email: 'ada@example.com',
      state: 'active',
      twoFactor: false,
      external: false,
      invitationUrl: null,
    });
    const invited = await create({ email: 'bob@example.com' });
    expect(invited['state']).toBe('invited');
    expect(invited['invitationUrl']).toMatch(/^https:\/\/relay\.example\.com\/invitation\/[\w-]{43}$/);
    const { text } = await api.get('/v1/accounts');
    expect(text).toContain('bob@example.com');
    expect(text).not.toMatch(/invitation|argon2|password/i);
  });

  it('is one for each e-mail address, however it is written', async () => {
    await create({ email: 'cyd@example.com', password });
    const answer = await api.call('POST', '/v1/accounts', { body: { email: 'CYD@example.com' } });
    expect([answer.status, answer.body['code']]).toEqual([409, 'email_in_use']);
  });

  it.each([
    [{ email: 'not an address' }, 'email'],
    [{ email: `${'a'.repeat(250)}@example.com` }, 'email'],
    [{ email: 'dan@example.com', password: 'elevenchars' }, 'password'],
    [{ email: 'dan@example.com', password: 'a'.repeat(257) }, 'password'],
    [{ email: 'dan@example.com', password: 'DAN@example.com' }, 'password'],
    [{ email: 'dan@example.com', password: 7 }, 'password'],
    [{ email: 'dan@example.com', role: 'owner' }, 'role'],
    [{}, 'email'],
  ])('is refused as %j', async (body, field) => {
    const { status, body: problem, text } = await api.call('POST', '/v1/accounts', { body });
    expect([status, problem['errors']]).toEqual([422, [expect.objectContaining({ field })]]);
    expect(text).not.toContain('elevenchars');
  });

  it('may have 256 characters for a password, of any kind', async () => {
    await create({ email: 'eve@example.com', password: '🐎'.repeat(256) });
  });

  it('is disabled and enabled, and its state says so', async () => {
    const { id } = await create({ email: 'fay@example.com', password });
    const path = `/v1/accounts/${String(id)}`;
    expect((await api.call('PATCH', path, { body: { enabled: false } })).body['state']).toBe('disabled');
    expect((await api.call('PATCH', path, { body: { enabled: true } })).body['state']).toBe('active');
    expect((await api.call('PATCH', path, { body: { enabled: 'yes' } })).status).toBe(422);
  });

  it('is invited anew by a reset, each time with another link', async () => {
    const { id } = await create({ email: 'gus@example.com', password });
    const resets = [];
    for (let count = 0; count < 2; count += 1) {
      resets.push((await api.call('POST', `/v1/accounts/${String(id)}/reset`, { body: {} })).body);
    }
    expect(resets.map(({ state }) => state)).toEqual(['invited', 'invited']);
    expect(new Set(resets.map(({ invitationUrl }) => invitationUrl)).size).toBe(2);
  });

  it('is not found under an id that is none', async () => {
    for (const id of [`usr_${'0'.repeat(26)}`, 'x']) {
      for (const answer of [
        await api.get(`/v1/accounts/${id}`),
        await api.call('PATCH', `/v1/accounts/${id}`, { body: { enabled: true } }),
        await api.call('POST', `/v1/accounts/${id}/reset`, { body: {} }),
      ]) {
        expect([answer.status, answer.body['code']]).toEqual([404, 'account_not_found']);
      }
    }
  });

  it('is listed page by page', async () => {
    const emails: unknown[] = [];
    let cursor: unknown;
    do {
      const from = typeof cursor === 'string' ? `&cursor=${cursor}` : '';
      const { body } = await api.get(`/v1/accounts?limit=2${from}`);
      emails.push(...(body['data'] as { email: string }[]).map(({ email }) => email));
      cursor = body['nextCursor'];
    } while (cursor !== null);
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails).toEqual(expect.arrayContaining(['ada@example.com', 'gus@example.com']));
  });

  it('is shown to nobody without the key', async () => {
    expect((await fetch(`${api.url}/v1/accounts`)).status).toBe(401);
  });
});
