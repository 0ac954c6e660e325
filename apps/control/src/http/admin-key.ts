import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { setPrincipal } from '../access/principal.js';
import { Problem } from './problem.js';

/** Paths below /v1 that anybody may read. */
const openPath = /^\/(?:docs(?:\/.*)?|openapi\.json|schemas\/.*)$/;

/** Lets a request through that carries `Authorization: Bearer <admin key>`, whatever its route. */
export function requireAdminKey(adminKey: string): RequestHandler {
  const expected = digest(adminKey);
  return (request, _response, next) => {
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    // Digests are of one length, so that the comparison takes the same time for every key.
    const known = given !== undefined && timingSafeEqual(digest(given), expected);
    if (known) {
      setPrincipal(request, { kind: 'administrator', id: 'admin-key' });
      next();
      return;
    }
    if (openPath.test(request.path)) {
      next();
      return;
    }
    next(
      new Problem(
        'unauthorized',
        given === undefined
          ? 'send the header "Authorization: Bearer <ADMIN_KEY>"'
          : 'the given admin key is not the one this app was started with (ADMIN_KEY)',
      ),
    );
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
