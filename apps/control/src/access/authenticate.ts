import type { Request, RequestHandler } from 'express';
import { Problem } from '../http/problem.js';
import { isSame } from './secret-token.js';
import { setPrincipal, type Principal } from './principal.js';

/** Paths below /v1 that anybody may use. */
const openPath = /^\/(?:docs(?:\/.*)?|openapi\.json|schemas\/.*|registrations)$/;

export interface WaysIn {
  adminKey: string;
  /** Of an API key, or an access token; undefined for one that is neither. */
  ofBearer(token: string): Promise<Principal | undefined>;
  /** Of a request that is signed as of OAuth 1.0a; undefined for one that is not. @throws Problem */
  ofSigned(request: Request): Promise<Principal | undefined>;
}

/** Finds out who makes a request, before its body is read. */
export function authenticate(waysIn: WaysIn): RequestHandler {
  const principalOf = async (request: Request): Promise<Principal> => {
    const token = bearerOf(request);
    if (token === undefined) {
      return (await waysIn.ofSigned(request)) ?? nobody();
    }
    return isSame(token, waysIn.adminKey)
      ? { kind: 'administrator', id: 'admin-key' }
      : ((await waysIn.ofBearer(token)) ?? unknownToken());
  };
  return (request, _response, next) => {
    if (openPath.test(request.path)) {
      next();
      return;
    }
    principalOf(request).then((principal) => {
      setPrincipal(request, principal);
      next();
    }, next);
  };
}

function nobody(): never {
  throw new Problem(
    'unauthorized',
    'send the header "Authorization: Bearer <key>": the ADMIN_KEY, the API key of an application, or an access token; or sign the request as of OAuth 1.0a',
  );
}

function unknownToken(): never {
  throw new Problem(
    'unauthorized',
    'what was given is neither the key this app was started with (ADMIN_KEY), nor the API key of an application or an access token that is still good',
  );
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}
