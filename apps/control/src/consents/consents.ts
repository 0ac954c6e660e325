import type { DataSource, EntityManager } from 'typeorm';
import type { Scope } from '../access/principal.js';
import { recordChange } from '../audit/audit-trail.js';

export const consentKinds = ['oauth1-token', 'oauth2-grant'] as const;
export type ConsentKind = (typeof consentKinds)[number];

/** What an account has allowed an application. */
export interface Consent {
  id: string;
  kind: ConsentKind;
  applicationId: string;
  applicationName: string;
  credentialId: string;
  accountId: string;
  /** As things are now: what was allowed, and credential and application still have. */
  scopes: Scope[];
  createdAt: Date;
  /** Not to the minute. */
  lastUsedAt: Date | null;
  endsAt: Date | null;
}

/** What is left out narrows nothing. */
export interface ConsentFilter {
  id?: string | undefined;
  applicationId?: string | undefined;
  accountId?: string | undefined;
}

export interface ConsentPageAsked {
  /** The id of the last one of the page before. */
  cursor?: string | undefined;
  limit: number;
}

/** Of both kinds; of credentials that are revoked none is left. */
const consentsSql = `
  SELECT given.id, given.kind, c.application_id AS "applicationId", a.name AS "applicationName",
    c.id AS "credentialId", given.account_id AS "accountId",
    ARRAY(
      SELECT scope FROM unnest(c.scopes) AS scope
      WHERE scope = ANY(a.scopes) AND (given.scopes IS NULL OR scope = ANY(given.scopes))
    ) AS scopes,
    given.created_at AS "createdAt", given.last_used_at AS "lastUsedAt", given.ends_at AS "endsAt"
  FROM (
    SELECT id, 'oauth1-token' AS kind, consumer_key AS credential_id, account_id, NULL::text[] AS scopes,
      created_at, last_used_at, NULL::timestamptz AS ends_at
    FROM relay_control.oauth1_tokens
    UNION ALL
    SELECT grant_id, 'oauth2-grant', credential_id, account_id, scopes, created_at, last_used_at, ends_at
    FROM relay_control.oauth2_items
    WHERE kind = 'Grant' AND credential_id IS NOT NULL AND (ends_at IS NULL OR ends_at > now())
  ) AS given
  JOIN relay_control.application_credentials c ON c.id = given.credential_id AND c.revoked_at IS NULL
  JOIN relay_control.applications a ON a.id = c.application_id
  WHERE ($1::text IS NULL OR given.id = $1)
    AND ($2::text IS NULL OR c.application_id = $2)
    AND ($3::text IS NULL OR given.account_id = $3)
    AND ($4::text IS NULL OR given.id COLLATE "C" > $4)
  ORDER BY given.id COLLATE "C" LIMIT $5`;

/** Tokens of OAuth 1.0a and grants of OAuth 2, for others than who holds them. */
export class Consents {
  constructor(private readonly dataSource: DataSource) {}

  /** One more than asked for where there is a next page. */
  async list(filter: ConsentFilter, { cursor, limit }: ConsentPageAsked): Promise<Consent[]> {
    return read(this.dataSource.manager, filter, { cursor, limit: limit + 1 });
  }

  /** With all tokens that came of it, from the next request on. false where there is none. */
  async revoke(filter: ConsentFilter & { id: string }): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const [consent] = await read(manager, filter, { limit: 1 });
      if (consent === undefined) {
        return false;
      }
      const table =
        consent.kind === 'oauth1-token' ? 'oauth1_tokens WHERE id = $1' : 'oauth2_items WHERE grant_id = $1';
      await manager.query(`DELETE FROM relay_control.${table}`, [consent.id]);
      await recordChange(manager, { resource: `consents/${consent.id}`, before: consent });
      return true;
    });
  }
}

async function read(
  manager: EntityManager,
  { id, applicationId, accountId }: ConsentFilter,
  { cursor, limit }: ConsentPageAsked,
): Promise<Consent[]> {
  const given = [id, applicationId, accountId, cursor].map((value) => value ?? null);
  return manager.query<Consent[]>(consentsSql, [...given, limit]);
}
