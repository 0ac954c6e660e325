import type { ServerResponse } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import type { Provider } from 'oidc-provider';
import type { DataSource } from 'typeorm';
import type { SecretsKey } from '#libs/subscription';
import type { Principal, Scope } from '../access/principal.js';
import { scopes } from '../access/principal.js';
import { principalFor, type ApplicationCredentials } from '../applications/application-credentials.js';
import { isGrantInUse } from '../consents/last-use.js';
import type { PublicUrl } from '../http/public-url.js';
import { messagePage } from '../pages/message-page.js';
import { sendPage } from '../pages/page.js';
import { accounts } from '../persistence/account-rows.js';
import { SigningKeys } from './signing-keys.js';

export const oauth2Path = '/oauth2';

/** So often keys that were made meanwhile are read, and what has ended is removed. */
const renewedAfterMs = 3_600_000;
const tokenPattern = /^[A-Za-z0-9_-]{43,200}$/;

export interface OAuth2Parts {
  dataSource: DataSource;
  secretsKey: SecretsKey;
  credentials: ApplicationCredentials;
  publicUrl: PublicUrl;
}

/** OAuth 2 below /oauth2, and the way in for who brings an access token of it. */
export class OAuth2 {
  private current: { provider: Promise<Provider>; sinceMs: number } | undefined;

  constructor(private readonly parts: OAuth2Parts) {}

  readonly handler: RequestHandler = (request, response, next) => {
    this.provider().then((provider) => {
      this.asSeenFromOutside(request);
      void provider.callback()(request, response);
    }, next);
  };

  /** Renewed from time to time, as its keys are. */
  provider(): Promise<Provider> {
    const nowMs = performance.now();
    if (this.current === undefined || nowMs - this.current.sinceMs > renewedAfterMs) {
      const provider = this.make();
      this.current = { provider, sinceMs: nowMs };
      provider.catch(() => {
        this.current = undefined;
      });
    }
    return this.current.provider;
  }

  /** Addresses are told as they are from outside, whatever proxies lie between and whatever a caller says. */
  asSeenFromOutside(request: Request): void {
    const { protocol, host } = new URL(this.parts.publicUrl.origin);
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    request.headers['x-forwarded-host'] = host;
  }

  /** Whose access token it is; undefined for one that is unknown, over or revoked. */
  async ofAccessToken(token: string): Promise<Principal | undefined> {
    if (!tokenPattern.test(token)) {
      return undefined;
    }
    const provider = await this.provider();
    const found = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
    const clientId = found?.clientId;
    const inUse = clientId === undefined ? undefined : await this.parts.credentials.inUse(clientId);
    if (found === undefined || inUse?.credential.kind !== 'oauth2-client') {
      return undefined;
    }
    if ('accountId' in found && !(await this.isAllowed(found))) {
      return undefined;
    }
    const given = new Set(found.scope?.split(' '));
    const held = inUse.credential.scopes.filter((scope) => given.has(scope));
    return principalFor(inUse.application, held);
  }

  /** Whether the account that consented may still sign in, and nobody has taken the consent back. */
  private async isAllowed({
    accountId,
    grantId = '',
  }: {
    accountId: string;
    grantId?: string | undefined;
  }): Promise<boolean> {
    const account = await this.account(accountId);
    return account !== undefined && (await isGrantInUse(this.parts.dataSource, grantId));
  }

  private async make(): Promise<Provider> {
    const { dataSource, secretsKey, credentials, publicUrl } = this.parts;
    await dataSource.query('DELETE FROM relay_control.oauth2_items WHERE ends_at < now()');
    // Loaded when the first asks for it: it warns on standard error of a Node.js older than it is made for.
    const { newProvider } = await import('./provider.js');
    return newProvider({
      issuer: publicUrl.origin + oauth2Path,
      keys: await new SigningKeys(dataSource, secretsKey).all(),
      dataSource,
      secretsKey,
      credentials,
      findAccount: (id) => this.account(id),
      showError,
    });
  }

  /** undefined for one that may not sign in any more. */
  private async account(id: string): Promise<{ id: string } | undefined> {
    return (
      (await this.parts.dataSource.getRepository(accounts).findOneBy({ id, enabled: true })) ?? undefined
    );
  }
}

/** Ours, of what a request asks for. */
export function scopesOf(text: string): Scope[] {
  const asked = new Set(text.split(' '));
  return scopes.filter((scope) => asked.has(scope));
}

function showError(response: ServerResponse, title: string, text: string): void {
  // It is the response that express made.
  sendPage(response as Response, messagePage({ title, text }), response.statusCode);
}
