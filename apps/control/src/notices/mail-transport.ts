import { createTransport, type Transporter } from 'nodemailer';
import { adviceFor, oneLine } from './advice.js';
import { mailSettingsFault } from './mail-faults.js';
import { isPlainAddress, type MailSettings } from './notice-settings.js';
import type { DueNotice, NoticeTransport, SendResult } from './notice-sender.js';

const connectTimeoutMs = 5_000;
const answerTimeoutMs = 10_000;
const maxEventsPerMail = 50;

/** Sends notices as plain text, many in one mail. */
export class MailTransport implements NoticeTransport {
  readonly channel = 'email';
  readonly maxPerSending = maxEventsPerMail;
  private readonly transporter: Transporter;

  constructor(
    private readonly settings: MailSettings,
    readonly intervalMs: number,
  ) {
    const { username, hostname } = new URL(settings.smtpUrl);
    this.transporter = createTransport({
      url: settings.smtpUrl,
      // A password does not leave this machine in clear.
      requireTLS: username !== '' && !isThisMachine(hostname),
      connectionTimeout: connectTimeoutMs,
      greetingTimeout: connectTimeoutMs,
      socketTimeout: answerTimeoutMs,
      dnsTimeout: connectTimeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send(recipient: string, notices: readonly DueNotice[]): Promise<SendResult> {
    if (!isPlainAddress(recipient)) {
      return { kind: 'impossible', reason: 'the address is not a plain one' };
    }
    const { from } = this.settings;
    const sending = this.transporter.sendMail({
      from: { name: 'Odoo Relay', address: from },
      to: { name: '', address: recipient },
      envelope: { from, to: [recipient] },
      // The same mail when it is sent again after a crash: the outbox holds it together.
      messageId: `<notice-${notices[0]?.number ?? ''}-${notices.at(-1)?.number ?? ''}@${from.split('@')[1] ?? ''}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      subject: subjectOf(notices),
      text: textOf(notices),
    });
    await sending.catch((error: unknown) => {
      throw mailSettingsFault(error) ?? error;
    });
    return { kind: 'sent' };
  }

  close(): void {
    this.transporter.close();
  }
}

function isThisMachine(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function subjectOf(notices: readonly DueNotice[]): string {
  const [first] = notices;
  const one = `${oneLine(first?.event.type)} (${oneLine(first?.event.database)})`;
  return `Odoo Relay: ${notices.length === 1 ? one : `${String(notices.length)} events`}`;
}

function textOf(notices: readonly DueNotice[]): string {
  const parts = notices.map(({ event, applicationName }) => {
    const { what, whatToDo } = adviceFor(event);
    const lines = [
      `${event.at.toISOString()}  ${oneLine(event.type)}`,
      `Database:     ${oneLine(event.database)}`,
      event.subscriptionId === null ? '' : `Subscription: ${oneLine(event.subscriptionId)}`,
      applicationName === null ? '' : `Application:  ${oneLine(applicationName)}`,
      `What:         ${what}`,
      `What to do:   ${whatToDo}`,
    ];
    return lines.filter((line) => line !== '').join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
