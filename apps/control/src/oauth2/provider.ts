import { hkdfSync, type KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  interactionPolicy,
  Provider,
  type AdapterPayload,
  type Configuration,
  type JWK,
} from 'oidc-provider';
import { scopes } from '../access/principal.js';
import { hashOf, isSame } from '../access/secret-token.js';
import type { DataSource } from 'typeorm';
import type { SecretsKey } from '#libs/subscription';
import type { ApplicationCredentials } from '../applications/application-credentials.js';
import { goodHashes } from '../applications/credential-secrets.js';
import { PostgresAdapter } from './postgres-adapter.js';

const minuteS = 60;
const hourS = 60 * minuteS;
const dayS = 24 * hourS;

export interface ProviderParts {
  issuer: string;
  keys: JWK[];
  dataSource: DataSource;
  secretsKey: SecretsKey;
  credentials: ApplicationCredentials;
  /** undefined for one that may not sign in any more. */
  findAccount(id: string): Promise<{ id: string } | undefined>;
  showError(response: ServerResponse, title: string, text: string): void;
}

/**
 * OAuth 2.1 and OpenID Connect by oidc-provider: codes with PKCE, client credentials, refresh with rotation. Access
 * tokens are opaque, looked up at every request: what is revoked is over at once, and there is no key to confuse.
 */
export function newProvider(parts: ProviderParts): Provider {
  const provider = new Provider(parts.issuer, configurationOf(parts));
  // Told by the requests as they are handed on, which say how we are reached from outside.
  provider.proxy = true;
  // Of secrets only digests are kept: while one is replaced, those of both.
  provider.Client.prototype.compareClientSecret = function compare(this: { clientSecret?: string }, given) {
    const good = (this.clientSecret ?? '').split(' ');
    return good.some((digest) => isSame(hashOf(given), digest));
  };
  return provider;
}

function configurationOf(parts: ProviderParts): Configuration {
  const { dataSource, secretsKey, credentials } = parts;
  return {
    adapter: (kind) =>
      kind === 'Client'
        ? new ClientAdapter(dataSource, secretsKey, credentials)
        : new PostgresAdapter(kind, dataSource, secretsKey),
    jwks: { keys: parts.keys },
    cookies: {
      keys: secretsKey.asKeyObjects().map(cookieSecretOf),
      names: { session: 'relay-oauth2', interaction: 'relay-consent', resume: 'relay-resume' },
    },
    scopes: ['openid', 'offline_access', ...scopes],
    claims: { openid: ['sub'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    routes: {
      authorization: '/authorize',
      token: '/token',
      introspection: '/introspect',
      revocation: '/revoke',
      jwks: '/jwks',
      userinfo: '/userinfo',
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: false },
    },
    interactions: { policy: policy(), url: (_context, { uid }) => `/consent/${uid}` },
    findAccount: async (_context, id) => {
      const account = await parts.findAccount(id);
      return account && { accountId: account.id, claims: () => ({ sub: account.id }) };
    },
    ttl: {
      AccessToken: hourS,
      AuthorizationCode: minuteS,
      ClientCredentials: hourS,
      Grant: 90 * dayS,
      IdToken: hourS,
      Interaction: 10 * minuteS,
      RefreshToken: 90 * dayS,
      Session: hourS,
    },
    renderError: ({ res }, error) => {
      parts.showError(res, 'This cannot go on', whyNot(error));
    },
  };
}

function whyNot({
  error,
  error_description: description,
}: {
  error: string;
  error_description?: string | undefined;
}): string {
  const why = `${description ?? error} (${error})`;
  return `The application that sent you here asked for something that it cannot have: ${why}. Go back to it, and tell its developers if that happens again.`;
}

/** Who has signed in is asked of our own session, at each authorization: its end is the end of it here, too. */
function policy(): ReturnType<typeof interactionPolicy.base> {
  const prompts = interactionPolicy.base();
  const { Check } = interactionPolicy;
  prompts
    .get('login')
    ?.checks.add(
      new Check('signed_in_here', 'who is signed in is not known', ({ oidc }) =>
        oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    );
  return prompts;
}

/** Applications as the provider's clients. */
class ClientAdapter extends PostgresAdapter {
  constructor(
    dataSource: DataSource,
    secretsKey: SecretsKey,
    private readonly credentials: ApplicationCredentials,
  ) {
    super('Client', dataSource, secretsKey);
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.credentials.inUse(id);
    if (found?.credential.kind !== 'oauth2-client' || found.application.state !== 'approved') {
      return undefined;
    }
    const { credential, application } = found;
    const redirects = application.redirectUrls.length > 0;
    const isPublic = credential.authMethod === 'none';
    return {
      client_id: credential.id,
      client_name: application.name,
      ...(application.website === null ? {} : { client_uri: application.website }),
      ...(isPublic ? {} : { client_secret: goodHashes(credential).join(' ') }),
      token_endpoint_auth_method: credential.authMethod ?? 'client_secret_basic',
      redirect_uris: application.redirectUrls,
      grant_types: [
        ...(isPublic ? [] : ['client_credentials']),
        ...(redirects ? ['authorization_code', 'refresh_token'] : []),
      ],
      response_types: redirects ? ['code'] : [],
      scope: [
        'openid',
        'offline_access',
        ...credential.scopes.filter((one) => application.scopes.includes(one)),
      ].join(' '),
    };
  }
}

/** Another secret for another use, of the one that is configured: the same on every instance. */
function cookieSecretOf(secretsKey: KeyObject): string {
  return Buffer.from(hkdfSync('sha256', secretsKey, '', 'odoo-relay oauth2 cookies', 32)).toString(
    'base64url',
  );
}
