import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '#libs/telemetry';
import { Nonces, type NonceUse } from '../src/oauth1/nonces.js';
import { openDataSource } from '../src/persistence/data-source.js';
import {
  authorizationOf,
  connect,
  oauth1UnderTest,
  signedCall,
  type Credentials,
  type OAuth1Instance,
} from './oauth1-under-test.js';

const oauth1 = oauth1UnderTest();
let databaseUrl: string;
let first: OAuth1Instance;

const nowS = (): number => Math.floor(Date.now() / 1000);
const use = (nonce: string, changes: Partial<NonceUse> = {}): NonceUse => ({
  consumerKey: 'key',
  token: 'token',
  timestampS: nowS(),
  nonce,
  ...changes,
});

beforeAll(async () => {
  databaseUrl = await oauth1.stack.freshDatabase();
  first = await oauth1.start(databaseUrl);
});

describe('R11: a nonce is taken once', () => {
  it('of fifty that come to two instances at once', async () => {
    const second = await oauth1.start(databaseUrl);
    const same = use('at once');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? first : second).nonces.take(same)),
    );
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(49);
  });

  it('and another consumer, token, time or nonce is another', async () => {
    const one = use('alike');
    const others = [
      one,
      { ...one, consumerKey: 'other' },
      { ...one, token: 'other' },
      { ...one, token: null },
      { ...one, timestampS: one.timestampS - 1 },
      { ...one, nonce: 'Alike' },
    ];
    for (const each of others) {
      expect(await first.nonces.take(each)).toBe('taken');
      expect(await first.nonces.take(each)).toBe('used');
    }
  });

  it('is removed only when its timestamp is not accepted any more, whatever clock an instance has', async () => {
    const ages = [0, 290, 590, 1_000];
    const uses = ages.map((age) => use(`${String(age)} s old`, { timestampS: nowS() - age }));
    const outcomes = await Promise.all(uses.map((each) => first.nonces.take(each)));
    expect(outcomes).toEqual(['taken', 'taken', 'taken', 'uncertain']);
    const old = { ...use('very old'), timestampS: nowS() - 1_000 };
    await first.dataSource.query('INSERT INTO relay_control.oauth1_nonces VALUES ($1, $2, $3, $4)', [
      old.timestampS,
      old.consumerKey,
      old.token,
      old.nonce,
    ]);
    await first.nonces.removeOld();
    const left = await first.dataSource.query<{ nonce: string }[]>(
      `SELECT nonce FROM relay_control.oauth1_nonces WHERE nonce LIKE '% old' ORDER BY timestamp_s DESC`,
    );
    expect(left.map(({ nonce }) => nonce)).toEqual(['0 s old', '290 s old', '590 s old']);
    expect(await first.nonces.take(old)).toBe('uncertain');
  });

  it('with the rights that control needs otherwise, and no more', async () => {
    const plainUrl = new URL(await oauth1.stack.freshDatabase());
    const owner = new Client({ connectionString: plainUrl.href });
    await owner.connect();
    const role = `plain_${randomBytes(4).toString('hex')}`;
    await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'plain'`);
    await owner.query(`GRANT CREATE ON DATABASE ${plainUrl.pathname.slice(1)} TO ${role}`);
    Object.assign(plainUrl, { username: role, password: 'plain' });
    const dataSource = await openDataSource(plainUrl.href, silentLogger);
    const outcome = await new Nonces(dataSource).take(use('plain'));
    await dataSource.destroy();
    await owner.query(`DROP OWNED BY ${role} CASCADE`);
    await owner.query(`DROP ROLE ${role}`);
    await owner.end();
    expect(outcome).toBe('taken');
  });
});

describe('fault 119: where Postgres may have lost its last commits', () => {
  /** As after a server took over that has a timeline of its own and lacks the last nonces. */
  async function takeOver(databaseUrlOf: string): Promise<void> {
    const client = new Client({ connectionString: databaseUrlOf });
    await client.connect();
    await client.query('DELETE FROM relay_control.oauth1_nonces');
    await client.query(`UPDATE relay_control.oauth1_nonce_histories SET history = 'another/00000001'`);
    await client.end();
  }

  it('nothing that was signed before is accepted, and what is signed afterwards is', async () => {
    const url = await oauth1.stack.freshDatabase();
    const instance = await oauth1.start(url);
    const before = [use('a', { timestampS: nowS() - 100 }), use('b')];
    expect(await Promise.all(before.map((each) => instance.nonces.take(each)))).toEqual(['taken', 'taken']);
    await takeOver(url);
    const again = await Promise.all(before.map((each) => instance.nonces.take(each)));
    expect(again).toEqual(['uncertain', 'uncertain']);
    const after = use('c', { timestampS: nowS() + 1 });
    expect([await instance.nonces.take(after), await instance.nonces.take(after)]).toEqual(['taken', 'used']);
    expect(await instance.nonces.take(before[1] ?? after)).toBe('uncertain');
  });

  it('a request is told to be signed anew', async () => {
    const url = await oauth1.stack.freshDatabase();
    const instance = await oauth1.start(url);
    await takeOver(url);
    const answer = await signedCall(`${instance.url}/oauth/1.0a/token`);
    const body = (await answer.json()) as { code: string; detail: string };
    expect([answer.status, body.code]).toEqual([401, 'oauth1_timestamp_refused']);
    expect(body.detail).toContain('sign it anew');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await signedCall(`${instance.url}/oauth/1.0a/token`)).status).toBe(200);
  });
});

describe('a signed request that comes again', () => {
  let token: Credentials;
  const send = async ({ url }: OAuth1Instance, authorization: string): Promise<unknown> => {
    const answer = await fetch(`${url}/oauth/1.0a/token`, { headers: { authorization } });
    return answer.status === 200 ? 200 : ((await answer.json()) as { code: string }).code;
  };

  beforeAll(async () => {
    token = await connect(first.url);
  });

  it('is refused by the same instance, by another one, and after a restart of all', async () => {
    const other = await oauth1.start(databaseUrl);
    // Instances behind one address sign for one URL.
    Object.assign(other.parts.publicAddress, { origin: first.url });
    const authorization = authorizationOf(`${first.url}/oauth/1.0a/token`, { token });
    expect(await send(first, authorization)).toBe(200);
    expect(await send(first, authorization)).toBe('oauth1_nonce_used');
    expect(await send(other, authorization)).toBe('oauth1_nonce_used');
    await Promise.all([first.stop(), other.stop()]);
    const restarted = await oauth1.start(databaseUrl);
    Object.assign(restarted.parts.publicAddress, { origin: first.url });
    expect(await send(restarted, authorization)).toBe('oauth1_nonce_used');
    const fresh = authorizationOf(`${first.url}/oauth/1.0a/token`, { token });
    expect(await send(restarted, fresh)).toBe(200);
  });

  it('with a signature that is wrong does not use the nonce up', async () => {
    const instance = await oauth1.start(databaseUrl);
    const authorization = authorizationOf(`${instance.url}/oauth/1.0a/token`, { token });
    const forged = authorization.replace(/oauth_signature="[^"]{4}/, 'oauth_signature="AAAA');
    expect(await send(instance, forged)).toBe('oauth1_signature_wrong');
    expect(await send(instance, authorization)).toBe(200);
  });
});
