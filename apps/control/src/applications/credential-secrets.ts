import { encryptSecret, type SecretsKey } from '#libs/subscription';
import { hashOf, newToken } from '../access/secret-token.js';
import type { ApplicationCredentialRow } from '../persistence/rows.js';

type SecretColumns = Pick<
  ApplicationCredentialRow,
  'secretHash' | 'secret' | 'previousSecretHash' | 'previousSecret' | 'previousSecretUntil'
>;

export interface NewSecret {
  columns: SecretColumns;
  /** In clear, this once. */
  secret: string;
}

/** Only what signatures are made with is kept in clear, encrypted: whoever verifies an HMAC has to know its key. */
export function newSecret(
  key: SecretsKey,
  { id, kind }: Pick<ApplicationCredentialRow, 'id' | 'kind'>,
): NewSecret {
  const random = newToken();
  const secret = kind === 'api-key' ? `relay_${id}_${random}` : random;
  const isNeededInClear = kind === 'oauth1-consumer';
  const columns = {
    secretHash: isNeededInClear ? null : hashOf(random),
    secret: isNeededInClear ? encryptSecret(key, secret) : null,
    previousSecretHash: null,
    previousSecret: null,
    previousSecretUntil: null,
  };
  return { columns, secret };
}

/** Of earlier secrets only the present one goes on being good for a while. */
export function rotatedSecret(key: SecretsKey, row: ApplicationCredentialRow, graceMs: number): NewSecret {
  const { columns, secret } = newSecret(key, row);
  const previous =
    graceMs === 0
      ? {}
      : {
          previousSecretHash: row.secretHash,
          previousSecret: row.secret,
          previousSecretUntil: new Date(Date.now() + graceMs),
        };
  return { columns: { ...columns, ...previous }, secret };
}

/** Whether there is one that could be replaced: a program on people's machines has none. */
export function hasSecret({ authMethod, revokedAt }: ApplicationCredentialRow): boolean {
  return revokedAt === null && authMethod !== 'none';
}

/** Until when the secret before the present one is good, too; null where it is not. */
export function previousUntil({ previousSecretUntil: until }: ApplicationCredentialRow): Date | null {
  return until !== null && until.getTime() > Date.now() ? until : null;
}

/** Digests of those that are good at the moment. */
export function goodHashes(row: ApplicationCredentialRow): string[] {
  return good(row, row.secretHash, row.previousSecretHash);
}

/** Encrypted, those that are good at the moment. */
export function goodSecrets(row: ApplicationCredentialRow): string[] {
  return good(row, row.secret, row.previousSecret);
}

function good(row: ApplicationCredentialRow, present: string | null, previous: string | null): string[] {
  const both = previousUntil(row) === null ? [present] : [present, previous];
  return both.filter((one) => one !== null);
}
