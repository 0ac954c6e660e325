import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a Standard Webhooks request carries besides its body. */
export interface SignedHeaders {
  id: string | undefined;
  /** Seconds since 1970. */
  timestamp: string | undefined;
  /** One or more of `v1,<base64>`, separated by spaces. */
  signature: string | undefined;
}

export type SignatureCheck = { kind: 'genuine' } | { kind: 'refused'; reason: string };

const toleranceSeconds = 300;

/** The receiver's own check, written from the Standard Webhooks text and not from the sender's code. */
export function checkSignature(
  secret: string,
  headers: SignedHeaders,
  body: Buffer,
  nowMs = Date.now(),
): SignatureCheck {
  const { id, timestamp, signature } = headers;
  if (id === undefined || timestamp === undefined || signature === undefined) {
    return refused('a webhook header is missing');
  }
  if (!/^\d{1,12}$/.test(timestamp)) {
    return refused('the timestamp is no number');
  }
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceSeconds) {
    return refused('the timestamp is more than five minutes off');
  }
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  const genuine = signature.split(' ').some((part) => {
    const [version, encoded = ''] = part.split(',');
    const given = Buffer.from(encoded, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return genuine ? { kind: 'genuine' } : refused('no signature fits the body');
}

function refused(reason: string): SignatureCheck {
  return { kind: 'refused', reason };
}
