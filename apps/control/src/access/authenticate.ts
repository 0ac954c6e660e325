import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { Problem } from '../http/problem.js';
import { setPrincipal, type Principal } from './principal.js';

/** Paths below /v1 that anybody may use. */
const openPath = /^\/(?:docs(?:\/.*)?|openapi\.json|schemas\/.*|registrations)$/;

export interface WaysIn {
  adminKey: string;
  /** Of an application; undefined for one that is none. */
  ofApiKey(key: string): Promise<Principal | undefined>;
}

/** Finds out who makes a request, before its body is read. */
export function authenticate(waysIn: WaysIn): RequestHandler {
  const adminKey = digest(waysIn.adminKey);
  const principalOf = async (credentials: string): Promise<Principal | undefined> =>
    // Digests are of one length, so that the comparison takes the same time for every key.
    timingSafeEqual(digest(credentials), adminKey)
      ? { kind: 'administrator', id: 'admin-key' }
      : waysIn.ofApiKey(credentials);
  return (request, _response, next) => {
    if (openPath.test(request.path)) {
      next();
      return;
    }
    const given = bearerOf(request);
    if (given === undefined) {
      next(
        new Problem(
          'unauthorized',
          'send the header "Authorization: Bearer <key>": the ADMIN_KEY, or the API key of an application',
        ),
      );
      return;
    }
    principalOf(given).then((principal) => {
      if (principal === undefined) {
        const message =
          'the given key is neither the one this app was started with (ADMIN_KEY) nor that of an application, or it was revoked';
        next(new Problem('unauthorized', message));
        return;
      }
      setPrincipal(request, principal);
      next();
    }, next);
  };
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
