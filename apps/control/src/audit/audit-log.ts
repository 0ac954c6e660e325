import type { DataSource } from 'typeorm';
import { pageOf } from '../http/cursors.js';
import { auditLog } from '../persistence/rows.js';
import { viewOf, type AuditLogPage } from './audit-log-views.js';

export interface AuditLogRequest {
  principal?: string | undefined;
  resource?: string | undefined;
  sinceMs?: number | undefined;
  untilMs?: number | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** What was changed, as the API shows it. */
export class AuditLog {
  constructor(private readonly dataSource: DataSource) {}

  /** The latest first. */
  async list(request: AuditLogRequest): Promise<AuditLogPage> {
    const { principal, resource, sinceMs, untilMs, cursor, limit } = request;
    const query = this.dataSource.getRepository(auditLog).createQueryBuilder('entry');
    if (principal !== undefined) {
      query.andWhere('entry.principal_id = :principal', { principal });
    }
    if (resource !== undefined) {
      query.andWhere('entry.resource = :resource', { resource });
    }
    if (sinceMs !== undefined) {
      query.andWhere('entry.at >= :since', { since: new Date(sinceMs) });
    }
    if (untilMs !== undefined) {
      query.andWhere('entry.at < :until', { until: new Date(untilMs) });
    }
    if (cursor !== undefined) {
      query.andWhere('entry.id < :cursor', { cursor });
    }
    // One more than asked for tells whether there is a next page.
    const rows = await query
      .orderBy('entry.id', 'DESC')
      .take(limit + 1)
      .getMany();
    const { shown, nextCursor } = pageOf(rows, limit, ({ id }) => id);
    return { data: shown.map(viewOf), nextCursor };
  }
}
