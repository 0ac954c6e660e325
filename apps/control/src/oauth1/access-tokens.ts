import type { DataSource } from 'typeorm';
import { decryptSecret, type SecretsKey } from '#libs/subscription';
import { noteTokenUse } from '../consents/last-use.js';
import { accounts } from '../persistence/account-rows.js';
import { oauth1Tokens } from '../persistence/oauth1-rows.js';
import type { TokenCredentials } from './signature-check.js';

/** What applications act with after an account has consented. */
export class AccessTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secretsKey: SecretsKey,
  ) {}

  async find(token: string): Promise<TokenCredentials | undefined> {
    const row = await this.dataSource.getRepository(oauth1Tokens).findOneBy({ id: token });
    const consented = row && (await this.dataSource.getRepository(accounts).findOneBy({ id: row.accountId }));
    // What somebody consented to is over with the account.
    return row === null || consented?.enabled === false
      ? undefined
      : { id: row.id, consumerKey: row.consumerKey, secret: decryptSecret(this.secretsKey, row.secret) };
  }

  /** For whoever looks at what was allowed. */
  async noteUse(token: string): Promise<void> {
    await noteTokenUse(this.dataSource, token);
  }

  /** Whoever holds it cannot act with it any more, from the next request on. */
  async revoke(token: string): Promise<void> {
    await this.dataSource.getRepository(oauth1Tokens).delete({ id: token });
  }
}
