import ipaddr from 'ipaddr.js';
import type { DataSource, EntityManager } from 'typeorm';
import { controlSchema } from '../persistence/rows.js';
import { hashOf } from '../access/secret-token.js';

/**
 * How many failures cost nothing, and how long the wait after one more can become. It doubles from a second on and
 * never becomes for ever: whoever fails in another's name can delay the other for a while, and no more. A code is
 * asked for only of who knows the password, hence the longest.
 */
const rules = {
  account: { free: 5, longestMs: 60_000 },
  address: { free: 20, longestMs: 900_000 },
  code: { free: 5, longestMs: 3_600_000 },
} as const;
const firstDelayMs = 1_000;
const forgottenAfterMs = 86_400_000;

export interface DelayKey {
  kind: keyof typeof rules;
  key: string;
}

/** Whom the tries to sign in are counted for; an e-mail address that is nobody's is counted like any other. */
export const delayKey = {
  account: (email: string): DelayKey => ({ kind: 'account', key: `account:${hashOf(email)}` }),
  address: (address: string): DelayKey => ({ kind: 'address', key: `address:${networkOf(address)}` }),
  code: (accountId: string): DelayKey => ({ kind: 'code', key: `code:${accountId}` }),
};

interface DelayRow {
  failures: number;
  next_try_at: Date;
  forgotten_at: Date;
}

/** How long the next try has to wait; in Postgres, so that neither a restart nor another instance forgets. */
export class SignInDelays {
  constructor(
    private readonly dataSource: DataSource,
    private readonly nowMs: () => number,
  ) {}

  /**
   * Counts a try as failed before it is made, so that many at once gain nothing; undefined, or the milliseconds to
   * wait, and then it is not to be made.
   */
  begin(keys: readonly DelayKey[]): Promise<number | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const nowMs = this.nowMs();
      const rows = [];
      // In one order, so that two tries never wait for each other.
      for (const { kind, key } of [...keys].sort((one, other) => (one.key < other.key ? -1 : 1))) {
        rows.push({ kind, key, ...(await lock(manager, key, nowMs)) });
      }
      const waitMs = Math.max(...rows.map((row) => row.nextTryMs - nowMs));
      if (waitMs > 0) {
        return waitMs;
      }
      for (const { kind, key, failures } of rows) {
        await save(manager, key, failures + 1, { nowMs, nextTryMs: nowMs + delayMs(kind, failures + 1) });
      }
      return undefined;
    });
  }

  /** The account's failures are forgotten, of the address only this try: it may have tried others. */
  async succeeded(keys: readonly DelayKey[]): Promise<void> {
    const now = new Date(this.nowMs());
    for (const { kind, key } of keys) {
      await (kind === 'address'
        ? this.dataSource.query(
            `UPDATE ${controlSchema}.sign_in_delays
               SET failures = greatest(failures - 1, 0), next_try_at = least(next_try_at, $2) WHERE key = $1`,
            [key, now],
          )
        : this.dataSource.query(`DELETE FROM ${controlSchema}.sign_in_delays WHERE key = $1`, [key]));
    }
    await this.dataSource.query(`DELETE FROM ${controlSchema}.sign_in_delays WHERE forgotten_at < $1`, [now]);
  }
}

async function lock(
  manager: EntityManager,
  key: string,
  nowMs: number,
): Promise<{ failures: number; nextTryMs: number }> {
  const now = new Date(nowMs);
  await manager.query(
    `INSERT INTO ${controlSchema}.sign_in_delays (key, failures, next_try_at, forgotten_at)
     VALUES ($1, 0, $2, $3) ON CONFLICT DO NOTHING`,
    [key, now, new Date(nowMs + forgottenAfterMs)],
  );
  const [row] = await manager.query<DelayRow[]>(
    `SELECT failures, next_try_at, forgotten_at FROM ${controlSchema}.sign_in_delays WHERE key = $1 FOR UPDATE`,
    [key],
  );
  const isForgotten = row === undefined || row.forgotten_at.getTime() < nowMs;
  return isForgotten
    ? { failures: 0, nextTryMs: nowMs }
    : { failures: row.failures, nextTryMs: row.next_try_at.getTime() };
}

async function save(
  manager: EntityManager,
  key: string,
  failures: number,
  { nowMs, nextTryMs }: { nowMs: number; nextTryMs: number },
): Promise<void> {
  await manager.query(
    `UPDATE ${controlSchema}.sign_in_delays SET failures = $2, next_try_at = $3, forgotten_at = $4 WHERE key = $1`,
    [key, failures, new Date(nextTryMs), new Date(nowMs + forgottenAfterMs)],
  );
}

function delayMs(kind: DelayKey['kind'], failures: number): number {
  const { free, longestMs } = rules[kind];
  return failures < free ? 0 : Math.min(firstDelayMs * 2 ** Math.min(failures - free, 30), longestMs);
}

/** One household has many IPv6 addresses: what it is given is the first half. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) {
    return 'unknown';
  }
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv6' ? `${parsed.toByteArray().slice(0, 8).join('.')}::` : parsed.toString();
}
