import { createHash } from 'node:crypto';

/**
 * Says which of its URLs a subscription was delivered to, where the URL itself must not stand because it may hold
 * secrets: the first four bytes of its SHA-256, as a whole number with sign. Postgres computes the same for control.
 */
export function urlHash(url: string): number {
  return createHash('sha256').update(url).digest().readInt32BE(0);
}
