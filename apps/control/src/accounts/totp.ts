import { createHmac, randomBytes } from 'node:crypto';
import { fromBase32, toBase32 } from './base32.js';
import { isSame } from '../access/secret-token.js';

const periodMs = 30_000;
const codeDigits = 6;
/** As long as what HMAC-SHA1 gives, which RFC 4226 advises. */
const secretBytes = 20;
/** For clocks that differ, and for who types slowly. */
const stepsAround = 1;
const issuer = 'Odoo Relay';

/** In base32, as a person can type it. */
export function newTotpSecret(): string {
  return toBase32(randomBytes(secretBytes));
}

export function stepAt(nowMs: number): number {
  return Math.floor(nowMs / periodMs);
}

/** RFC 6238 with SHA-1, which every authenticator app knows. */
export function codeOf(secret: string, step: number, digits = codeDigits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The period the code is of, of the present one and those around it. */
export function stepOfCode(secret: string, code: string, nowMs: number): number | undefined {
  const present = stepAt(nowMs);
  const steps = Array.from({ length: 2 * stepsAround + 1 }, (_, index) => present - stepsAround + index);
  // All are compared, so that the time tells nothing.
  return steps.filter((step) => isSame(code, codeOf(secret, step))).at(0);
}

/** For a QR code that authenticator apps read. */
export function otpauthUri(secret: string, email: string): string {
  const label = encodeURIComponent(`${issuer}:${email}`);
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}
