import { readFileSync } from 'node:fs';

export type TestCertificate = 'receiver' | 'relay' | 'other';

/** Certificates for tests, valid for a hundred years: a receiver's on 127.0.0.1 and two of clients. */
export function certificatePem(name: TestCertificate | 'authority'): string {
  return read(`${name}.pem`);
}

export function privateKeyPem(name: TestCertificate): string {
  return read(`${name}-key.pem`);
}

function read(file: string): string {
  return readFileSync(new URL(`certificates/${file}`, import.meta.url), 'utf8');
}
