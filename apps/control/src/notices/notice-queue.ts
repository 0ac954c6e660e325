import type { EntityManager } from 'typeorm';
import { applications, controlSchema } from '../persistence/rows.js';
import type { ReadEvent } from './read-event.js';

export type NoticeChannel = 'email' | 'webhook';

/** Longer than this nobody is told of something that has happened. */
export const giveUpAfterMs = 86_400_000;

export interface NumberedEvent extends ReadEvent {
  number: string;
}

export interface NoticeSettings {
  /** Whether mail can be sent at all. */
  mails: boolean;
  /** Who is told of what is no application's. */
  noticeEmails: readonly string[];
}

/** Who is to be told of an event; written with it, so that nobody is forgotten. */
export class NoticeQueue {
  constructor(
    private readonly settings: NoticeSettings,
    private readonly nowMs: () => number,
  ) {}

  async add(manager: EntityManager, event: NumberedEvent): Promise<void> {
    const nowMs = this.nowMs();
    if (event.atMs < nowMs - giveUpAfterMs) {
      return;
    }
    for (const [channel, recipient] of await this.recipients(manager, event)) {
      await manager.query(
        `INSERT INTO ${controlSchema}.notice_outbox (channel, recipient, event_number, queued_at)
         VALUES ($1, $2, $3, $4)`,
        [channel, recipient, event.number, new Date(nowMs)],
      );
    }
  }

  private async recipients(
    manager: EntityManager,
    { applicationId: id }: NumberedEvent,
  ): Promise<[NoticeChannel, string][]> {
    const application = id === null ? null : await manager.findOneBy(applications, { id });
    const { mails, noticeEmails } = this.settings;
    const contact = application?.contactEmail ?? null;
    const addresses = contact === null ? noticeEmails : [contact];
    const wanted = mails ? [...new Set(addresses)] : [];
    return [
      ...wanted.map((address): [NoticeChannel, string] => ['email', address]),
      ...(application?.noticeUrl == null ? [] : [['webhook', application.id] as [NoticeChannel, string]]),
    ];
  }
}
