import type { DataSource } from 'typeorm';
import type { SecretsKey } from '#libs/subscription';
import type { Logger } from '#libs/telemetry';
import type { PublicUrl } from '../http/public-url.js';
import { ExternalProvider } from '../pages/external-provider.js';
import { Accounts } from './accounts.js';
import { Cookies } from './cookies.js';
import { SecondFactor } from './second-factor.js';
import { Sessions } from './sessions.js';
import { SignInDelays } from './sign-in-delays.js';
import { SignIn } from './sign-in.js';
import { Visitors } from './visitors.js';

/** What accounts and the pages for people are served by. */
export interface AccountParts {
  publicUrl: PublicUrl;
  accounts: Accounts;
  secondFactor: SecondFactor;
  signIn: SignIn;
  visitors: Visitors;
  provider: ExternalProvider;
  logger: Logger;
}

interface Uses {
  dataSource: DataSource;
  secretsKey: SecretsKey;
  publicUrl: PublicUrl;
  logger: Logger;
  nowMs?: () => number;
}

export function accountParts({
  dataSource,
  secretsKey,
  publicUrl,
  logger,
  nowMs = Date.now,
}: Uses): AccountParts {
  const accounts = new Accounts(dataSource, nowMs);
  const secondFactor = new SecondFactor(dataSource, secretsKey, nowMs);
  const signIn = new SignIn(accounts, secondFactor, new SignInDelays(dataSource, nowMs));
  const visitors = new Visitors(new Cookies(publicUrl), new Sessions(dataSource, nowMs), publicUrl);
  return {
    publicUrl,
    accounts,
    secondFactor,
    signIn,
    visitors,
    provider: new ExternalProvider(undefined),
    logger,
  };
}
