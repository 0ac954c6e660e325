import type { Client } from 'pg';
import { isLockTimeout } from '#libs/postgres';
import { delay, messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';

/** Practically: not at all, as everybody who comes after a waiting one waits behind it. */
const lockTimeoutMs = 1;
const lockRetryMs = 100;
const retriesPerWarning = 50;
/** Taken for the installation, so that two instances do not make the same thing at once. */
const advisoryLock = 7_046_029_254;

/**
 * Runs `work` in a transaction that gives up when a lock is not free, and tries again: a trigger needs a lock
 * that waits for every open writer of the table, and all new writers would queue up behind it.
 */
export async function withLockRetries<Result>(
  client: Client,
  logger: Logger,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    await client.query('begin');
    try {
      await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
      await client.query('set local client_min_messages = warning');
      await client.query('select pg_advisory_xact_lock($1)', [advisoryLock]);
      const result = await work();
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      if (!isLockTimeout(error)) {
        throw error;
      }
      if (attempt % retriesPerWarning === 1) {
        logger.warn(
          { reason: messageOf(error), attempt },
          `${what} has to wait for a transaction that holds a lock: trying again`,
        );
      }
      await delay(lockRetryMs);
    }
  }
}
