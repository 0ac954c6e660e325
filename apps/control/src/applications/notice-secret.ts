import { decryptSecret, encryptSecret, newSigningSecret, type SecretsKey } from '#libs/subscription';

export interface NoticeTarget {
  noticeUrl: string | null;
  /** Encrypted; there where the URL is. */
  noticeSecret: string | null;
}

/** Another URL gets another secret: whoever knew the old one is not believed any more. */
export function noticeTarget(
  key: SecretsKey,
  before: NoticeTarget,
  noticeUrl: string | null | undefined,
): NoticeTarget {
  if (noticeUrl === undefined || noticeUrl === before.noticeUrl) {
    const { noticeUrl: url, noticeSecret } = before;
    return { noticeUrl: url, noticeSecret };
  }
  return { noticeUrl, noticeSecret: noticeUrl === null ? null : encryptSecret(key, newSigningSecret()) };
}

/** In clear, for the one answer that shows it; empty where it was there before. */
export function shownSecret(
  key: SecretsKey,
  before: NoticeTarget | undefined,
  { noticeSecret }: NoticeTarget,
): { noticeSecret?: string } {
  return noticeSecret === null || noticeSecret === before?.noticeSecret
    ? {}
    : { noticeSecret: decryptSecret(key, noticeSecret) };
}
