import { beforeAll, describe, expect, it } from '@jest/globals';
import { hashPassword } from '../src/accounts/passwords.js';
import { codeOf, stepAt } from '../src/accounts/totp.js';
import type { AccountRow } from '../src/persistence/account-rows.js';
import { accountsUnderTest, type Instance } from './accounts-under-test.js';

const { clock, database, instance } = accountsUnderTest();
const password = 'correct horse battery';
const secondMs = 1_000;
const hourMs = 3_600_000;
let one: Instance;
let other: Instance;
let passwordHash: string;
let count = 0;

beforeAll(async () => {
  const url = await database();
  // Both bring the tables up to date.
  [one, other] = await Promise.all([instance(url), instance(url)]);
  passwordHash = await hashPassword(password);
});

async function newAccount(): Promise<AccountRow> {
  count += 1;
  const created = await one.accounts.create({ email: `p${String(count)}@example.com`, passwordHash });
  if (created === undefined) {
    throw new Error('there is one already');
  }
  return created.account;
}

async function reread({ email }: AccountRow): Promise<AccountRow> {
  const account = await one.accounts.findByEmail(email);
  if (account === undefined) {
    throw new Error('it is gone');
  }
  return account;
}

describe('a session', () => {
  it('ends an hour after its last use, whatever was done before', async () => {
    const { id } = await newAccount();
    const token = await one.sessions.begin(id, { awaitsCode: false });
    for (let uses = 0; uses < 3; uses += 1) {
      clock.ms += hourMs - 2 * 60 * secondMs;
      expect((await other.sessions.find(token))?.account.id).toBe(id);
    }
    clock.ms += hourMs;
    expect(await one.sessions.find(token)).toBeUndefined();
  });

  it('ends twelve hours after its begin, however much it is used', async () => {
    const { id } = await newAccount();
    const token = await one.sessions.begin(id, { awaitsCode: false });
    for (let hours = 0.5; hours < 12; hours += 0.5) {
      clock.ms += hourMs / 2;
      expect(await one.sessions.find(token)).toBeDefined();
    }
    clock.ms += hourMs / 2;
    expect(await one.sessions.find(token)).toBeUndefined();
  });

  it('waits ten minutes for the code', async () => {
    const { id } = await newAccount();
    const token = await one.sessions.begin(id, { awaitsCode: true });
    clock.ms += 599 * secondMs;
    expect(await one.sessions.find(token)).toMatchObject({ awaitsCode: true });
    clock.ms += secondMs;
    expect(await one.sessions.find(token)).toBeUndefined();
  });

  it('is void with a new password, a reset and a disabling, on every instance', async () => {
    for (const end of [
      (id: string) => other.accounts.setPassword(id, 'another long password'),
      (id: string) => other.accounts.reset(id),
      (id: string) => other.accounts.setEnabled(id, false),
    ]) {
      const { id } = await newAccount();
      const tokens = [
        await one.sessions.begin(id, { awaitsCode: false }),
        await one.sessions.begin(id, { awaitsCode: true }),
      ];
      await end(id);
      expect(await Promise.all(tokens.map((token) => one.sessions.find(token)))).toEqual([
        undefined,
        undefined,
      ]);
    }
  });

  it('is kept as a hash, and gone from the table once it has ended', async () => {
    const { id } = await newAccount();
    const token = await one.sessions.begin(id, { awaitsCode: false });
    const rows = async (): Promise<string> =>
      JSON.stringify(
        await one.dataSource.query('SELECT * FROM relay_control.sessions WHERE account_id = $1', [id]),
      );
    expect(await rows()).toContain(id);
    expect(await rows()).not.toContain(token);
    clock.ms += 13 * hourMs;
    await one.sessions.begin((await newAccount()).id, { awaitsCode: false });
    expect(await rows()).toBe('[]');
  });
});

