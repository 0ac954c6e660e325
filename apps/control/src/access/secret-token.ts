import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const tokenBytes = 32;
export const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

/** What a browser, a link or a program carries: 256 bits of chance. */
export function newToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

/** What is kept of it. So much chance needs no slow hash. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * What the forms of a page carry beside the cookie with this token: another site can have a browser send the
 * cookie, and can neither read the token nor guess this.
 */
export function csrfOf(token: string): string {
  return createHmac('sha256', token).update('form').digest('base64url');
}

/** In the same time wherever they differ. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
