import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ClientCertificate } from '#libs/subscription';
import type { FieldError } from '../http/problem.js';

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is wrong with the parts of mutual TLS; nothing of them is quoted. */
export function certificateErrors(given: ClientCertificate | null | undefined): FieldError[] {
  if (given === null || given === undefined) {
    return [];
  }
  const chain = readCertificates(given.certificatePem);
  const authorities = given.caPem === undefined ? [] : readCertificates(given.caPem);
  const key = readPrivateKey(given.privateKeyPem);
  const errors = [
    ...(chain === undefined ? [fieldError('certificatePem', notCertificates)] : expiryErrors(chain)),
    ...(key === undefined ? [fieldError('privateKeyPem', notPrivateKey)] : []),
    ...(authorities === undefined ? [fieldError('caPem', notCertificates)] : []),
  ];
  return errors.length > 0 || chain === undefined || key === undefined
    ? errors
    : pairErrors(given, chain, key);
}

const notCertificates = 'must be one or more certificates in PEM, "-----BEGIN CERTIFICATE-----" and so on';
const notPrivateKey = 'must be a private key in PEM, without a passphrase';

function fieldError(part: keyof ClientCertificate, message: string): FieldError {
  return { field: `clientCertificate.${part}`, code: 'invalid', message };
}

/** At least one; undefined where one cannot be read. */
function readCertificates(pem: string): X509Certificate[] | undefined {
  try {
    const certificates = [...pem.matchAll(block)].map(([text]) => new X509Certificate(text));
    return certificates.length > 0 ? certificates : undefined;
  } catch {
    return undefined;
  }
}

function readPrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function expiryErrors([certificate]: readonly X509Certificate[]): FieldError[] {
  const expiresAt = new Date(certificate?.validTo ?? 0);
  return expiresAt.getTime() > Date.now()
    ? []
    : [fieldError('certificatePem', `has expired on ${isoDay(expiresAt)}: give one that is valid`)];
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Whether they belong together, and whether TLS takes them, as it does not take keys that are too short. */
function pairErrors(
  { certificatePem: cert, privateKeyPem: key, caPem: ca }: ClientCertificate,
  [certificate]: readonly X509Certificate[],
  privateKey: KeyObject,
): FieldError[] {
  if (certificate?.checkPrivateKey(privateKey) !== true) {
    return [
      fieldError('privateKeyPem', 'does not belong to the first certificate of certificatePem: give its key'),
    ];
  }
  try {
    createSecureContext({ cert, key, ...(ca === undefined ? {} : { ca }) });
    return [];
  } catch {
    return [
      fieldError('certificatePem', 'cannot be used for TLS: give a certificate of a usual kind and length'),
    ];
  }
}
