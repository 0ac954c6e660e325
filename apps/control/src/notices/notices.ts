import type { DataSource } from 'typeorm';
import type { Kafka } from '#libs/kafka';
import { guardedFetch, type AllowList } from '#libs/outbound';
import type { Counter } from '#libs/process';
import type { SecretsKey } from '#libs/subscription';
import type { Logger } from '#libs/telemetry';
import type { Leadership } from '../persistence/leader-session.js';
import { eventProjection } from './event-projection.js';
import { TopicProjection } from '../projections/topic-projection.js';
import type { ReadEvent } from './read-event.js';
import { EventStore } from './event-store.js';
import { MailTransport } from './mail-transport.js';
import { NoticeOutbox } from './notice-outbox.js';
import { NoticeQueue, type NoticeChannel } from './notice-queue.js';
import { NoticeSender, type NoticeTransport } from './notice-sender.js';
import { mailSettings, type NoticeConfig } from './notice-settings.js';
import { WebhookTransport } from './webhook-transport.js';
import { locks } from '../persistence/locks.js';

/** So that a stop is in time also while Kafka does not answer. */
const flushTimeoutMs = 3_000;
const connectTimeoutMs = 3_000;
const keepAliveMs = 1_000;
const leaderships: Readonly<Record<NoticeChannel, Leadership>> = {
  email: {
    applicationName: 'odoo-relay-control-mails',
    lock: locks.mailSender,
    channel: 'relay_control_mails',
  },
  webhook: {
    applicationName: 'odoo-relay-control-notices',
    lock: locks.webhookSender,
    channel: 'relay_control_notices',
  },
};

export interface NoticesParts {
  databaseUrl: string;
  dataSource: DataSource;
  kafka: Kafka;
  secretsKey: SecretsKey;
  allowList: AllowList;
  rejected?: Counter;
  logger: Logger;
}

/** What reads `relay.events` and sends notices; not yet started. @throws RelayError KAFKA_UNAVAILABLE */
export async function noticeParts(
  parts: NoticesParts,
  config: NoticeConfig,
  nowMs: () => number = Date.now,
): Promise<(TopicProjection<ReadEvent> | NoticeSender)[]> {
  const { dataSource, kafka, secretsKey, allowList, logger } = parts;
  const mail = mailSettings(config);
  if (mail === undefined) {
    logger.info('no notices are sent by e-mail: SMTP_URL, MAIL_FROM and NOTICE_EMAILS are not set');
  }
  const queue = new NoticeQueue({ mails: mail !== undefined, noticeEmails: config.NOTICE_EMAILS }, nowMs);
  const store = new EventStore(dataSource, queue, nowMs);
  const publisher = await kafka.publisher({ flushTimeoutMs });
  const senderOf = (transport: NoticeTransport): NoticeSender => {
    const outbox = new NoticeOutbox(dataSource, transport.channel);
    return new NoticeSender({
      ...parts,
      leadership: leaderships[transport.channel],
      outbox,
      transport,
      nowMs,
    });
  };
  return [
    new TopicProjection(eventProjection(store), { ...parts, publisher }),
    senderOf(
      new WebhookTransport(
        dataSource,
        secretsKey,
        guardedFetch({ allowList, connectTimeoutMs, keepAliveMs }),
        nowMs,
      ),
    ),
    ...(mail === undefined ? [] : [senderOf(new MailTransport(mail, config.NOTICE_INTERVAL_MS))]),
  ];
}
