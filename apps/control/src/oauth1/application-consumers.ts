import { decryptSecret, type SecretsKey } from '#libs/subscription';
import type { ApplicationCredentials } from '../applications/application-credentials.js';
import type { OAuth1Consumer, OAuth1Consumers } from './consumers.js';

/** The consumers among what applications prove themselves by. */
export class ApplicationConsumers implements OAuth1Consumers {
  constructor(
    private readonly credentials: ApplicationCredentials,
    private readonly secretsKey: SecretsKey,
  ) {}

  async find(consumerKey: string): Promise<OAuth1Consumer | undefined> {
    const found = await this.credentials.inUse(consumerKey);
    if (found?.credential.kind !== 'oauth1-consumer' || found.credential.secret === null) {
      return undefined;
    }
    const { credential, application } = found;
    return {
      applicationId: application.id,
      name: application.name,
      consumerSecrets: [decryptSecret(this.secretsKey, found.credential.secret)],
      rsaPublicKeyPem: credential.publicKey,
      callbackUrls: application.redirectUrls,
    };
  }
}
