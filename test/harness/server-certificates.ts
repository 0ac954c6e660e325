import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { checkoutDirectory } from '#embedded';

export type CertificateName = 'good' | 'expired' | 'not-yet-valid' | 'wrong-host' | 'self-signed';

const pathOf = (name: string): string =>
  join(checkoutDirectory(), 'test/harness/server-certificates', `${name}.pem`);
const read = (name: string): string => readFileSync(pathOf(name), 'utf8');

/** Of the certificates of {@link certificate}, but for the self-signed one. */
export const testAuthority = read('authority');
/** For NODE_EXTRA_CA_CERTS. */
export const authorityFile = pathOf('authority');

/** For shop.example and 127.0.0.1, but for the one of the wrong host; see server-certificates/make.sh. */
export function certificate(name: CertificateName): TlsOptions {
  return { key: read('key'), cert: read(name) };
}
