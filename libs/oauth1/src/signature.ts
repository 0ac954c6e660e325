import {
  createHash,
  createHmac,
  createPublicKey,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';
import { percentEncoded } from './parameters.js';

export const signatureMethods = ['HMAC-SHA256', 'HMAC-SHA1', 'RSA-SHA1'] as const;
export type SignatureMethod = (typeof signatureMethods)[number];
export type HmacMethod = Exclude<SignatureMethod, 'RSA-SHA1'>;

const hmacHashes: Readonly<Record<HmacMethod, string>> = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' };

/** What a request may have been signed with. */
export interface VerificationKeys {
  /** Several while one takes the place of another. Where there is none, no HMAC is right. */
  consumerSecrets: readonly string[];
  /** Empty without a token. */
  tokenSecret: string;
  rsaPublicKeyPem: string | null;
}

export interface ClaimedSignature {
  method: SignatureMethod;
  /** In base64, as given. */
  signature: string;
  base: string;
}

/** RFC 5849, 3.4.2, in base64; with SHA-256 likewise. */
export function hmacSignature(
  method: HmacMethod,
  base: string,
  secrets: { consumerSecret: string; tokenSecret?: string },
): string {
  const key = `${percentEncoded(secrets.consumerSecret)}&${percentEncoded(secrets.tokenSecret ?? '')}`;
  return createHmac(hmacHashes[method], key).update(base).digest('base64');
}

/** RFC 5849, 3.4.3, in base64. */
export function rsaSignature(base: string, privateKeyPem: string): string {
  return sign('sha1', Buffer.from(base), privateKeyPem).toString('base64');
}

/** Takes the same time for every wrong signature, and tries all keys also where the first one is right. */
export function isRightSignature(claimed: ClaimedSignature, keys: VerificationKeys): boolean {
  const { method, signature, base } = claimed;
  if (method === 'RSA-SHA1') {
    return keys.rsaPublicKeyPem !== null && isRightRsa(claimed, keys.rsaPublicKeyPem);
  }
  const matches = keys.consumerSecrets.map((consumerSecret) =>
    isSameText(hmacSignature(method, base, { consumerSecret, tokenSecret: keys.tokenSecret }), signature),
  );
  return matches.includes(true);
}

function isRightRsa({ signature, base }: ClaimedSignature, publicKeyPem: string): boolean {
  const key = rsaKey(publicKeyPem);
  const bytes = Buffer.from(signature, 'base64');
  // The decoder of base64 takes many texts for the same bytes; only one of them is right.
  const isCanonical = bytes.toString('base64') === signature;
  return key !== undefined && isCanonical && verify('sha1', Buffer.from(base), key, bytes);
}

/** A key of another kind must not be used: with it, "RSA-SHA1" would be another algorithm. */
function rsaKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** In a time that says nothing of where they differ; digests are of one length. */
export function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `oauth_body_hash` of a body that is no form (an extension of OAuth 1.0a), in base64. */
export function bodyHash(body: Buffer, method: SignatureMethod): string {
  return createHash(method === 'HMAC-SHA256' ? 'sha256' : 'sha1')
    .update(body)
    .digest('base64');
}
