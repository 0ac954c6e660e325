import type { AccountRow } from '../persistence/account-rows.js';
import { normalEmail, type Accounts } from './accounts.js';
import { isPassword } from './passwords.js';
import type { SecondFactor } from './second-factor.js';
import { delayKey, type DelayKey, type SignInDelays } from './sign-in-delays.js';

export type Try<T> = { kind: 'right'; value: T } | { kind: 'wrong' } | { kind: 'wait'; seconds: number };

/** Checks what a person shows, each try in its time. */
export class SignIn {
  constructor(
    private readonly accounts: Accounts,
    private readonly secondFactor: SecondFactor,
    private readonly delays: SignInDelays,
  ) {}

  /** The same answer, in about the same time, for a wrong password, for nobody's address, for who is disabled. */
  password(email: string, password: string, address: string): Promise<Try<AccountRow>> {
    const keys = [delayKey.account(normalEmail(email)), delayKey.address(address)];
    return this.attempt(keys, async () => {
      const account = await this.accounts.findByEmail(email);
      const right = await isPassword(account?.passwordHash ?? null, password);
      return right && account?.enabled === true ? account : undefined;
    });
  }

  code(account: AccountRow, code: string, address: string): Promise<Try<AccountRow>> {
    const keys = [delayKey.code(account.id), delayKey.address(address)];
    return this.attempt(keys, async () =>
      (await this.secondFactor.use(account, code)) ? account : undefined,
    );
  }

  private async attempt<T>(keys: readonly DelayKey[], check: () => Promise<T | undefined>): Promise<Try<T>> {
    const waitMs = await this.delays.begin(keys);
    if (waitMs !== undefined) {
      return { kind: 'wait', seconds: Math.ceil(waitMs / 1_000) };
    }
    const value = await check();
    if (value === undefined) {
      return { kind: 'wrong' };
    }
    await this.delays.succeeded(keys);
    return { kind: 'right', value };
  }
}
