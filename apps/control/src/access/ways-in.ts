import { principalFor, type ApplicationCredentials } from '../applications/application-credentials.js';
import { Problem } from '../http/problem.js';
import type { OAuth1Authentication } from '../oauth1/authentication.js';
import type { OAuth2 } from '../oauth2/oauth2.js';
import type { WaysIn } from './authenticate.js';

export interface WaysInParts {
  credentials: ApplicationCredentials;
  oauth1: OAuth1Authentication;
  oauth2: OAuth2;
}

/** How requests of /v1 say who makes them: the admin key, API keys, access tokens of OAuth 2, OAuth 1.0a. */
export function waysIn(adminKey: string, { credentials, oauth1, oauth2 }: WaysInParts): WaysIn {
  return {
    adminKey,
    ofBearer: async (token) =>
      token.startsWith('relay_key_') ? credentials.ofApiKey(token) : oauth2.ofAccessToken(token),
    ofSigned: async (request) => {
      const verdict = await oauth1.verify(request);
      switch (verdict.kind) {
        case 'absent':
          return undefined;
        case 'refused':
          throw new Problem(verdict.code, verdict.detail);
        case 'verified': {
          const found = await credentials.inUse(verdict.consumerKey);
          return found && principalFor(found.application, found.credential.scopes);
        }
      }
    },
  };
}
