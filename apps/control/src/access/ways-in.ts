import type { ApplicationCredentials } from '../applications/application-credentials.js';
import { Problem } from '../http/problem.js';
import type { RegisteredOAuth1 } from '../oauth1/registered-oauth1.js';
import type { OAuth2 } from '../oauth2/oauth2.js';
import type { WaysIn } from './authenticate.js';

export interface WaysInParts {
  credentials: ApplicationCredentials;
  oauth1: RegisteredOAuth1;
  oauth2: OAuth2;
}

/** How requests of /v1 say who makes them: the admin key, API keys, access tokens of OAuth 2, OAuth 1.0a. */
export function waysIn(adminKey: string, { credentials, oauth1, oauth2 }: WaysInParts): WaysIn {
  return {
    adminKey,
    ofBearer: async (token) =>
      token.startsWith('relay_key_') ? credentials.ofApiKey(token) : oauth2.ofAccessToken(token),
    ofSigned: async (request) => {
      const verdict = await oauth1.authentication.verify(request);
      switch (verdict.kind) {
        case 'absent':
          return undefined;
        case 'refused':
          throw new Problem(verdict.code, verdict.detail);
        case 'verified':
          return oauth1.consumers.principalOf(verdict.consumerKey);
      }
    },
  };
}
