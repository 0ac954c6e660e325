import type { DataSource } from 'typeorm';
import { signature, userAgent } from '#libs/event';
import type { GuardedFetch } from '#libs/outbound';
import { decryptSecret, readSigningKey, type SecretsKey } from '#libs/subscription';
import { applications } from '../persistence/rows.js';
import { adviceFor } from './advice.js';
import type { DueNotice, NoticeTransport, SendResult } from './notice-sender.js';

const timeoutMs = 5_000;

/** Sends each notice to the noticeUrl of its application, signed as deliveries are; one after the other. */
export class WebhookTransport implements NoticeTransport {
  readonly channel = 'webhook';
  readonly intervalMs = 0;
  readonly maxPerSending = 1;

  constructor(
    private readonly dataSource: DataSource,
    private readonly secretsKey: SecretsKey,
    private readonly fetch: GuardedFetch,
    private readonly nowMs: () => number,
  ) {}

  async send(applicationId: string, notices: readonly DueNotice[]): Promise<SendResult> {
    const application = await this.dataSource.getRepository(applications).findOneBy({ id: applicationId });
    const { noticeUrl = null, noticeSecret = null } = application ?? {};
    const key =
      noticeSecret === null ? undefined : readSigningKey(decryptSecret(this.secretsKey, noticeSecret));
    if (noticeUrl === null || key === undefined) {
      return { kind: 'impossible', reason: 'the application has no noticeUrl any more' };
    }
    for (const { event } of notices) {
      const body = Buffer.from(bodyOf(event));
      const webhookId = `evt_${event.id}`;
      const timestampSeconds = Math.floor(this.nowMs() / 1_000);
      const response = await this.fetch(noticeUrl, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': userAgent,
          'webhook-id': webhookId,
          'webhook-timestamp': String(timestampSeconds),
          'webhook-signature': signature([key], webhookId, timestampSeconds, body),
        },
      });
      await response.body?.cancel();
      if (!response.ok) {
        throw new Error(`noticeUrl has answered ${String(response.status)}`);
      }
    }
    return { kind: 'sent' };
  }

  close(): void {
    // Idle connections end by themselves.
  }
}

function bodyOf(event: DueNotice['event']): string {
  const { type, at, database, subscriptionId, data } = event;
  const { what, whatToDo } = adviceFor(event);
  return JSON.stringify({
    type,
    timestamp: at.toISOString(),
    data: {
      subscriptionId,
      database,
      state: type.split('.')[1] ?? type,
      reason: typeof data['reason'] === 'string' ? data['reason'] : null,
      what,
      whatToDo,
    },
  });
}
