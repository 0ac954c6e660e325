import type { RequestHandler } from 'express';
import type { Logger } from '#libs/telemetry';

/** One line a request: its route rather than its path, so that nothing a caller puts there gets into the log. */
export function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    response.once('finish', () => {
      const route = (request.route as { path?: unknown } | undefined)?.path;
      const durationMs = Math.round(performance.now() - startedMs);
      logger.info({ method: request.method, route, status: response.statusCode, durationMs }, 'answered');
    });
    next();
  };
}
