import type { Request, RequestHandler } from 'express';
import type { Logger } from '#libs/telemetry';
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
    response.once('finish', () => {
      const route = (request.route as { path?: unknown } | undefined)?.path;
      const durationMs = Math.round(performance.now() - startedMs);
      const line = { requestId, method: request.method, route, status: response.statusCode, durationMs };
      if (response.statusCode === 401 || response.statusCode === 403) {
        logger.warn({ ...line, clientAddress: request.ip }, 'refused');
      } else {
        logger.info(line, 'answered');
      }
    });
    next();
  };
}
