import { createHmac, sign } from 'node:crypto';
import type { SigningKey } from '#libs/subscription';

/**
 * `webhook-signature` as of Standard Webhooks: one `v1,<base64>` (HMAC) or `v1a,<base64>` (ed25519) for each key,
 * so that a receiver that knows the old or the new secret accepts it while one replaces the other.
 */
export function signature(
  keys: readonly SigningKey[],
  webhookId: string,
  timestampSeconds: number,
  body: Buffer,
): string {
  const head = `${webhookId}.${String(timestampSeconds)}.`;
  return keys.map((key) => signatureWith(key, head, body)).join(' ');
}

function signatureWith(key: SigningKey, head: string, body: Buffer): string {
  return Buffer.isBuffer(key)
    ? `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`
    : `v1a,${sign(null, Buffer.concat([Buffer.from(head), body]), key).toString('base64')}`;
}
