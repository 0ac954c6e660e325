import { RelayError, parseUrl } from '#libs/process';

/** A plain address: what else RFC 5322 allows could be taken for several, or for more of a header. */
const addressPattern = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$/;

export interface NoticeConfig {
  readonly SMTP_URL: string;
  readonly MAIL_FROM: string;
  readonly NOTICE_EMAILS: readonly string[];
  readonly NOTICE_INTERVAL_MS: number;
}

export interface MailSettings {
  smtpUrl: string;
  from: string;
}

export function isPlainAddress(text: string): boolean {
  return addressPattern.test(text);
}

/** undefined where nothing is set, so that no mail is sent. @throws RelayError CONFIG_INVALID */
export function mailSettings(config: NoticeConfig): MailSettings | undefined {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, NOTICE_EMAILS: noticeEmails } = config;
  const wrong = noticeEmails.filter((address) => !isPlainAddress(address));
  if (wrong.length > 0) {
    throw invalid(`NOTICE_EMAILS must hold e-mail addresses (not right: "${wrong.join('", "')}")`);
  }
  if (smtpUrl === '' && from === '' && noticeEmails.length === 0) {
    return undefined;
  }
  const url = parseUrl(smtpUrl);
  if (url === undefined || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw invalid(
      'SMTP_URL must be smtp://user:password@host:587 or smtps://user:password@host:465 where MAIL_FROM or NOTICE_EMAILS is set',
    );
  }
  if (!isPlainAddress(from)) {
    throw invalid('MAIL_FROM must be the e-mail address that notices come from, such as relay@example.com');
  }
  return { smtpUrl, from };
}

function invalid(sentence: string): RelayError {
  return new RelayError('CONFIG_INVALID', sentence);
}
