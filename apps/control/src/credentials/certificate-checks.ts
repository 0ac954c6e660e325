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
  const chain = readCertificates(given.certificate_pem);
  const authorities = given.ca_pem === undefined ? [] : readCertificates(given.ca_pem);
  const key = readPrivateKey(given.private_key_pem);
  const errors = [
    ...(chain === undefined ? [fieldError('certificate_pem', notCertificates)] : expiryErrors(chain)),
    ...(key === undefined ? [fieldError('private_key_pem', notPrivateKey)] : []),
    ...(authorities === undefined ? [fieldError('ca_pem', notCertificates)] : []),
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
    : [fieldError('certificate_pem', `has expired on ${isoDay(expiresAt)}: give one that is valid`)];
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Whether they belong together, and whether TLS takes them, as it does not take keys that are too short. */
function pairErrors(
  { certificate_pem: cert, private_key_pem: key, ca_pem: ca }: ClientCertificate,
  [certificate]: readonly X509Certificate[],
  privateKey: KeyObject,
): FieldError[] {
  if (certificate?.checkPrivateKey(privateKey) !== true) {
    return [
      fieldError(
        'private_key_pem',
        'does not belong to the first certificate of certificate_pem: give its key',
      ),
    ];
  }
  try {
    createSecureContext({ cert, key, ...(ca === undefined ? {} : { ca }) });
    return [];
  } catch {
    return [
      fieldError('certificate_pem', 'cannot be used for TLS: give a certificate of a usual kind and length'),
    ];
  }
}
