import * as oidc from 'openid-client';
import type { GuardedFetch } from '#libs/outbound';
import { decryptSecret, encryptSecret, type SecretsKey } from '#libs/subscription';
import type { AccountRow } from '../persistence/account-rows.js';
import { normalEmail, type Accounts } from './accounts.js';
import { isAllowedEmail, type ExternalSettings } from './external-settings.js';

export const callbackPath = '/sign-in/external/callback';
/** From the button to the way back. */
export const externalWaitMs = 600_000;
const answerTimeoutS = 10;
/** A cookie holds 4 KB, and this is encrypted into one. */
const maxNextLength = 2_400;

/** What has to come back unchanged; the browser keeps it, encrypted. */
interface UnderWay {
  state: string;
  nonce: string;
  verifier: string;
  next?: string | undefined;
  endsMs: number;
}

export interface Identity {
  issuer: string;
  subject: string;
  /** Only where the provider has verified it. */
  email: string | undefined;
}

/** Signing in by an external provider of OpenID Connect: authorization code with PKCE, state and nonce. */
export class ExternalSignIn {
  private discovered: Promise<oidc.Configuration> | undefined;

  constructor(
    private readonly settings: ExternalSettings,
    private readonly key: SecretsKey,
    private readonly fetch: GuardedFetch,
    private readonly nowMs: () => number,
  ) {}

  /** What the provider is called. */
  get name(): string {
    return this.settings.issuer.host;
  }

  /** Where to send the browser, and what it has to bring back. */
  async begin(origin: string, next: string | undefined): Promise<{ url: URL; underWay: string }> {
    const verifier = oidc.randomPKCECodeVerifier();
    const underWay: UnderWay = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier,
      ...(next !== undefined && next.length <= maxNextLength ? { next } : {}),
      endsMs: this.nowMs() + externalWaitMs,
    };
    const url = oidc.buildAuthorizationUrl(await this.provider(), {
      redirect_uri: origin + callbackPath,
      scope: 'openid email',
      state: underWay.state,
      nonce: underWay.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url, underWay: encryptSecret(this.key, JSON.stringify(underWay)) };
  }

  /**
   * Who has come back.
   * @throws whatever is wrong with the answer of the provider, or with what the browser brought
   */
  async finish(returned: URL, sealed: string): Promise<{ identity: Identity; next: string | undefined }> {
    const { state, nonce, verifier, next, endsMs } = JSON.parse(decryptSecret(this.key, sealed)) as UnderWay;
    if (this.nowMs() >= endsMs) {
      throw new Error('it took too long');
    }
    const provider = await this.provider();
    const tokens = await oidc.authorizationCodeGrant(provider, returned, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) {
      throw new Error('the provider gave no ID token');
    }
    // Providers may tell the address only when they are asked for it.
    const told =
      claims['email'] === undefined && provider.serverMetadata().userinfo_endpoint !== undefined
        ? await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub)
        : claims;
    const { email: address, email_verified: isVerified } = told;
    const email = isVerified === true && typeof address === 'string' ? normalEmail(address) : undefined;
    return { identity: { issuer: claims.iss, subject: claims.sub, email }, next };
  }

  /**
   * The account of who has come back: known by issuer and subject, invited under the address, or made where the
   * address is allowed. An account with a password is never taken over by an address alone.
   */
  async accountOf(identity: Identity, accounts: Accounts): Promise<AccountRow | undefined> {
    const { issuer, subject, email } = identity;
    const known = await accounts.findExternal(issuer, subject);
    if (known !== undefined || email === undefined) {
      return known?.enabled === true ? known : undefined;
    }
    const invited = await accounts.linkInvited(email, { issuer, subject });
    if (invited !== undefined) {
      return invited;
    }
    return isAllowedEmail(email, this.settings.allowed)
      ? (await accounts.create({ email, external: { issuer, subject } }))?.account
      : undefined;
  }

  /** Asked for once; again where it did not answer. */
  private provider(): Promise<oidc.Configuration> {
    this.discovered ??= this.discover().catch((error: unknown) => {
      this.discovered = undefined;
      throw error;
    });
    return this.discovered;
  }

  private discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; of this machine only: see externalSettings
    const insecure = issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
    return oidc.discovery(issuer, clientId, undefined, clientAuthentication(clientSecret), {
      [oidc.customFetch]: this.fetch,
      timeout: answerTimeoutS,
      execute: [oidc.enableNonRepudiationChecks, ...insecure],
    });
  }
}

/** In the header, which every provider must understand, unless it says that it wants the body. */
function clientAuthentication(clientSecret: string): oidc.ClientAuth {
  const inHeader = oidc.ClientSecretBasic(clientSecret);
  const inBody = oidc.ClientSecretPost(clientSecret);
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (methods.includes('client_secret_basic') ? inHeader : inBody)(server, client, body, headers);
  };
}
