import { LessThan, type DataSource, type EntityManager } from 'typeorm';
import { accounts, sessions, type AccountRow, type SessionRow } from '../persistence/account-rows.js';
import { hashOf, newToken, tokenPattern } from '../access/secret-token.js';

export const sessionMs = 12 * 3_600_000;
const idleMs = 3_600_000;
/** Between password and code. */
const codeWaitMs = 600_000;
/** How exactly the last use is known, so that not every page writes. */
const touchEveryMs = 60_000;

export interface OpenSession {
  account: AccountRow;
  awaitsCode: boolean;
}

/** Who is signed in. A token is given out once; only its hash is kept. */
export class Sessions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly nowMs: () => number,
  ) {}

  /** Gives the token. */
  async begin(accountId: string, { awaitsCode }: { awaitsCode: boolean }): Promise<string> {
    const token = newToken();
    const nowMs = this.nowMs();
    const repository = this.dataSource.getRepository(sessions);
    await repository.delete({ endsAt: LessThan(new Date(nowMs)) });
    await repository.insert({
      tokenHash: hashOf(token),
      accountId,
      awaitsCode,
      lastSeenAt: new Date(nowMs),
      endsAt: new Date(nowMs + (awaitsCode ? codeWaitMs : sessionMs)),
    });
    return token;
  }

  /** The session and its account, unless it has ended, was idle for too long, or the account is disabled. */
  async find(token: string | undefined): Promise<OpenSession | undefined> {
    if (token === undefined || !tokenPattern.test(token)) {
      return undefined;
    }
    const session = await this.dataSource.getRepository(sessions).findOneBy({ tokenHash: hashOf(token) });
    if (session === null || !this.isOpen(session)) {
      return undefined;
    }
    const account = await this.dataSource.getRepository(accounts).findOneBy({ id: session.accountId });
    if (account?.enabled !== true) {
      return undefined;
    }
    await this.touch(session);
    return { account, awaitsCode: session.awaitsCode };
  }

  async end(token: string): Promise<void> {
    await this.dataSource.getRepository(sessions).delete({ tokenHash: hashOf(token) });
  }

  private isOpen({ endsAt, lastSeenAt }: SessionRow): boolean {
    const nowMs = this.nowMs();
    return nowMs < endsAt.getTime() && nowMs < lastSeenAt.getTime() + idleMs;
  }

  private async touch({ tokenHash, lastSeenAt }: SessionRow): Promise<void> {
    const nowMs = this.nowMs();
    if (nowMs >= lastSeenAt.getTime() + touchEveryMs) {
      await this.dataSource.getRepository(sessions).update({ tokenHash }, { lastSeenAt: new Date(nowMs) });
    }
  }
}

/** All of an account, together with what makes them void. */
export async function endSessionsOf(manager: EntityManager, accountId: string): Promise<void> {
  await manager.delete(sessions, { accountId });
}
