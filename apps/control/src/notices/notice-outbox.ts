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

  /** The first ones, in their order; where some are in hand, these and no others. */
  async of(recipient: string, limit: number): Promise<DueNotice[]> {
    const rows: Row[] = await this.dataSource.query(
      `SELECT notice.number, notice.queued_at, event.id, event.type, event.at, event.database,
              event.subscription_id, event.data, application.name AS application_name
       FROM ${controlSchema}.notice_outbox notice
       JOIN ${controlSchema}.operational_events event ON event.number = notice.event_number
       LEFT JOIN ${controlSchema}.applications application ON application.id = event.application_id
       LEFT JOIN ${controlSchema}.notice_pace pace
         ON pace.channel = notice.channel AND pace.recipient = notice.recipient
       WHERE notice.channel = $1 AND notice.recipient = $2
         AND (pace.in_hand_until IS NULL OR notice.number <= pace.in_hand_until) ORDER BY notice.number LIMIT $3`,
      [this.channel, recipient, limit],
    );
    return rows.map(({ number, queued_at, subscription_id, application_name, ...event }) => ({
      number,
      queuedAtMs: queued_at.getTime(),
      event: { ...event, subscriptionId: subscription_id },
      applicationName: application_name,
    }));
  }

  /**
   * What is sent now: until it is settled, the same is sent again and nothing else with it, so that a mail of which
   * nobody knows whether it has arrived is the same mail when it comes again.
   */
  async takeInHand(recipient: string, notices: readonly DueNotice[]): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO ${controlSchema}.notice_pace (channel, recipient, not_before, failures, in_hand_until)
       VALUES ($1, $2, $3, 0, $4)
       ON CONFLICT (channel, recipient) DO UPDATE SET in_hand_until = EXCLUDED.in_hand_until`,
      [this.channel, recipient, new Date(0), notices.at(-1)?.number],
    );
  }

  /** What has failed before is tried at once: whoever begins may have been started with settings that are right. */
  async forgetWaits(nowMs: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE ${controlSchema}.notice_pace SET not_before = least(not_before, $2)
       WHERE channel = $1 AND failures > 0`,
      [this.channel, new Date(nowMs)],
    );
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
         DO UPDATE SET not_before = EXCLUDED.not_before, failures = EXCLUDED.failures,
           in_hand_until = CASE WHEN $5 THEN NULL ELSE notice_pace.in_hand_until END`,
        [this.channel, recipient, new Date(notBeforeMs), failures, done.length > 0],
      );
    });
  }
}
