import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import type { ReceivedRequest } from './receiver.js';

/** Why a receiver refuses a request; undefined when it takes it. */
export type Refusal = 'no signature that matches' | 'too old' | 'too new' | 'a header is missing';

const toleranceS = 300;

/**
 * A receiver's check as of the text of Standard Webhooks, written from it and from nothing of ours: signatures
 * are compared in constant time, one of a wrong length matches nothing, and a timestamp may be 5 minutes off.
 *
 * @param secret `whsec_…`, or the public key `whpk_…`
 */
export function refusalOf(
  { headers, body }: Pick<ReceivedRequest, 'headers' | 'body'>,
  secret: string,
  nowMs = Date.now(),
): Refusal | undefined {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map(
    (name) => headers[`webhook-${name}`],
  );
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return 'a header is missing';
  }
  const ageS = Math.floor(nowMs / 1000) - Number(timestamp);
  if (!/^\d+$/.test(timestamp) || Math.abs(ageS) > toleranceS) {
    return ageS > 0 ? 'too old' : 'too new';
  }
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const matches = signatures.split(' ').some((entry) => {
    const [version, encoded = ''] = entry.split(',');
    return version === (secret.startsWith('whpk_') ? 'v1a' : 'v1') && isRight(encoded, signed, secret);
  });
  return matches ? undefined : 'no signature that matches';
}

function isRight(encoded: string, signed: Buffer, secret: string): boolean {
  const given = Buffer.from(encoded, 'base64');
  const key = Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64');
  if (secret.startsWith('whpk_')) {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') };
    return verify(null, signed, createPublicKey({ key: jwk, format: 'jwk' }), given);
  }
  const expected = createHmac('sha256', key).update(signed).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}
