import { createPublicKey } from 'node:crypto';
import { IsNull, MoreThan, type DataSource, type EntityManager } from 'typeorm';
import type { SecretsKey } from '#libs/subscription';
import { hashOf, isSame } from '../access/secret-token.js';
import type { ApplicationPrincipal, Principal, Scope } from '../access/principal.js';
import { recordChange } from '../audit/audit-trail.js';
import { keepAnswer } from '../idempotency/idempotency.interceptor.js';
import {
  applicationCredentials,
  applications,
  type ApplicationCredentialRow,
  type ApplicationRow,
} from '../persistence/rows.js';
import { newSortableId, type IdPrefix } from '../persistence/sortable-id.js';
import { credentialViewOf } from './application-view.js';
import { goodHashes, hasSecret, newSecret, rotatedSecret } from './credential-secrets.js';
import type { ClientAuthMethod, CredentialKind } from './application-bodies.js';

const prefixes: Readonly<Record<CredentialKind, IdPrefix>> = {
  'api-key': 'key',
  'oauth2-client': 'cli',
  'oauth1-consumer': 'con',
};
/** What secret scanners find; the id stands in it, so that one row is asked for. */
const apiKeyPattern = /^relay_(key_[0-9a-z]{26})_([A-Za-z0-9_-]{43})$/;

export interface NewCredential {
  applicationId: string;
  kind: CredentialKind;
  name: string;
  scopes: readonly Scope[];
  publicKey: string | null;
  authMethod: ClientAuthMethod | null;
}

export interface CreatedCredential {
  row: ApplicationCredentialRow;
  /** In clear, this once. */
  secret: string;
}

/** What applications prove themselves by: of API keys and OAuth 2 only hashes are kept. */
export class ApplicationCredentials {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secretsKey: SecretsKey,
  ) {}

  async create(given: NewCredential): Promise<CreatedCredential> {
    return this.dataSource.transaction(async (manager) => {
      const created = await this.createIn(manager, given);
      const { row, secret } = created;
      await keepAnswer(manager, () => Object.assign(credentialViewOf(row), { secret }));
      return created;
    });
  }

  /** As part of a transaction of the caller. */
  async createIn(manager: EntityManager, given: NewCredential): Promise<CreatedCredential> {
    const now = new Date();
    const id = newSortableId(prefixes[given.kind], now.getTime());
    const { columns, secret } = newSecret(this.secretsKey, { id, kind: given.kind });
    const row: ApplicationCredentialRow = {
      ...given,
      scopes: [...given.scopes],
      ...columns,
      id,
      createdAt: now,
      revokedAt: null,
    };
    await manager.insert(applicationCredentials, row);
    await recordChange(manager, { resource: resourceOf(row), after: credentialViewOf(row) });
    return { row, secret };
  }

  /** One more than asked for, where there are more. */
  async list(
    applicationId: string,
    { cursor, limit }: { cursor: string | undefined; limit: number },
  ): Promise<ApplicationCredentialRow[]> {
    return this.dataSource.getRepository(applicationCredentials).find({
      where: { applicationId, ...(cursor === undefined ? {} : { id: MoreThan(cursor) }) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  /** It stays in the list. undefined where there is none. */
  async revoke(applicationId: string, id: string): Promise<ApplicationCredentialRow | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const row = await locked(manager, applicationId, id);
      if (row === undefined || row.revokedAt !== null) {
        return row;
      }
      const revoked = { ...row, revokedAt: new Date() };
      await manager.update(applicationCredentials, { id }, { revokedAt: revoked.revokedAt });
      const [before, after] = [credentialViewOf(row), credentialViewOf(revoked)];
      await recordChange(manager, { resource: resourceOf(row), before, after });
      return revoked;
    });
  }

  async find(applicationId: string, id: string): Promise<ApplicationCredentialRow | undefined> {
    const where = { applicationId, id };
    return (await this.dataSource.getRepository(applicationCredentials).findOneBy(where)) ?? undefined;
  }

  /** Gives another secret; the present one is good for a while, too. undefined where there is none to replace. */
  async rotate(applicationId: string, id: string, graceMs: number): Promise<CreatedCredential | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const before = await locked(manager, applicationId, id);
      if (before === undefined || !hasSecret(before)) {
        return undefined;
      }
      const { columns, secret } = rotatedSecret(this.secretsKey, before, graceMs);
      const row = { ...before, ...columns };
      await manager.update(applicationCredentials, { id }, columns);
      await recordChange(manager, { resource: resourceOf(row), before, after: row });
      await keepAnswer(manager, () => Object.assign(credentialViewOf(row), { secret }));
      return { row, secret };
    });
  }

  /** Whose key it is; undefined for one that is unknown or revoked. */
  async ofApiKey(text: string): Promise<Principal | undefined> {
    const [, id, random = ''] = apiKeyPattern.exec(text) ?? [];
    const found = id === undefined ? undefined : await this.inUse(id);
    if (found?.credential.kind !== 'api-key') {
      return undefined;
    }
    const isRight = goodHashes(found.credential).some((good) => isSame(hashOf(random), good));
    return isRight ? principalFor(found.application, found.credential.scopes) : undefined;
  }

  /** A credential that is not revoked, and whose it is. */
  async inUse(
    id: string,
  ): Promise<{ credential: ApplicationCredentialRow; application: ApplicationRow } | undefined> {
    const credential = await this.dataSource
      .getRepository(applicationCredentials)
      .findOneBy({ id, revokedAt: IsNull() });
    const application =
      credential &&
      (await this.dataSource.getRepository(applications).findOneBy({ id: credential.applicationId }));
    return credential && application ? { credential, application } : undefined;
  }
}

/** Locked, so that of two changes at the same time the second builds on the first. */
async function locked(
  manager: EntityManager,
  applicationId: string,
  id: string,
): Promise<ApplicationCredentialRow | undefined> {
  const lock = { mode: 'pessimistic_write' } as const;
  return (await manager.findOne(applicationCredentials, { where: { applicationId, id }, lock })) ?? undefined;
}

function resourceOf({ applicationId, id }: ApplicationCredentialRow): string {
  return `applications/${applicationId}/credentials/${id}`;
}

/** With what of the scopes the application still has. */
export function principalFor(application: ApplicationRow, scopes: readonly Scope[]): Principal {
  const { id, state, databases, models, companyIds } = application;
  const held = new Set(scopes.filter((scope) => application.scopes.includes(scope)));
  if (held.has('admin') && state === 'approved') {
    return { kind: 'administrator', id };
  }
  const principal: ApplicationPrincipal = {
    kind: 'application',
    id,
    state,
    scopes: held,
    grant: { databases, models, companyIds },
  };
  return principal;
}

export function isRsaPublicKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa' && !pem.includes('PRIVATE');
  } catch {
    return false;
  }
}
