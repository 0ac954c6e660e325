import { delay, messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { leadAgainAndAgain, type LeaderSession, type Leadership } from '../persistence/leader-session.js';
import type { DueNotice, NoticeOutbox } from './notice-outbox.js';
import { giveUpAfterMs, type NoticeChannel } from './notice-queue.js';

export type { DueNotice } from './notice-outbox.js';

const lookIntervalMs = 1_000;
const atOnce = 4;
const firstRetryMs = 10_000;
const maxRetryMs = 3_600_000;

export type SendResult = { kind: 'sent' } | { kind: 'impossible'; reason: string };

export interface NoticeTransport {
  readonly channel: NoticeChannel;
  /** So long a recipient is sent nothing after something was sent. */
  readonly intervalMs: number;
  readonly maxPerSending: number;
  /** @throws where it is worth trying again; a RelayError where somebody has to do something before */
  send(recipient: string, notices: readonly DueNotice[]): Promise<SendResult>;
  close(): void;
}

export interface NoticeSenderOptions {
  databaseUrl: string;
  leadership: Leadership;
  outbox: NoticeOutbox;
  transport: NoticeTransport;
  nowMs: () => number;
  logger: Logger;
}

/**
 * Sends what is in the outbox, one instance at a time: each notice at least once, and twice only where a kill comes
 * between the sending and its note. What fails is tried again later and later, for a day.
 */
export class NoticeSender {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private isInOutage = false;

  constructor(private readonly options: NoticeSenderOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Finishes what is being sent. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.options.transport.close();
  }

  private run(): Promise<void> {
    const { databaseUrl, leadership } = this.options;
    return leadAgainAndAgain({
      ...{ databaseUrl, leadership, retryMs: lookIntervalMs },
      stopping: this.stopping.signal,
      lead: (session) => this.lead(session),
      failed: (error) => {
        this.failed(error);
      },
    });
  }

  private async lead(session: LeaderSession): Promise<void> {
    const { outbox, nowMs } = this.options;
    await outbox.forgetWaits(nowMs());
    while (!this.stopping.signal.aborted) {
      await session.check();
      await this.sendDue();
      this.isInOutage = false;
      await delay(lookIntervalMs, this.stopping.signal);
    }
  }

  private async sendDue(): Promise<void> {
    const due = await this.options.outbox.dueRecipients(this.options.nowMs());
    for (let index = 0; index < due.length && !this.stopping.signal.aborted; index += atOnce) {
      await Promise.all(
        due.slice(index, index + atOnce).map(({ recipient, failures }) => this.sendTo(recipient, failures)),
      );
    }
  }

  private async sendTo(recipient: string, failures: number): Promise<void> {
    const { outbox, transport, nowMs, logger } = this.options;
    const all = await outbox.of(recipient, transport.maxPerSending);
    const [old, notices] = [true, false].map((isOld) =>
      all.filter(({ queuedAtMs }) => queuedAtMs < nowMs() - giveUpAfterMs === isOld),
    ) as [DueNotice[], DueNotice[]];
    const about = { channel: transport.channel, recipient };
    if (old.length > 0) {
      const events = old.map(({ event }) => event.id);
      logger.error({ ...about, events }, 'notices were given up after a day: see GET /v1/events');
      await outbox.settle(recipient, old, { notBeforeMs: nowMs(), failures });
    }
    if (notices.length === 0) {
      return;
    }
    await outbox.takeInHand(recipient, notices);
    const startedMs = performance.now();
    try {
      const result = await transport.send(recipient, notices);
      if (result.kind === 'impossible') {
        logger.warn({ ...about, reason: result.reason }, 'a notice cannot be sent');
      } else {
        const durationMs = Math.round(performance.now() - startedMs);
        logger.info(
          { ...about, events: notices.map(({ event }) => event.id), durationMs },
          'notices were sent',
        );
      }
    } catch (error) {
      const retryMs = Math.min(firstRetryMs * 2 ** Math.min(failures, 20), maxRetryMs);
      const level = error instanceof RelayError ? 'error' : 'warn';
      logger[level](
        { ...about, retryMs, error: messageOf(error) },
        'a notice was not sent: it is tried again',
      );
      await outbox.settle(recipient, [], { notBeforeMs: nowMs() + retryMs, failures: failures + 1 });
      return;
    }
    await outbox.settle(recipient, notices, { notBeforeMs: nowMs() + transport.intervalMs, failures: 0 });
  }

  private failed(error: unknown): void {
    if (!this.stopping.signal.aborted && !this.isInOutage) {
      this.isInOutage = true;
      this.options.logger.warn(
        { error: messageOf(error) },
        'notices wait: none is lost, they are tried again every second',
      );
    }
  }
}
