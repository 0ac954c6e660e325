import type { DataSource } from 'typeorm';
import type { SecretsKey } from '#libs/subscription';
import type { ApplicationCredentials } from '../applications/application-credentials.js';
import type { Applications } from '../applications/applications.js';
import { AccessTokens } from './access-tokens.js';
import { ApplicationConsumers } from './application-consumers.js';
import { OAuth1Authentication } from './authentication.js';
import { Nonces } from './nonces.js';
import type { OAuth1Parts, PageVisitors } from './oauth1-parts.js';
import type { PublicAddress } from './received.js';
import { SignatureCheck } from './signature-check.js';
import { TemporaryCredentials } from './temporary-credentials.js';

interface Uses {
  dataSource: DataSource;
  secretsKey: SecretsKey;
  publicUrl: PublicAddress;
  applications: Applications;
  credentials: ApplicationCredentials;
  visitors: PageVisitors;
}

/** OAuth 1.0a with the applications there are, and the way in for requests that they signed. */
export function oauth1Parts(
  uses: Uses,
): OAuth1Parts & { authentication: OAuth1Authentication; nonces: Nonces } {
  const { dataSource, secretsKey, publicUrl, applications, credentials, visitors } = uses;
  const consumers = new ApplicationConsumers(credentials, secretsKey);
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
    grantOf: async (applicationId) => {
      const application = await applications.find(applicationId);
      return application ?? { scopes: [], databases: [], models: [], companyIds: [] };
    },
    authentication: new OAuth1Authentication(check, tokens, publicUrl),
    nonces,
  };
}
