import type { DataSource, EntityManager } from 'typeorm';
import { isLockTimeout } from '#libs/postgres';
import { controlSchema } from '../persistence/rows.js';
import { dayMs, type KeptDays } from './kept-days.js';
import { locks } from '../persistence/locks.js';

/** Made before they are needed, so that midnight is like any other time. */
const daysAhead = 2;
/** Whoever waits for the table waits as long behind a drop that does not get it. */
const dropLockTimeoutMs = 500;
const prefix = 'attempts_';

/** The partitions of the table of attempts, one a day. */
export class AttemptPartitions {
  private existing = new Set<number>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly days: KeptDays,
  ) {}

  /** Reads which there are, makes those of the next days and drops those that are no longer kept. */
  async keep(): Promise<void> {
    this.existing = new Set(await this.read());
    const todayMs = this.days.todayMs();
    await this.ensure(Array.from({ length: daysAhead + 1 }, (_, day) => todayMs + day * dayMs));
    for (const old of [...this.existing].filter((beginMs) => beginMs < this.days.oldestMs())) {
      await this.drop(old);
    }
    await this.forgetUrls();
  }

  /** For rows of these days, given by their beginnings. */
  async ensure(days: Iterable<number>): Promise<void> {
    for (const beginMs of days) {
      if (!this.existing.has(beginMs)) {
        await this.make(beginMs);
        this.existing.add(beginMs);
      }
    }
  }

  /** What was asked before a subscription got another URL: no attempt that is kept is of it any more. */
  private async forgetUrls(): Promise<void> {
    await this.dataSource.query(`DELETE FROM ${controlSchema}.subscription_urls WHERE replaced_at < $1`, [
      new Date(this.days.oldestMs() - dayMs),
    ]);
  }

  private async read(): Promise<number[]> {
    const rows: { name: string }[] = await this.dataSource.query(
      `SELECT child.relname AS name FROM pg_inherits
       JOIN pg_class child ON child.oid = inhrelid
       WHERE inhparent = '${controlSchema}.attempts'::regclass`,
    );
    return rows.map(({ name }) => beginOf(name));
  }

  /** Made beside the table and attached then, which nobody who reads or writes has to wait for. */
  private async make(beginMs: number): Promise<void> {
    const name = nameOf(beginMs);
    await this.dataSource.transaction(async (manager) => {
      await lock(manager);
      const [found] = await manager.query<{ oid: string | null }[]>('SELECT to_regclass($1) AS oid', [name]);
      if (found?.oid === null) {
        await manager.query(`CREATE TABLE ${name} (LIKE ${controlSchema}.attempts INCLUDING ALL)`);
        await manager.query(
          `ALTER TABLE ${controlSchema}.attempts ATTACH PARTITION ${name}
           FOR VALUES FROM (${String(beginMs)}) TO (${String(beginMs + dayMs)})`,
        );
      }
    });
  }

  /** While somebody reads it, it stays until the next time: what comes meanwhile must not wait. */
  private async drop(beginMs: number): Promise<void> {
    try {
      await this.dataSource.transaction(async (manager) => {
        await lock(manager);
        await manager.query(`SET LOCAL lock_timeout = ${String(dropLockTimeoutMs)}`);
        await manager.query(`DROP TABLE IF EXISTS ${nameOf(beginMs)}`);
      });
      this.existing.delete(beginMs);
    } catch (error) {
      if (!isLockTimeout(error)) {
        throw error;
      }
    }
  }
}

async function lock(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [locks.attemptPartitions]);
}

/** `attempts_20261128`, with its schema. */
function nameOf(beginMs: number): string {
  return `${controlSchema}.${prefix}${new Date(beginMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

function beginOf(name: string): number {
  const [, year = '', month = '', day = ''] = /_(\d{4,})(\d\d)(\d\d)$/.exec(name) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day));
}
