import type { DataSource } from 'typeorm';
import type { SecretsKey } from '#libs/subscription';
import { AllowList, guardedFetch } from '#libs/outbound';
import type { Logger } from '#libs/telemetry';
import type { ControlConfig } from '../configuration.js';
import type { PublicUrl } from '../http/public-url.js';
import { Accounts } from './accounts.js';
import { Cookies } from './cookies.js';
import { externalSettings } from './external-settings.js';
import { ExternalSignIn } from './external-sign-in.js';
import { ExternalVisits } from './external-visits.js';
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
  external: ExternalVisits;
  logger: Logger;
}

interface Uses {
  dataSource: DataSource;
  secretsKey: SecretsKey;
  publicUrl: PublicUrl;
  logger: Logger;
}

const connectTimeoutMs = 5_000;
const keepAliveMs = 4_000;

/** @throws RelayError CONFIG_INVALID for settings of an external provider that are not right */
export function accountParts(config: ControlConfig, uses: Uses): AccountParts {
  const { dataSource, secretsKey, publicUrl, logger } = uses;
  const nowMs = Date.now;
  const accounts = new Accounts(dataSource, nowMs);
  const secondFactor = new SecondFactor(dataSource, secretsKey, nowMs);
  const signIn = new SignIn(accounts, secondFactor, new SignInDelays(dataSource, nowMs));
  const cookies = new Cookies(publicUrl);
  const visitors = new Visitors(cookies, new Sessions(dataSource, nowMs), publicUrl);
  const external = new ExternalVisits(externalSignIn(config, secretsKey), cookies, publicUrl);
  return { publicUrl, accounts, secondFactor, signIn, visitors, external, logger };
}

/** Its issuer was named by whoever runs this, so it may be inside; what the issuer names has to keep to the rules. */
function externalSignIn(config: ControlConfig, secretsKey: SecretsKey): ExternalSignIn | undefined {
  const settings = externalSettings(config);
  if (settings === undefined) {
    return undefined;
  }
  const { hostname, port, protocol } = settings.issuer;
  const issuer = `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
  const allowList = AllowList.of({ ...config, ALLOWED_RECEIVERS: [...config.ALLOWED_RECEIVERS, issuer] });
  const fetch = guardedFetch({ allowList, connectTimeoutMs, keepAliveMs });
  return new ExternalSignIn(settings, secretsKey, fetch, Date.now);
}
