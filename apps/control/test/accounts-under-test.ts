import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { SecretsKey } from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import { Accounts } from '../src/accounts/accounts.js';
import { SecondFactor } from '../src/accounts/second-factor.js';
import { Sessions } from '../src/accounts/sessions.js';
import { SignInDelays } from '../src/accounts/sign-in-delays.js';
import { SignIn } from '../src/accounts/sign-in.js';
import { openDataSource } from '../src/persistence/data-source.js';

/** What accounts are made of, without HTTP, on a database and a clock of the test's own. */
export interface Instance {
  dataSource: DataSource;
  accounts: Accounts;
  sessions: Sessions;
  secondFactor: SecondFactor;
  signIn: SignIn;
  delays: SignInDelays;
}

export class TestClock {
  /** Any moment. */
  ms = 1_800_000_000_000;

  readonly now = (): number => this.ms;
}

/** To be called once at the top of a test file. */
export function accountsUnderTest(): {
  clock: TestClock;
  database: () => Promise<string>;
  /** One more instance of control on a database. */
  instance: (databaseUrl: string) => Promise<Instance>;
} {
  const stack = testStack();
  const clock = new TestClock();
  const key = SecretsKey.fromBase64(randomBytes(32).toString('base64'));
  const opened: DataSource[] = [];
  afterAll(() => Promise.all(opened.map((dataSource) => dataSource.destroy())));
  return {
    clock,
    database: () => stack.freshDatabase(),
    instance: async (databaseUrl) => {
      const dataSource = await openDataSource(databaseUrl, silentLogger);
      opened.push(dataSource);
      const accounts = new Accounts(dataSource, clock.now);
      const secondFactor = new SecondFactor(dataSource, key, clock.now);
      const delays = new SignInDelays(dataSource, clock.now);
      const signIn = new SignIn(accounts, secondFactor, delays);
      return {
        dataSource,
        accounts,
        sessions: new Sessions(dataSource, clock.now),
        secondFactor,
        signIn,
        delays,
      };
    },
  };
}