describe('a code', () => {
  async function withCode(): Promise<{ account: AccountRow; secret: string; recovery: readonly string[] }> {
    const account = await newAccount();
    const secret = await one.secondFactor.offer(account);
    const recovery = await one.secondFactor.confirm(await reread(account), codeOf(secret, stepAt(clock.ms)));
    return { account: await reread(account), secret, recovery: recovery ?? [] };
  }

  it('turns the second step on only where it is right', async () => {
    const account = await newAccount();
    const secret = await one.secondFactor.offer(account);
    const wrong = codeOf(secret, stepAt(clock.ms) + 5);
    expect(await one.secondFactor.confirm(await reread(account), wrong)).toBeUndefined();
    expect((await reread(account)).totpSecret).toBeNull();
    expect(await one.secondFactor.offer(await reread(account))).toBe(secret);
  });

  it('is taken once, of many at the same time on two instances too, and never one of before', async () => {
    const { account, secret } = await withCode();
    expect(await one.secondFactor.use(account, codeOf(secret, stepAt(clock.ms)))).toBe(false);
    clock.ms += 60 * secondMs;
    const code = codeOf(secret, stepAt(clock.ms));
    const uses = Array.from({ length: 8 }, (_, index) =>
      (index % 2 === 0 ? one : other).secondFactor.use(account, code),
    );
    expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
    expect(await one.secondFactor.use(account, codeOf(secret, stepAt(clock.ms) - 1))).toBe(false);
    clock.ms += 30 * secondMs;
    expect(await other.secondFactor.use(account, codeOf(secret, stepAt(clock.ms)))).toBe(true);
  });

  it('for recovery lets in once each, as it was shown or typed otherwise', async () => {
    const { account, recovery } = await withCode();
    expect(recovery).toHaveLength(10);
    const [first = '', second = ''] = recovery;
    const uses = [one, other, one, other].map(({ secondFactor }) => secondFactor.use(account, first));
    expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
    const typed = ` ${second.toLowerCase().replaceAll('-', ' ')} `;
    expect(await one.secondFactor.use(account, typed)).toBe(true);
    expect((await reread(account)).recoveryHashes).toHaveLength(8);
    const renewed = await one.secondFactor.renewRecoveryCodes(account.id);
    expect(await one.secondFactor.use(account, recovery[2] ?? '')).toBe(false);
    expect(await one.secondFactor.use(account, renewed[0] ?? '')).toBe(true);
  });

  it('and its secret are unreadable where they are kept', async () => {
    const { account, secret, recovery } = await withCode();
    const rows = JSON.stringify(await one.dataSource.query('SELECT * FROM relay_control.accounts'));
    for (const each of [secret, password, ...recovery, ...recovery.map((code) => code.replaceAll('-', ''))]) {
      expect(rows).not.toContain(each);
    }
    expect(rows).toContain(account.id);
    await one.secondFactor.turnOff(account.id);
    expect(await one.secondFactor.use(await reread(account), recovery[0] ?? '')).toBe(false);
  });
});

describe('an invitation', () => {
  it('is taken once, of two at the same time too', async () => {
    const created = await one.accounts.create({ email: 'invited@example.com' });
    const token = created?.invitation?.token ?? '';
    const taken = await Promise.all(
      [one, other, one].map(({ accounts }) => accounts.acceptInvitation(token, password)),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await one.accounts.findInvited(token)).toBeUndefined();
  });

  it('is over after four days, with a newer one, and while the account is disabled', async () => {
    const created = await one.accounts.create({ email: 'late@example.com' });
    const token = created?.invitation?.token ?? '';
    const id = created?.account.id ?? '';
    const accepted = (): Promise<unknown> => one.accounts.findInvited(token);
    expect(await accepted()).toBeDefined();
    await one.accounts.setEnabled(id, false);
    expect(await accepted()).toBeUndefined();
    await one.accounts.setEnabled(id, true);
    clock.ms += 4 * 24 * hourMs;
    expect(await accepted()).toBeUndefined();
    const again = await one.accounts.reset(id);
    expect(await accepted()).toBeUndefined();
    expect(await one.accounts.findInvited(again?.invitation.token ?? '')).toBeDefined();
  });
});

