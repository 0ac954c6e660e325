import type { OAuth2ClientCredentials } from '#libs/subscription';
import type { AttemptResult, HttpRequest, Sender } from '../attempt.js';
import { RecentlyUsed } from './recently-used.js';

/** A token, or why there is none, in words without a secret. */
export type AccessToken =
  | { kind: 'token'; value: string }
  | {
      kind: 'none';
      outcome: 'failed' | 'timedOut' | 'unsendable';
      error: string;
      retryAfterMs: number | undefined;
    };

/** Of a request for a token. It may outlive the attempt that began it: others wait for it, too. */
const requestTimeoutMs = 10_000;
/** Where the answer does not say how long a token is valid. */
const defaultLifetimeMs = 300_000;
/** A token is replaced before it expires: so long before, or in the last fifth of a short life. */
const renewBeforeMs = 60_000;
const renewShare = 0.2;
/** A token must fit a header as it is. */
const tokenPattern = /^[\x21-\x7e]{1,16384}$/;
const bounds = { max: 10_000, idleMs: 3_600_000 };

/** Access tokens of OAuth 2 client credentials (RFC 6749, 4.4), each shared by all that use the same credentials. */
export class AccessTokens {
  private readonly sources = new RecentlyUsed<TokenSource>(bounds);

  constructor(
    private readonly sender: Sender,
    private readonly userAgent: string,
  ) {}

  /** At once where a token is known that is still fresh. */
  get(credentials: OAuth2ClientCredentials): AccessToken | Promise<AccessToken> {
    return this.sourceOf(credentials).get();
  }

  /** The endpoint did not take it: it is not given again. */
  refused(credentials: OAuth2ClientCredentials, value: string): void {
    this.sourceOf(credentials).forget(value);
  }

  close(): void {
    this.sources.close();
  }

  private sourceOf(credentials: OAuth2ClientCredentials): TokenSource {
    return this.sources.of(
      JSON.stringify(credentials),
      () => new TokenSource(() => this.sender.send(tokenRequest(credentials, this.userAgent))),
    );
  }
}

interface KnownToken {
  token: AccessToken & { kind: 'token' };
  freshUntilMs: number;
  validUntilMs: number;
}

/** The token of one set of credentials; one request for it at a time. The clock is monotonic. */
class TokenSource {
  private known: KnownToken | undefined;
  private underWay: Promise<AccessToken> | undefined;

  constructor(private readonly request: () => Promise<AttemptResult>) {}

  get(): AccessToken | Promise<AccessToken> {
    if (this.known !== undefined && performance.now() < this.known.freshUntilMs) {
      return this.known.token;
    }
    this.underWay ??= this.renew().finally(() => {
      this.underWay = undefined;
    });
    return this.underWay;
  }

  forget(value: string): void {
    if (this.known?.token.value === value) {
      this.known = undefined;
    }
  }

  private async renew(): Promise<AccessToken> {
    const askedAtMs = performance.now();
    const answer = readAnswer(await this.request());
    if (answer.kind === 'none') {
      const { known } = this;
      return known !== undefined && performance.now() < known.validUntilMs ? known.token : answer;
    }
    const { lifetimeMs, value } = answer;
    const token = { kind: 'token', value } as const;
    const validUntilMs = askedAtMs + lifetimeMs;
    const freshUntilMs = validUntilMs - Math.min(renewBeforeMs, lifetimeMs * renewShare);
    this.known = { token, freshUntilMs, validUntilMs };
    return token;
  }
}

function tokenRequest(credentials: OAuth2ClientCredentials, userAgent: string): HttpRequest {
  const { clientId, clientSecret, clientAuthentication, scope, audience } = credentials;
  const inBody = clientAuthentication === 'body';
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope === undefined ? {} : { scope }),
    ...(audience === undefined ? {} : { audience }),
    ...(inBody ? { client_id: clientId, client_secret: clientSecret } : {}),
  });
  const { origin, pathname, search } = new URL(credentials.tokenUrl);
  const headers = ['accept', 'application/json', 'content-type', 'application/x-www-form-urlencoded'];
  headers.push('user-agent', userAgent);
  if (!inBody) {
    headers.push('authorization', basicOf(clientId, clientSecret));
  }
  const body = Buffer.from(form.toString());
  return { origin, path: pathname + search, headers, body, timeoutMs: requestTimeoutMs };
}

/** Id and secret are encoded as in a form first (RFC 6749, 2.3.1). */
function basicOf(clientId: string, clientSecret: string): string {
  const [id, secret] = [clientId, clientSecret].map((text) =>
    new URLSearchParams({ '': text }).toString().slice(1),
  );
  return `Basic ${Buffer.from(`${id ?? ''}:${secret ?? ''}`).toString('base64')}`;
}

type Answer = { kind: 'token'; value: string; lifetimeMs: number } | (AccessToken & { kind: 'none' });

function readAnswer({ outcome, status, error, response, retryAfterMs }: AttemptResult): Answer {
  if (outcome !== 'delivered') {
    const why = status === null ? (error ?? 'no answer') : `HTTP ${String(status)}`;
    return none(outcome === 'unsendable' ? outcome : 'failed', why, retryAfterMs);
  }
  const fields = parsed(response ?? '');
  const value = fields?.['access_token'];
  if (typeof value !== 'string' || !tokenPattern.test(value)) {
    return none('failed', 'the answer holds none', undefined);
  }
  const type = fields?.['token_type'] ?? 'bearer';
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    return none('failed', 'it is not of the type bearer', undefined);
  }
  const lifetimeS = Number(fields?.['expires_in'] ?? NaN);
  return {
    kind: 'token',
    value,
    lifetimeMs: Number.isFinite(lifetimeS) ? Math.max(0, lifetimeS * 1000) : defaultLifetimeMs,
  };
}

function none(
  outcome: 'failed' | 'unsendable',
  why: string,
  retryAfterMs: number | undefined,
): AccessToken & { kind: 'none' } {
  return { kind: 'none', outcome, error: `no access token: ${why}`, retryAfterMs };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
