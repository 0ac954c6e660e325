import { parseUrl, RelayError } from '#libs/process';

/** The provider of OpenID Connect that people may sign in by. */
export interface ExternalSettings {
  issuer: URL;
  clientId: string;
  clientSecret: string;
  /** Addresses in small letters, and domains as `@example.com`. */
  allowed: readonly string[];
}

interface Configured {
  OIDC_ISSUER: string;
  OIDC_CLIENT_ID: string;
  OIDC_CLIENT_SECRET: string;
  OIDC_ALLOWED_EMAILS: readonly string[];
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Undefined where none is set up.
 * @throws RelayError CONFIG_INVALID
 */
export function externalSettings(config: Configured): ExternalSettings | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  if (issuer === '' && clientId === '' && clientSecret === '') {
    return undefined;
  }
  if (issuer === '' || clientId === '' || clientSecret === '') {
    throw invalid('set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET together, or none of them');
  }
  const url = parseUrl(issuer);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (url === undefined || !isSafe || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw invalid('OIDC_ISSUER must be an https:// URL, as the provider writes it itself');
  }
  const allowed = config.OIDC_ALLOWED_EMAILS.map((entry) => entry.toLowerCase());
  const wrong = allowed.filter((entry) => !/^[^@\s]*@[^@\s]+$/.test(entry));
  if (wrong.length > 0) {
    throw invalid(
      `OIDC_ALLOWED_EMAILS must hold addresses such as ada@example.com, or domains such as @example.com (not right: "${wrong.join('", "')}")`,
    );
  }
  return { issuer: url, clientId, clientSecret, allowed };
}

/** Whether an account is made for this address: it is listed, or its whole domain is. */
export function isAllowedEmail(email: string, allowed: readonly string[]): boolean {
  return allowed.includes(email) || allowed.includes(email.slice(email.lastIndexOf('@')));
}

function invalid(message: string): RelayError {
  return new RelayError('CONFIG_INVALID', message);
}
