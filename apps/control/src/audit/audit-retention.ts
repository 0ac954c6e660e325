import type { DataSource } from 'typeorm';
import { messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { LedTask } from '../persistence/led-task.js';
import { locks } from '../persistence/locks.js';
import { controlSchema } from '../persistence/rows.js';

const dayMs = 86_400_000;
const intervalMs = 3_600_000;
const retryMs = 60_000;
/** Deleted at once: few, so that neither the statement's time nor anybody else's is used up. */
const sliceRows = 1_000;
const leadership = {
  applicationName: 'odoo-relay-control-audit-log',
  lock: locks.auditRetention,
  channel: 'relay_control_audit_log',
};

export interface AuditRetentionOptions {
  databaseUrl: string;
  dataSource: DataSource;
  retentionDays: number;
  logger: Logger;
}

/** Every hour one instance deletes what the audit log need not keep any more. */
export function auditRetention({ logger, databaseUrl, ...options }: AuditRetentionOptions): LedTask {
  return new LedTask({
    ...{ databaseUrl, leadership, intervalMs, retryMs },
    round: async (ended) => {
      const untilMs = Date.now() - options.retentionDays * dayMs;
      const removed = await removeEntries(options.dataSource, untilMs, { sliceRows, ended });
      if (removed > 0) {
        logger.info(
          { removed, retentionDays: options.retentionDays },
          'removed old entries of the audit log',
        );
      }
    },
    failed: (error) => {
      logger.warn(
        { error: messageOf(error) },
        `old entries of the audit log stay: tries again in ${String(retryMs / 1_000)} s`,
      );
    },
  });
}

/** Those from before this time, slice by slice, the oldest first. Gives how many there were. */
export async function removeEntries(
  dataSource: DataSource,
  untilMs: number,
  slices: { sliceRows: number; ended: AbortSignal },
): Promise<number> {
  let removed = 0;
  for (let count = slices.sliceRows; count === slices.sliceRows && !slices.ended.aborted; removed += count) {
    [, count] = await dataSource.query<[unknown, number]>(
      `DELETE FROM ${controlSchema}.audit_log WHERE id IN (
         SELECT id FROM ${controlSchema}.audit_log WHERE at < $1 ORDER BY at LIMIT $2
       )`,
      [new Date(untilMs), slices.sliceRows],
    );
  }
  return removed;
}
