import type { DataSource } from 'typeorm';
import { controlSchema } from '../persistence/rows.js';
import type { ToldEvent } from './advice.js';
import type { NoticeChannel } from './notice-queue.js';

export interface DueNotice {
  number: string;
  queuedAtMs: number;
  event: ToldEvent & { id: string; at: Date };
  /** null where the event is no application's. */
  applicationName: string | null;
}

interface Row {
  number: string;
  queued_at: Date;
  id: string;
  type: string;
  at: Date;
  database: string;
  subscription_id: string | null;
  data: Record<string, unknown>;
  application_name: string | null;
}

/** What is still to be sent, and when a recipient may be sent something again. */
export class NoticeOutbox {
  constructor(
    private readonly dataSource: DataSource,
    private readonly channel: NoticeChannel,
  ) {}

  /** For whom there is something, and who may be sent something now, with how often that has failed. */
  async dueRecipients(nowMs: number): Promise<{ recipient: string; failures: number }[]> {
    return this.dataSource.query(
      `SELECT waiting.recipient, coalesce(pace.failures, 0) AS failures
       FROM (SELECT DISTINCT recipient FROM ${controlSchema}.notice_outbox WHERE channel = $1) waiting
       LEFT JOIN ${controlSchema}.notice_pace pace ON pace.channel = $1 AND pace.recipient = waiting.recipient
       WHERE pace.not_before IS NULL OR pace.not_before <= $2`,
      [this.channel, new Date(nowMs)],
    );
  }

  /** The first ones, in their order. */
  async of(recipient: string, limit: number): Promise<DueNotice[]> {
    const rows: Row[] = await this.dataSource.query(
      `SELECT notice.number, notice.queued_at, event.id, event.type, event.at, event.database,
              event.subscription_id, event.data, application.name AS application_name
       FROM ${controlSchema}.notice_outbox notice
       JOIN ${controlSchema}.operational_events event ON event.number = notice.event_number
       LEFT JOIN ${controlSchema}.applications application ON application.id = event.application_id
       WHERE notice.channel = $1 AND notice.recipient = $2 ORDER BY notice.number LIMIT $3`,
      [this.channel, recipient, limit],
    );
    return rows.map(({ number, queued_at, subscription_id, application_name, ...event }) => ({
      number,
      queuedAtMs: queued_at.getTime(),
      event: { ...event, subscriptionId: subscription_id },
      applicationName: application_name,
    }));
  }

  /** They are done with, and the recipient rests. */
  async settle(
    recipient: string,
    done: readonly DueNotice[],
    { notBeforeMs, failures }: { notBeforeMs: number; failures: number },
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query(`DELETE FROM ${controlSchema}.notice_outbox WHERE number = ANY($1::bigint[])`, [
        done.map(({ number }) => number),
      ]);
      await manager.query(
        `INSERT INTO ${controlSchema}.notice_pace (channel, recipient, not_before, failures)
         VALUES ($1, $2, $3, $4) ON CONFLICT (channel, recipient)
         DO UPDATE SET not_before = EXCLUDED.not_before, failures = EXCLUDED.failures`,
        [this.channel, recipient, new Date(notBeforeMs), failures],
      );
    });
  }
}
