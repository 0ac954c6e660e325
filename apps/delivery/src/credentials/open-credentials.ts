import { createSecureContext } from 'node:tls';
import { checkUrl, type AllowList } from '#libs/outbound';
import {
  readAuth,
  readClientCertificate,
  readHeaders,
  type ClientCertificate,
  type CustomHeaders,
  type EndpointAuth,
  type OAuth1,
  type OAuth2ClientCredentials,
  type Subscription,
} from '#libs/subscription';

/** What requests of a subscription carry beside their signature, ready to be used. */
export interface Credentials {
  /** Names and values in turn: the custom headers, and Authorization where it is always the same. */
  headers: readonly string[];
  /** What has to be worked out for each request. */
  auth: OAuth1 | OAuth2ClientCredentials | undefined;
  certificate: ClientCertificate | undefined;
  /** Texts that must not be kept where an endpoint sends them back. */
  secrets: readonly string[];
}

/** Shorter ones would blacken answers by chance. */
const minSecretLength = 6;

/**
 * @param decrypt may throw; what is thrown holds no secret.
 * @returns undefined for a subscription that has none, a text where they cannot be used.
 */
export function openCredentials(
  subscription: Subscription,
  decrypt: (text: string) => string,
  allowList: AllowList,
): Credentials | string | undefined {
  const { headers: headersText, auth: authText, clientCertificate } = subscription;
  if (headersText === null && authText === null && clientCertificate === null) {
    return undefined;
  }
  const headers = headersText === null ? [] : readHeaders(decrypt(headersText));
  const auth = authText === null ? null : readAuth(decrypt(authText));
  const certificate = clientCertificate === null ? null : readClientCertificate(decrypt(clientCertificate));
  if (headers === undefined || auth === undefined || certificate === undefined) {
    return 'its credentials are of a form that is not known here';
  }
  return (
    whyUnusable(auth, certificate, allowList) ?? {
      headers: [...headersBeside(headers, auth), ...staticAuthorization(auth)],
      auth: auth?.type === 'oauth1' || auth?.type === 'oauth2ClientCredentials' ? auth : undefined,
      certificate: certificate ?? undefined,
      secrets: secretsOf(headers, auth).filter((text) => text.length >= minSecretLength),
    }
  );
}

function whyUnusable(
  auth: EndpointAuth | null,
  certificate: ClientCertificate | null,
  allowList: AllowList,
): string | undefined {
  if (auth?.type === 'oauth2ClientCredentials') {
    const check = checkUrl(auth.tokenUrl, allowList);
    if (check.kind === 'refused') {
      return `tokenUrl: ${check.reason}`;
    }
  }
  if (certificate !== null) {
    try {
      createSecureContext(tlsOptionsOf(certificate));
    } catch {
      return 'the client certificate and its key cannot be used';
    }
  }
  return undefined;
}

function tlsOptionsOf({ certificatePem, privateKeyPem, caPem }: ClientCertificate): {
  cert: string;
  key: string;
  ca?: string;
} {
  return { cert: certificatePem, key: privateKeyPem, ...(caPem === undefined ? {} : { ca: caPem }) };
}

/** Control lets no Authorization stand beside credentials; should one come, the credentials win. */
function headersBeside(headers: CustomHeaders, auth: EndpointAuth | null): string[] {
  return headers
    .filter(([name]) => auth === null || name.toLowerCase() !== 'authorization')
    .flatMap(([name, value]) => [name, value]);
}

function staticAuthorization(auth: EndpointAuth | null): string[] {
  switch (auth?.type) {
    case 'basic':
      return ['authorization', `Basic ${basicPair(auth)}`];
    case 'bearer':
      return ['authorization', `Bearer ${auth.token}`];
    case 'oauth1':
    case 'oauth2ClientCredentials':
    case undefined:
      return [];
  }
}

function basicPair({ username, password }: { username: string; password: string }): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

function secretsOf(headers: CustomHeaders, auth: EndpointAuth | null): string[] {
  return [...headers.map(([, value]) => value), ...authSecrets(auth)];
}

function authSecrets(auth: EndpointAuth | null): string[] {
  switch (auth?.type) {
    case 'basic':
      return [auth.password, basicPair(auth)];
    case 'bearer':
      return [auth.token];
    case 'oauth1':
      return [auth.consumerSecret, auth.tokenSecret ?? ''];
    case 'oauth2ClientCredentials':
      return [auth.clientSecret];
    case undefined:
      return [];
  }
}
