import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from 'node:crypto';
import { base64Pattern } from './secret.js';

/** How deliveries are signed: HMAC-SHA256 with a shared secret, or ed25519 with a key that only we have. */
export type SignatureKind = 'hmac' | 'ed25519';

/** The bytes of an HMAC secret, or an ed25519 key. */
export type SigningKey = Buffer | KeyObject;

const prefixes = { hmac: 'whsec_', ed25519: 'whsk_' } as const;
const publicPrefix = 'whpk_';
const newSecretBytes = 32;
const minSecretBytes = 24;
const maxSecretBytes = 64;
const seedBytes = 32;
/** What stands before the 32 bytes of an ed25519 key in DER (RFC 8410): private as PKCS #8, public as SPKI. */
const privateKeyHeader = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicKeyHeaderBytes = 12;

/** A signing secret as of Standard Webhooks: `whsec_<32 bytes>`, or `whsk_<seed and public key, 64 bytes>`. */
export function newSigningSecret(kind: SignatureKind = 'hmac'): string {
  const bytes = randomBytes(newSecretBytes);
  const whole = kind === 'hmac' ? bytes : Buffer.concat([bytes, publicKeyBytes(privateKeyOf(bytes))]);
  return prefixes[kind] + whole.toString('base64');
}

/** Whether it is a secret to be taken as one's own: `whsec_` and 24 to 64 bytes, or `whsk_` and an ed25519 key. */
export function isSigningSecret(text: string, kind: SignatureKind = 'hmac'): boolean {
  const key = text.startsWith(prefixes[kind]) ? readSigningKey(text) : undefined;
  return Buffer.isBuffer(key)
    ? key.length >= minSecretBytes && key.length <= maxSecretBytes
    : key !== undefined;
}

/** What signs with the secret; undefined for what is no secret as of Standard Webhooks. */
export function readSigningKey(secret: string): SigningKey | undefined {
  if (secret.startsWith(prefixes.hmac)) {
    return bytesOf(secret.slice(prefixes.hmac.length));
  }
  const bytes = secret.startsWith(prefixes.ed25519)
    ? bytesOf(secret.slice(prefixes.ed25519.length))
    : undefined;
  return bytes && readPrivateKey(bytes);
}

/** `whpk_<base64>`, with which a receiver verifies; undefined for a secret that has no public part. */
export function publicKeyOf(secret: string): string | undefined {
  const key = readSigningKey(secret);
  return key === undefined || Buffer.isBuffer(key)
    ? undefined
    : publicPrefix + publicKeyBytes(key).toString('base64');
}

function bytesOf(encoded: string): Buffer | undefined {
  return encoded !== '' && base64Pattern.test(encoded) ? Buffer.from(encoded, 'base64') : undefined;
}

/** The seed alone, or followed by the public key that belongs to it. */
function readPrivateKey(bytes: Buffer): KeyObject | undefined {
  if (bytes.length !== seedBytes && bytes.length !== 2 * seedBytes) {
    return undefined;
  }
  const key = privateKeyOf(bytes.subarray(0, seedBytes));
  const publicPart = bytes.subarray(seedBytes);
  return publicPart.length === 0 || publicPart.equals(publicKeyBytes(key)) ? key : undefined;
}

function privateKeyOf(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateKeyHeader, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyBytes(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(publicKeyHeaderBytes);
}
