import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import pg from 'pg';
import { controlUnderTest, type Api } from './control-under-test.js';
import { answer, as, begin, errorOf, exchange, newClient, startOAuth2, tokens } from './oauth2-client.js';

const control = controlUnderTest();
let api: Api;
let other: Api;
let issuer: URL;
let databaseUrl: string;

beforeAll(async () => {
  ({ api, other, issuer, databaseUrl } = await startOAuth2(control));
});

describe('refresh tokens', () => {
  it('rotate; fault 97: one that is used again ends the whole family', async () => {
    const shipper = await newClient();
    const first = await tokens(shipper);
    const second = await client.refreshTokenGrant(shipper.config, first.refresh_token ?? '');
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await as(second.access_token, '/v1/subscriptions')).status).toBe(200);
    expect(await errorOf(client.refreshTokenGrant(shipper.config, first.refresh_token ?? ''))).toBe(
      'invalid_grant',
    );
    expect(await errorOf(client.refreshTokenGrant(shipper.config, second.refresh_token ?? ''))).toBe(
      'invalid_grant',
    );
    expect((await as(second.access_token, '/v1/subscriptions')).status).toBe(401);
  });

  it('do not widen the scope', async () => {
    const shipper = await newClient();
    const { refresh_token: refresh = '' } = await tokens(shipper);
    const wider = client.refreshTokenGrant(shipper.config, refresh, { scope: 'subscriptions:write' });
    expect(await errorOf(wider)).toBe('invalid_scope');
  });
});

describe('a token', () => {
  it('is introspected by its application and by no other, and is over when it is revoked', async () => {
    const shipper = await newClient();
    const { access_token: token } = await tokens(shipper);
    expect(await client.tokenIntrospection(shipper.config, token)).toMatchObject({
      active: true,
      scope: 'subscriptions:read',
      client_id: shipper.id,
    });
    const stranger = await newClient();
    expect(await client.tokenIntrospection(stranger.config, token)).toEqual({ active: false });
    await client.tokenRevocation(stranger.config, token).catch(() => undefined);
    expect((await as(token, '/v1/subscriptions')).status).toBe(200);
    await client.tokenRevocation(shipper.config, token);
    expect((await as(token, '/v1/subscriptions')).status).toBe(401);
    expect((await as(token, '/v1/subscriptions', other)).status).toBe(401);
  });

  it('fault 96: that is a JWT is refused, whatever it says and whoever signed it', async () => {
    const jwks = (await (await fetch(`${issuer.href}/jwks`)).json()) as { keys: Record<string, string>[] };
    const [key] = jwks.keys;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = part({
      iss: issuer.href,
      aud: issuer.href,
      sub: 'usr_x',
      scope: 'admin',
      exp: 9_999_999_999,
    });
    const heads = [
      { alg: 'none' },
      { alg: 'HS256', kid: key?.['kid'] },
      { alg: 'RS256', kid: '../../../../dev/null' },
      { alg: 'RS256', kid: key?.['kid'] },
    ];
    for (const head of heads) {
      const signed = `${part(head)}.${claims}`;
      const signature =
        head.alg === 'none'
          ? ''
          : head.alg === 'HS256'
            ? createHmac('sha256', JSON.stringify(key)).update(signed).digest('base64url')
            : sign('sha256', Buffer.from(signed), privateKey).toString('base64url');
      expect([head, (await as(`${signed}.${signature}`, '/v1/subscriptions')).status]).toEqual([head, 401]);
    }
    const shipper = await newClient();
    const { id_token: idToken = '' } = await tokens(shipper, { scope: 'openid' });
    expect((await as(idToken, '/v1/subscriptions')).status).toBe(401);
    expect((await as(randomBytes(32).toString('base64url'), '/v1/subscriptions')).status).toBe(401);
  });

  it('fault 98: stands in no table in clear, nor does a client secret or a code', async () => {
    const shipper = await newClient();
    const flow = await begin(shipper);
    const back = await answer(flow, 'allow');
    const given = await exchange(shipper, flow, back);
    const secrets = [
      given.access_token,
      given.refresh_token ?? '',
      back.searchParams.get('code') ?? '',
      shipper.secret,
    ];
    const db = new pg.Client({ connectionString: databaseUrl });
    await db.connect();
    const tables = ['oauth2_items', 'application_credentials', 'oauth2_keys', 'sessions'];
    const rows = await Promise.all(
      tables.map((table) => db.query(`SELECT to_jsonb(t) FROM relay_control.${table} t`)),
    );
    await db.end();
    const dump = JSON.stringify(rows.map((result) => result.rows as unknown[]));
    expect(dump).toContain(shipper.id);
    expect(secrets.filter((secret) => secret === '' || dump.includes(secret))).toEqual([]);
    expect(dump).not.toContain('PRIVATE');
  });
});

describe('what is discovered', () => {
  it('names the endpoints as they are reached from outside, whatever a caller says', async () => {
    const answered = await fetch(`${other.url}/oauth2/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    const found = (await answered.json()) as Record<string, unknown>;
    expect(found).toMatchObject({
      issuer: issuer.href,
      authorization_endpoint: `${issuer.href}/authorize`,
      token_endpoint: `${issuer.href}/token`,
      introspection_endpoint: `${issuer.href}/introspect`,
      revocation_endpoint: `${issuer.href}/revoke`,
      jwks_uri: `${issuer.href}/jwks`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      scopes_supported: expect.arrayContaining(['subscriptions:read', 'admin']),
    });
    expect(JSON.stringify(found)).not.toContain('evil');
  });

  it('has the same public keys on every instance, and nothing of private ones', async () => {
    const [mine, theirs] = await Promise.all(
      [api, other].map(async ({ url }) => (await fetch(`${url}/oauth2/jwks`)).text()),
    );
    expect(mine).toBe(theirs);
    const { keys } = JSON.parse(mine ?? '') as { keys: Record<string, string>[] };
    expect(keys.map((key) => Object.keys(key).filter((name) => 'dpq'.includes(name[0] ?? '')))).toEqual([[]]);
  });
});