describe('tries that fail', () => {
  const fromHome = '198.51.100.7';

  /** Waits as it is told to, `count` times; gives the waits in seconds. */
  async function failures(
    count: number,
    attempt: () => ReturnType<Instance['signIn']['password']>,
  ): Promise<number[]> {
    const waits = [];
    for (let failed = 0; failed < count;) {
      const result = await attempt();
      if (result.kind === 'wait') {
        waits.push(result.seconds);
        clock.ms += result.seconds * secondMs;
      } else {
        expect(result.kind).toBe('wrong');
        failed += 1;
      }
    }
    return waits;
  }

  it('make the next one of the account wait, longer each time, up to a minute and never for ever', async () => {
    const { email } = await newAccount();
    let address = 0;
    const attempt = (): ReturnType<Instance['signIn']['password']> =>
      one.signIn.password(email, 'wrong', `203.0.113.${String((address += 1))}`);
    expect(await failures(14, attempt)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    const early = await one.signIn.password(email, password, fromHome);
    expect(early).toEqual({ kind: 'wait', seconds: 60 });
    clock.ms += 60 * secondMs;
    expect((await other.signIn.password(email, password, fromHome)).kind).toBe('right');
    expect((await one.signIn.password(email, 'wrong', fromHome)).kind).toBe('wrong');
  });

  it('count just the same for an address that is nobody’s', async () => {
    let address = 0;
    const attempt = (): ReturnType<Instance['signIn']['password']> =>
      one.signIn.password('nobody@example.com', 'wrong', `203.0.113.${String((address += 1))}`);
    expect(await failures(8, attempt)).toEqual([1, 2, 4]);
  });

  it('of one client make it wait whatever accounts it tries, and another client not', async () => {
    let person = 0;
    const attempt = (): ReturnType<Instance['signIn']['password']> =>
      one.signIn.password(`guess${String((person += 1))}@example.com`, 'wrong', '2001:db8:1:2::9');
    expect(await failures(24, attempt)).toEqual([1, 2, 4, 8]);
    const { email } = await newAccount();
    expect((await one.signIn.password(email, password, '2001:db8:1:2:ffff::1')).kind).toBe('wait');
    expect((await one.signIn.password(email, password, '2001:db8:1:3::9')).kind).toBe('right');
  });

  it('that are made at the same time on two instances gain nothing', async () => {
    const { email } = await newAccount();
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).signIn.password(email, 'wrong', `192.0.2.${String(index)}`),
      ),
    );
    expect(tries.filter(({ kind }) => kind === 'wrong')).toHaveLength(5);
  });

  it('are remembered by an instance that starts anew, and forgotten after a day', async () => {
    const url = await database();
    const before = await instance(url);
    await before.accounts.create({ email: 'ada@example.com', passwordHash });
    const attempt = (at: Instance, given: string): ReturnType<Instance['signIn']['password']> =>
      at.signIn.password('ada@example.com', given, fromHome);
    for (let failed = 0; failed < 5; failed += 1) {
      await attempt(before, 'wrong');
    }
    const after = await instance(url);
    expect(await attempt(after, password)).toEqual({ kind: 'wait', seconds: 1 });
    clock.ms += 25 * hourMs;
    for (let failed = 0; failed < 5; failed += 1) {
      expect((await attempt(after, 'wrong')).kind).toBe('wrong');
    }
  });

  it('with a code wait up to an hour: they are made by who knows the password', async () => {
    const account = await newAccount();
    let address = 0;
    const attempt = (): ReturnType<Instance['signIn']['code']> =>
      one.signIn.code(account, '000000', `192.0.2.${String((address += 1) % 250)}`);
    const waits = await failures(20, attempt);
    expect(waits.slice(0, 3)).toEqual([1, 2, 4]);
    expect(waits.at(-1)).toBe(3_600);
  });
});
