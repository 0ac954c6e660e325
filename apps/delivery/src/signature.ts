import { createHmac } from 'node:crypto';

const prefix = 'whsec_';
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The bytes to sign with, or undefined for what is no secret as of Standard Webhooks. */
export function signingKey(secret: string): Buffer | undefined {
  const encoded = secret.slice(prefix.length);
  return secret.startsWith(prefix) && base64.test(encoded) ? Buffer.from(encoded, 'base64') : undefined;
}

/**
 * `webhook-signature` as of Standard Webhooks: one `v1,<base64>` for each key, so that a receiver that knows
 * the old or the new secret accepts it while one replaces the other.
 */
export function signature(
  keys: readonly Buffer[],
  webhookId: string,
  timestampSeconds: number,
  body: Buffer,
): string {
  const head = `${webhookId}.${String(timestampSeconds)}.`;
  return keys
    .map((key) => `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`)
    .join(' ');
}
