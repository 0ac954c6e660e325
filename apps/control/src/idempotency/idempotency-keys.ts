import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { decryptSecret, encryptSecret, type SecretsKey } from '#libs/subscription';
import { Problem } from '../http/problem.js';

/** What a request was answered with. */
export interface KeptAnswer {
  status: number;
  etag?: string;
  body: unknown;
}

/** Who works on the request of a key; only what this one says is taken. */
export interface Claim {
  principal: string;
  key: string;
  id: string;
}

export type Claimed =
  | { kind: 'claimed'; claim: Claim }
  | { kind: 'answered'; answer: KeptAnswer }
  | { kind: 'reused' }
  | { kind: 'inUse' };

interface KeyRow {
  fingerprint: string;
  answer: string | null;
}

const table = 'relay_control.idempotency_keys';
const keptHours = 24;
/** No request takes longer. A key whose process died is free after this time. */
const claimSeconds = 60;

/** The idempotency keys of all instances, each with the answer of its request once there is one. */
export class IdempotencyKeys {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secretsKey: SecretsKey,
  ) {}

  /** For one of all who ask at once. One that was never answered is free when its claim is over. */
  async claim(principal: string, key: string, fingerprint: string): Promise<Claimed> {
    const id = randomUUID();
    const taken = await this.dataSource.query<unknown[]>(
      `INSERT INTO ${table} AS present (principal, key, fingerprint, claim, claimed_until, expires_at)
       VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5), now() + make_interval(hours => $6))
       ON CONFLICT (principal, key) DO UPDATE
         SET fingerprint = excluded.fingerprint, claim = excluded.claim, answer = NULL,
             claimed_until = excluded.claimed_until, expires_at = excluded.expires_at
         WHERE present.expires_at < now() OR (present.answer IS NULL AND present.claimed_until < now())
       RETURNING claim`,
      [principal, key, fingerprint, id, claimSeconds, keptHours],
    );
    if (taken.length === 1) {
      return { kind: 'claimed', claim: { principal, key, id } };
    }
    const [row] = await this.dataSource.query<KeyRow[]>(
      `SELECT fingerprint, answer FROM ${table} WHERE principal = $1 AND key = $2`,
      [principal, key],
    );
    if (row !== undefined && row.fingerprint !== fingerprint) {
      return { kind: 'reused' };
    }
    // Gone meanwhile: whoever had it was refused, and it is free for the next try.
    if (row === undefined || row.answer === null) {
      return { kind: 'inUse' };
    }
    const answer = JSON.parse(decryptSecret(this.secretsKey, row.answer)) as KeptAnswer;
    return { kind: 'answered', answer };
  }

  /**
   * In the transaction that does what was asked for, so that either both are kept or none.
   * @throws Problem when somebody else has the key by now
   */
  async keepIn(manager: Pick<EntityManager, 'query'>, claim: Claim, answer: KeptAnswer): Promise<void> {
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE ${table} SET answer = $4 WHERE principal = $1 AND key = $2 AND claim = $3`,
      [claim.principal, claim.key, claim.id, encryptSecret(this.secretsKey, JSON.stringify(answer))],
    );
    if (count !== 1) {
      throw keyInUse();
    }
  }

  /** The last word on what was done. */
  async keep(claim: Claim, answer: KeptAnswer): Promise<void> {
    await this.keepIn(this.dataSource, claim, answer);
  }

  /** Of a request that has changed nothing: the next one with this key is made as if it were the first. */
  async release({ principal, key, id }: Claim): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM ${table} WHERE principal = $1 AND key = $2 AND claim = $3 AND answer IS NULL`,
      [principal, key, id],
    );
  }

  async removeExpired(): Promise<void> {
    await this.dataSource.query(`DELETE FROM ${table} WHERE expires_at < now()`);
  }
}

export function keyInUse(): Problem {
  return new Problem(
    'idempotency_key_in_use',
    'a request with this Idempotency-Key is under way: wait a second, then send it again to get its answer',
  );
}
