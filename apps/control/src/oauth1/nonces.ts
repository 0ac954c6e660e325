import type { DataSource } from 'typeorm';
import { timestampWindowS } from '#libs/oauth1';

/** One signed request; no two of them are alike. */
export interface NonceUse {
  consumerKey: string;
  /** null without one. */
  token: string | null;
  timestampS: number;
  nonce: string;
}

/**
 * `uncertain`: of the time of its timestamp it is not known whether it was used, as Postgres may have lost the
 * last of what it had committed then.
 */
export type NonceOutcome = 'taken' | 'used' | 'uncertain';

/** Beyond the window, so that a clock that is behind by less opens it for none that is removed. */
const acceptedS = 2 * timestampWindowS;
const keptS = 3 * timestampWindowS;

/**
 * Names what Postgres has written without a break: a server that takes over from another without its last
 * commits begins a new timeline, and a copy that is loaded elsewhere has another system identifier.
 */
const historySql = `(SELECT system_identifier FROM pg_control_system()) || '/' ||
  left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)`;

/** In Postgres, so that a nonce is taken once whichever instance is asked, and also after a restart of all. */
export class Nonces {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Takes it, in one statement: of several that come at once, one is taken. To be called for requests whose
   * signature is right, or strangers could use up the nonces of others.
   */
  async take(use: NonceUse): Promise<NonceOutcome> {
    if (await this.insert(use)) {
      return 'taken';
    }
    await this.noteHistory();
    if (await this.insert(use)) {
      return 'taken';
    }
    return (await this.isThere(use)) ? 'used' : 'uncertain';
  }

  /** From now on, nonces are known in the history that Postgres writes; those of before may be missing. */
  async noteHistory(): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO relay_control.oauth1_nonce_histories (history, since)
      SELECT ${historySql}, now() ON CONFLICT DO NOTHING`,
    );
  }

  /** To be called from time to time. */
  async tidy(): Promise<void> {
    await this.noteHistory();
    await this.removeOld();
  }

  /** What is too old to be accepted again. */
  async removeOld(): Promise<void> {
    await this.dataSource.query(
      'DELETE FROM relay_control.oauth1_nonces WHERE timestamp_s < extract(epoch FROM now()) - $1',
      [keptS],
    );
  }

  private async insert(use: NonceUse): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `INSERT INTO relay_control.oauth1_nonces (timestamp_s, consumer_key, token, nonce)
      SELECT $1::bigint, $2, $3, $4 FROM relay_control.oauth1_nonce_histories
      WHERE history = ${historySql}
        AND to_timestamp($1::bigint) > greatest(since, now() - make_interval(secs => $5))
      ON CONFLICT DO NOTHING RETURNING nonce`,
      [...keyOf(use), acceptedS],
    );
    return rows.length === 1;
  }

  private async isThere(use: NonceUse): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT FROM relay_control.oauth1_nonces
      WHERE timestamp_s = $1 AND consumer_key = $2 AND token = $3 AND nonce = $4`,
      keyOf(use),
    );
    return rows.length === 1;
  }
}

function keyOf({ timestampS, consumerKey, token, nonce }: NonceUse): unknown[] {
  return [timestampS, consumerKey, token ?? '', nonce];
}
