import { decryptSecret, type SecretsKey } from '#libs/subscription';
import type { Principal } from '../access/principal.js';
import { principalFor, type ApplicationCredentials } from '../applications/application-credentials.js';
import { goodSecrets } from '../applications/credential-secrets.js';
import type { ApplicationCredentialRow, ApplicationRow } from '../persistence/rows.js';
import type { OAuth1Consumer, OAuth1Consumers } from './consumers.js';
import type { ConsumerGrant } from './oauth1-parts.js';

interface InUse {
  credential: ApplicationCredentialRow;
  application: ApplicationRow;
}

/** The applications that have credentials for OAuth 1.0a, and are approved; the credential's id is the key. */
export class RegisteredConsumers implements OAuth1Consumers {
  constructor(
    private readonly credentials: ApplicationCredentials,
    private readonly secretsKey: SecretsKey,
  ) {}

  async find(consumerKey: string): Promise<OAuth1Consumer | undefined> {
    const found = await this.inUse(consumerKey);
    if (found === undefined) {
      return undefined;
    }
    const { credential, application } = found;
    return {
      applicationId: application.id,
      name: application.name,
      consumerSecrets: goodSecrets(credential).map((secret) => decryptSecret(this.secretsKey, secret)),
      rsaPublicKeyPem: credential.publicKey,
      callbackUrls: application.redirectUrls,
    };
  }

  async principalOf(consumerKey: string): Promise<Principal | undefined> {
    const found = await this.inUse(consumerKey);
    return found && principalFor(found.application, found.credential.scopes);
  }

  /** @throws Error for a key that `find` does not know */
  async grantOf(consumerKey: string): Promise<ConsumerGrant> {
    const found = await this.inUse(consumerKey);
    if (found === undefined) {
      throw new Error('the consumer was revoked while its request was looked at');
    }
    const { databases, models, companyIds, scopes } = found.application;
    const held = found.credential.scopes.filter((scope) => scopes.includes(scope));
    return { databases, models, companyIds, scopes: held };
  }

  private async inUse(consumerKey: string): Promise<InUse | undefined> {
    const found = await this.credentials.inUse(consumerKey);
    return found?.credential.kind === 'oauth1-consumer' && found.application.state === 'approved'
      ? found
      : undefined;
  }
}
