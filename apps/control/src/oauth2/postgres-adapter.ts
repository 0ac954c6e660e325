import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { DataSource } from 'typeorm';
import { decryptSecret, encryptSecret, type SecretsKey } from '#libs/subscription';
import { hashOf } from '../access/secret-token.js';

interface ItemRow {
  payload: string;
  consumed_at: Date | null;
}

/**
 * Where oidc-provider keeps tokens, codes, grants and what is under way: for all instances, and so that who reads the
 * table can use nothing of it. Interface: oidc-provider's "Adapter".
 */
export class PostgresAdapter implements Adapter {
  constructor(
    private readonly kind: string,
    private readonly dataSource: DataSource,
    private readonly secretsKey: SecretsKey,
  ) {}

  async upsert(id: string, payload: AdapterPayload, expiresInS: number | undefined): Promise<void> {
    const endsAt = expiresInS === undefined ? null : new Date(Date.now() + expiresInS * 1_000);
    const sealed = encryptSecret(this.secretsKey, JSON.stringify(payload));
    const { grantId, credentialId, accountId, scopes } = shownOf(this.kind, id, payload);
    await this.dataSource.query(
      `INSERT INTO relay_control.oauth2_items
         (kind, id_hash, payload, grant_id, uid, ends_at, credential_id, account_id, scopes)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (kind, id_hash) DO UPDATE SET payload = $3, grant_id = $4, uid = $5, ends_at = $6,
         credential_id = $7, account_id = $8, scopes = $9`,
      [this.kind, hashOf(id), sealed, grantId, payload.uid ?? null, endsAt, credentialId, accountId, scopes],
    );
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return this.one('id_hash = $2', hashOf(id));
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.one('uid = $2', uid);
  }

  /** Device codes are not offered. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Once: of two at the same time, one is refused, as if it had come later. */
  async consume(id: string): Promise<void> {
    const [, consumed] = await this.dataSource.query<[unknown, number]>(
      `UPDATE relay_control.oauth2_items SET consumed_at = now()
       WHERE kind = $1 AND id_hash = $2 AND consumed_at IS NULL`,
      [this.kind, hashOf(id)],
    );
    if (consumed !== 1) {
      throw new errors.InvalidGrant('it was used before');
    }
  }

  async destroy(id: string): Promise<void> {
    await this.dataSource.query('DELETE FROM relay_control.oauth2_items WHERE kind = $1 AND id_hash = $2', [
      this.kind,
      hashOf(id),
    ]);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.dataSource.query('DELETE FROM relay_control.oauth2_items WHERE kind = $1 AND grant_id = $2', [
      this.kind,
      grantId,
    ]);
  }

  private async one(condition: string, value: string): Promise<AdapterPayload | undefined> {
    const [row] = await this.dataSource.query<ItemRow[]>(
      `SELECT payload, consumed_at FROM relay_control.oauth2_items
       WHERE kind = $1 AND ${condition} AND (ends_at IS NULL OR ends_at > now())`,
      [this.kind, value],
    );
    if (row === undefined) {
      return undefined;
    }
    const payload = JSON.parse(decryptSecret(this.secretsKey, row.payload)) as AdapterPayload;
    return row.consumed_at === null
      ? payload
      : { ...payload, consumed: Math.floor(row.consumed_at.getTime() / 1_000) };
  }
}

interface Shown {
  grantId: string | null;
  credentialId: string | null;
  accountId: string | null;
  scopes: string[] | null;
}

/** What stands beside the payload for whoever lists grants. A grant's own id stands where its tokens name it. */
function shownOf(kind: string, id: string, payload: AdapterPayload): Shown {
  if (kind !== 'Grant') {
    return { grantId: payload.grantId ?? null, credentialId: null, accountId: null, scopes: null };
  }
  const { scope = '' } = (payload['openid'] ?? {}) as { scope?: string };
  const { clientId = null, accountId = null } = payload;
  return { grantId: id, credentialId: clientId, accountId, scopes: scope.split(' ') };
}
