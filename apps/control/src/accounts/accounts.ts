import { IsNull, MoreThan, QueryFailedError, type DataSource } from 'typeorm';
import { newVersion, Precondition } from '../http/versions.js';
import { accounts, type AccountRow } from '../persistence/account-rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { hashPassword } from './passwords.js';
import { hashOf, newToken, tokenPattern } from '../access/secret-token.js';
import { endSessionsOf } from './sessions.js';

/** Over a weekend. */
const invitationMs = 4 * 86_400_000;
const uniqueViolation = '23505';

/** What is shown once and lets a person set a password. */
export interface Invitation {
  token: string;
  until: Date;
}

export interface NewAccount {
  email: string;
  passwordHash?: string;
  external?: { issuer: string; subject: string };
}

export function normalEmail(given: string): string {
  return given.trim().toLowerCase();
}

/** The people who administer. */
export class Accounts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly nowMs: () => number,
  ) {}

  /** Who comes with neither a password nor another way to sign in is invited; undefined where there is one already. */
  async create(given: NewAccount): Promise<{ account: AccountRow; invitation?: Invitation } | undefined> {
    const { email, passwordHash, external } = given;
    const invitation = (passwordHash ?? external) ? undefined : this.newInvitation();
    const now = new Date(this.nowMs());
    const account: AccountRow = {
      id: newSortableId('usr', now.getTime()),
      email: normalEmail(email),
      passwordHash: passwordHash ?? null,
      externalIssuer: external?.issuer ?? null,
      externalSubject: external?.subject ?? null,
      totpSecret: null,
      totpOffered: null,
      totpLastStep: null,
      recoveryHashes: [],
      enabled: true,
      ...invitationColumns(invitation),
      lastSignInAt: null,
      createdAt: now,
      updatedAt: now,
      version: newVersion(),
    };
    try {
      await this.dataSource.getRepository(accounts).insert(account);
    } catch (error) {
      if (isDuplicate(error)) {
        return undefined;
      }
      throw error;
    }
    return { account, ...(invitation && { invitation }) };
  }

  /** One more than asked for tells whether there is a next page. */
  list({ cursor, limit }: { cursor: string | undefined; limit: number }): Promise<AccountRow[]> {
    return this.dataSource.getRepository(accounts).find({
      where: cursor === undefined ? {} : { id: MoreThan(cursor) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  async find(id: string): Promise<AccountRow | undefined> {
    return (await this.dataSource.getRepository(accounts).findOneBy({ id })) ?? undefined;
  }

  async findByEmail(email: string): Promise<AccountRow | undefined> {
    const found = await this.dataSource.getRepository(accounts).findOneBy({ email: normalEmail(email) });
    return found ?? undefined;
  }

  async findExternal(issuer: string, subject: string): Promise<AccountRow | undefined> {
    const where = { externalIssuer: issuer, externalSubject: subject };
    return (await this.dataSource.getRepository(accounts).findOneBy(where)) ?? undefined;
  }

  /** Who is invited under this address, and comes by the external provider before a password was set. */
  async linkInvited(
    email: string,
    { issuer, subject }: { issuer: string; subject: string },
  ): Promise<AccountRow | undefined> {
    const isInvited = { email, enabled: true, passwordHash: IsNull(), externalSubject: IsNull() };
    const { affected } = await this.dataSource.getRepository(accounts).update(isInvited, {
      externalIssuer: issuer,
      externalSubject: subject,
      ...invitationColumns(undefined),
      ...changedAt(this.nowMs()),
    });
    return affected === 1 ? this.findByEmail(email) : undefined;
  }

  /** Who is disabled is signed out everywhere. */
  setEnabled(id: string, enabled: boolean, expected = Precondition.none): Promise<AccountRow | undefined> {
    return this.update(id, { enabled }, { endsSessions: !enabled, expected });
  }

  /** As if newly invited: without password, second factor and sessions. The external identity goes, too. */
  async reset(
    id: string,
    expected = Precondition.none,
  ): Promise<{ account: AccountRow; invitation: Invitation } | undefined> {
    const invitation = this.newInvitation();
    const asInvited = {
      passwordHash: null,
      externalIssuer: null,
      externalSubject: null,
      totpSecret: null,
      totpOffered: null,
      totpLastStep: null,
      recoveryHashes: [],
      ...invitationColumns(invitation),
    };
    const account = await this.update(id, asInvited, { expected });
    return account && { account, invitation };
  }

  /** A new password voids every session and an invitation that is open. */
  async setPassword(id: string, password: string): Promise<AccountRow | undefined> {
    const passwordHash = await hashPassword(password);
    return this.update(id, { passwordHash, ...invitationColumns(undefined) });
  }

  async findInvited(token: string): Promise<AccountRow | undefined> {
    const account = tokenPattern.test(token)
      ? await this.dataSource.getRepository(accounts).findOneBy({ invitationHash: hashOf(token) })
      : null;
    const isOpen =
      account?.enabled === true && this.nowMs() < (account.invitationUntil?.getTime() ?? -Infinity);
    return isOpen ? account : undefined;
  }

  /** Once: of two who do it at the same time one comes too late. */
  async acceptInvitation(token: string, password: string): Promise<boolean> {
    const passwordHash = await hashPassword(password);
    const account = await this.findInvited(token);
    if (account === undefined) {
      return false;
    }
    return this.dataSource.transaction(async (manager) => {
      const { affected } = await manager.update(
        accounts,
        { id: account.id, invitationHash: hashOf(token) },
        { passwordHash, ...invitationColumns(undefined), ...changedAt(this.nowMs()) },
      );
      await endSessionsOf(manager, account.id);
      return affected === 1;
    });
  }

  async signedIn(id: string): Promise<void> {
    await this.dataSource.getRepository(accounts).update({ id }, { lastSignInAt: new Date(this.nowMs()) });
  }

  private newInvitation(): Invitation {
    return { token: newToken(), until: new Date(this.nowMs() + invitationMs) };
  }

  private update(
    id: string,
    change: Partial<AccountRow>,
    {
      endsSessions = true,
      expected = Precondition.none,
    }: { endsSessions?: boolean; expected?: Precondition } = {},
  ): Promise<AccountRow | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const row = await manager.findOne(accounts, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (row === null) {
        return undefined;
      }
      expected.require(row.version);
      const fields = { ...change, ...changedAt(this.nowMs()) };
      await manager.update(accounts, { id }, fields);
      if (endsSessions) {
        await endSessionsOf(manager, id);
      }
      return { ...row, ...fields };
    });
  }
}

/** What every change of an account changes. */
export function changedAt(nowMs: number): Pick<AccountRow, 'updatedAt' | 'version'> {
  return { updatedAt: new Date(nowMs), version: newVersion() };
}

function invitationColumns(
  invitation: Invitation | undefined,
): Pick<AccountRow, 'invitationHash' | 'invitationUntil'> {
  return {
    invitationHash: invitation === undefined ? null : hashOf(invitation.token),
    invitationUntil: invitation?.until ?? null,
  };
}

function isDuplicate(error: unknown): boolean {
  const driverError = error instanceof QueryFailedError ? (error.driverError as { code?: unknown }) : {};
  return driverError.code === uniqueViolation;
}
