import type { Request } from 'express';
import type { Refusal } from '#libs/oauth1';
import type { AccessTokens } from './access-tokens.js';
import { receivedRequest, type PublicAddress } from './received.js';
import type { SignatureCheck } from './signature-check.js';

export type OAuth1Verdict =
  /** The application acts for an account that gave it this token, or, without one, for itself. */
  | { kind: 'verified'; applicationId: string; consumerKey: string; tokenId: string | null }
  | Refusal
  /** The request is not signed as of OAuth 1.0a: it may show otherwise who makes it. */
  | { kind: 'absent' };

/** Whether a request of an application is signed as of OAuth 1.0a, with or without a token. */
export class OAuth1Authentication {
  constructor(
    private readonly check: SignatureCheck,
    private readonly tokens: AccessTokens,
    private readonly publicAddress: PublicAddress,
  ) {}

  /**
   * Reads the body of a request that is signed, or may be; it is there for the routes all the same.
   * @throws Problem body_too_large
   */
  async verify(request: Request): Promise<OAuth1Verdict> {
    if (!mayBeSigned(request)) {
      return { kind: 'absent' };
    }
    const received = await receivedRequest(request, this.publicAddress);
    if ('kind' in received) {
      return received;
    }
    const checked = await this.check.check(received, (token) => this.tokens.find(token));
    if (checked.kind !== 'right') {
      return checked;
    }
    const { consumer, token, request: signed } = checked;
    if (token !== null) {
      await this.tokens.noteUse(token.id);
    }
    return {
      kind: 'verified',
      applicationId: consumer.applicationId,
      consumerKey: signed.consumerKey,
      tokenId: token?.id ?? null,
    };
  }
}

/** The body of any other request is left to those who read it otherwise. */
function mayBeSigned(request: Request): boolean {
  const { authorization } = request.headers;
  return authorization === undefined
    ? request.originalUrl.includes('oauth_') || request.is('application/x-www-form-urlencoded') !== false
    : /^OAuth(?:\s|$)/i.test(authorization);
}
