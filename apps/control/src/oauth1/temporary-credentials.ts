import { randomBytes } from 'node:crypto';
import { IsNull, LessThan, MoreThan, type DataSource } from 'typeorm';
import { decryptSecret, encryptSecret, type SecretsKey } from '#libs/subscription';
import {
  oauth1Tokens,
  temporaryCredentials,
  type TemporaryCredentialRow,
} from '../persistence/oauth1-rows.js';
import { hashOf, newToken } from '../access/secret-token.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { newTypedVerifier } from './secrets.js';
import type { TokenCredentials } from './signature-check.js';

export const temporaryCredentialsMs = 600_000;
/** The callback of applications that cannot be redirected to. */
export const outOfBand = 'oob';

export interface IssuedToken {
  token: string;
  secret: string;
}

/** What an application has in hand from its first request until it fetches a token: RFC 5849, 2. */
export class TemporaryCredentials {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secretsKey: SecretsKey,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async issue(
    consumer: Pick<TemporaryCredentialRow, 'consumerKey' | 'applicationId' | 'callback'>,
  ): Promise<IssuedToken> {
    const { consumerKey, applicationId, callback } = consumer;
    const issued = { token: randomBytes(24).toString('base64url'), secret: newToken() };
    const nowMs = this.nowMs();
    const repository = this.dataSource.getRepository(temporaryCredentials);
    await repository.delete({ endsAt: LessThan(new Date(nowMs)) });
    await repository.insert({
      token: issued.token,
      secret: encryptSecret(this.secretsKey, issued.secret),
      consumerKey,
      applicationId,
      callback,
      endsAt: new Date(nowMs + temporaryCredentialsMs),
    });
    return issued;
  }

  /** For the signature of a request that fetches the token. */
  async find(token: string): Promise<TokenCredentials | undefined> {
    const row = await this.dataSource
      .getRepository(temporaryCredentials)
      .findOneBy({ token, endsAt: this.notEnded() });
    return row === null
      ? undefined
      : { id: token, consumerKey: row.consumerKey, secret: decryptSecret(this.secretsKey, row.secret) };
  }

  /** Whose account is still to be asked. */
  async findOpen(token: string): Promise<TemporaryCredentialRow | undefined> {
    const open = { token, endsAt: this.notEnded(), accountId: IsNull() };
    return (await this.dataSource.getRepository(temporaryCredentials).findOneBy(open)) ?? undefined;
  }

  /** Gives the verifier, once; undefined where another answer came first. */
  async allow({ token, callback }: TemporaryCredentialRow, accountId: string): Promise<string | undefined> {
    const verifier = callback === outOfBand ? newTypedVerifier() : newToken();
    const open = { token, endsAt: this.notEnded(), accountId: IsNull() };
    const { affected } = await this.dataSource
      .getRepository(temporaryCredentials)
      .update(open, { accountId, verifierHash: hashOf(verifier) });
    return affected === 1 ? verifier : undefined;
  }

  async deny({ token }: TemporaryCredentialRow): Promise<void> {
    await this.dataSource.getRepository(temporaryCredentials).delete({ token, accountId: IsNull() });
  }

  /** Gives a token in exchange, once; undefined where the verifier is another, or nobody consented. */
  async exchange(token: string, verifier: string): Promise<IssuedToken | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const given = { token, verifierHash: hashOf(verifier), endsAt: this.notEnded() };
      const row = await manager.findOneBy(temporaryCredentials, given);
      if (row?.accountId == null) {
        return undefined;
      }
      const { affected } = await manager.delete(temporaryCredentials, given);
      if (affected !== 1) {
        return undefined;
      }
      const nowMs = this.nowMs();
      const issued = { token: newSortableId('o1t', nowMs), secret: newToken() };
      const { consumerKey, applicationId, accountId } = row;
      await manager.insert(oauth1Tokens, {
        id: issued.token,
        secret: encryptSecret(this.secretsKey, issued.secret),
        consumerKey,
        applicationId,
        accountId,
        createdAt: new Date(nowMs),
      });
      return issued;
    });
  }

  private notEnded(): ReturnType<typeof MoreThan<Date>> {
    return MoreThan(new Date(this.nowMs()));
  }
}
