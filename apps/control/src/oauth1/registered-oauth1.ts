import type { DataSource } from 'typeorm';
import type { SecretsKey } from '#libs/subscription';
import type { ApplicationCredentials } from '../applications/application-credentials.js';
import { AccessTokens } from './access-tokens.js';

import { OAuth1Authentication } from './authentication.js';
import { Nonces } from './nonces.js';
import type { OAuth1Parts, PageVisitors } from './oauth1-parts.js';
import type { PublicAddress } from './received.js';
import { RegisteredConsumers } from './registered-consumers.js';
import { SignatureCheck } from './signature-check.js';
import { TemporaryCredentials } from './temporary-credentials.js';

interface Uses {
  dataSource: DataSource;
  secretsKey: SecretsKey;
  publicUrl: PublicAddress;
  credentials: ApplicationCredentials;
  visitors: PageVisitors;
}

export interface RegisteredOAuth1 extends OAuth1Parts {
  consumers: RegisteredConsumers;
  authentication: OAuth1Authentication;
  nonces: Nonces;
}

/** OAuth 1.0a with the applications there are, and the way in for requests that they signed. */
export function oauth1Parts(uses: Uses): RegisteredOAuth1 {
  const { dataSource, secretsKey, publicUrl, credentials, visitors } = uses;
  const consumers = new RegisteredConsumers(credentials, secretsKey);
  const nonces = new Nonces(dataSource);
  const check = new SignatureCheck(consumers, nonces);
  const tokens = new AccessTokens(dataSource, secretsKey);
  return {
    publicAddress: publicUrl,
    consumers,
    check,
    temporary: new TemporaryCredentials(dataSource, secretsKey),
    tokens,
    visitors,
    grantOf: (consumerKey) => consumers.grantOf(consumerKey),
    authentication: new OAuth1Authentication(check, tokens, publicUrl),
    nonces,
  };
}
