import type { Request, Response } from 'express';
import type { Grant, Scope } from '../access/principal.js';
import type { AccessTokens } from './access-tokens.js';
import type { OAuth1Consumers } from './consumers.js';
import type { PublicAddress } from './received.js';
import type { SignatureCheck } from './signature-check.js';
import type { TemporaryCredentials } from './temporary-credentials.js';

/** Who looks at a page, and whether a form was sent by one of ours. */
export interface PageVisitors {
  signedInAccount(request: Request): Promise<{ id: string; email: string } | undefined>;
  sendToSignIn(request: Request, response: Response): void;
  csrf(request: Request, response: Response): string;
  isOwnForm(request: Request, form: URLSearchParams): boolean;
}

/** What an application may do: shown to who is asked whether it may. */
export type ConsumerGrant = Grant & { scopes: readonly Scope[] };
export type GrantOf = (consumerKey: string) => Promise<ConsumerGrant>;

/** What the routes of OAuth 1.0a are served by. */
export abstract class OAuth1Parts {
  abstract readonly publicAddress: PublicAddress;
  abstract readonly consumers: OAuth1Consumers;
  abstract readonly check: SignatureCheck;
  abstract readonly temporary: TemporaryCredentials;
  abstract readonly tokens: AccessTokens;
  abstract readonly visitors: PageVisitors;
  abstract readonly grantOf: GrantOf;
}
