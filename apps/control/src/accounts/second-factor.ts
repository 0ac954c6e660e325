import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { decryptSecret, encryptSecret, type SecretsKey } from '#libs/subscription';
import { accounts, type AccountRow } from '../persistence/account-rows.js';
import { changedAt } from './accounts.js';
import { toBase32 } from './base32.js';
import { hashOf } from '../access/secret-token.js';
import { newTotpSecret, stepOfCode } from './totp.js';

const recoveryCodeCount = 10;
/** 16 digits in base32: too many to be guessed, so that a fast hash is enough. */
const recoveryCodeBytes = 10;

/** The code that is asked for after the password: of an authenticator app, or one of the codes kept for its loss. */
export class SecondFactor {
  constructor(
    private readonly dataSource: DataSource,
    private readonly key: SecretsKey,
    private readonly nowMs: () => number,
  ) {}

  /** The secret to set an app up with, the same until it is confirmed. */
  async offer(account: AccountRow): Promise<string> {
    if (account.totpOffered !== null) {
      return decryptSecret(this.key, account.totpOffered);
    }
    const secret = newTotpSecret();
    await this.update(account.id, { totpOffered: encryptSecret(this.key, secret) });
    return secret;
  }

  /** From now on a code is asked for, if this one shows that the app is set up. Gives the recovery codes, once. */
  async confirm(account: AccountRow, code: string): Promise<readonly string[] | undefined> {
    const { id, totpOffered } = account;
    if (totpOffered === null) {
      return undefined;
    }
    const step = stepOfCode(decryptSecret(this.key, totpOffered), normalCode(code), this.nowMs());
    if (step === undefined) {
      return undefined;
    }
    const codes = newRecoveryCodes();
    await this.update(id, {
      totpSecret: totpOffered,
      totpOffered: null,
      totpLastStep: step,
      recoveryHashes: codes.map(recoveryHash),
    });
    return codes;
  }

  /** Whether the code is right and was not used before, on whatever instance: it is used by this. */
  async use(account: AccountRow, given: string): Promise<boolean> {
    const code = normalCode(given);
    return /^\d{6}$/.test(code) ? this.useTotp(account, code) : this.useRecoveryCode(account.id, code);
  }

  /** Those there were are void. */
  async renewRecoveryCodes(id: string): Promise<readonly string[]> {
    const codes = newRecoveryCodes();
    await this.update(id, { recoveryHashes: codes.map(recoveryHash) });
    return codes;
  }

  async turnOff(id: string): Promise<void> {
    await this.update(id, { totpSecret: null, totpOffered: null, totpLastStep: null, recoveryHashes: [] });
  }

  private async useTotp({ id, totpSecret }: AccountRow, code: string): Promise<boolean> {
    const step =
      totpSecret === null ? undefined : stepOfCode(decryptSecret(this.key, totpSecret), code, this.nowMs());
    if (step === undefined) {
      return false;
    }
    const { affected } = await this.dataSource
      .createQueryBuilder()
      .update(accounts)
      .set({ totpLastStep: step })
      .where('id = :id AND (totp_last_step IS NULL OR totp_last_step < :step)', { id, step })
      .execute();
    return affected === 1;
  }

  private async useRecoveryCode(id: string, code: string): Promise<boolean> {
    const hash = recoveryHash(code);
    const { affected } = await this.dataSource
      .createQueryBuilder()
      .update(accounts)
      .set({ recoveryHashes: () => 'array_remove(recovery_hashes, :hash)' })
      .where('id = :id AND :hash = ANY(recovery_hashes)', { id, hash })
      .execute();
    return affected === 1;
  }

  private async update(id: string, change: Partial<AccountRow>): Promise<void> {
    const fields = { ...change, ...changedAt(this.nowMs()) };
    await this.dataSource.getRepository(accounts).update({ id }, fields);
  }
}

/** As it was meant: people put spaces and dashes where they like, and small letters. */
function normalCode(given: string): string {
  return given.replaceAll(/[\s-]/g, '').toUpperCase();
}

function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: recoveryCodeCount }, () =>
    (toBase32(randomBytes(recoveryCodeBytes)).match(/.{4}/g) ?? []).join('-'),
  );
}

function recoveryHash(code: string): string {
  return hashOf(normalCode(code));
}
