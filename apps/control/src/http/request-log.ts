import type { Request, RequestHandler } from 'express';
import type { Logger } from '#libs/telemetry';
import { principalIfAny } from '../access/principal.js';
import { newSortableId } from '../persistence/sortable-id.js';

const requestIds = new WeakMap<Request, string>();

/** What an answer, a line of log and an entry of the audit log are known to belong together by. */
export function requestIdOf(request: Request): string | undefined {
  return requestIds.get(request);
}

/** One line a request: its route rather than its path, so that nothing a caller puts there gets into the log. */
export function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    const requestId = newSortableId('req', Date.now());
    requestIds.set(request, requestId);
    response.setHeader('x-request-id', requestId);
    response.once('close', () => {
      const route = (request.route as { path?: unknown } | undefined)?.path;
      const durationMs = Math.round(performance.now() - startedMs);
      const { kind: principalKind, id: principalId } = principalIfAny(request) ?? {};
      const { statusCode: status } = response;
      const line = {
        requestId,
        method: request.method,
        route,
        status,
        durationMs,
        principalKind,
        principalId,
      };
      if (!response.writableFinished) {
        logger.info(line, 'broken off');
      } else if (status === 401 || status === 403) {
        logger.warn({ ...line, clientAddress: request.ip }, 'refused');
      } else {
        logger[status >= 500 ? 'warn' : 'info'](line, 'answered');
      }
    });
    next();
  };
}
