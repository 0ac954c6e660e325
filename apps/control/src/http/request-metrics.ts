import type { RequestHandler } from 'express';
import type { ControlMetrics } from '../control-metrics.js';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** What is answered there has routes of its own, which Express does not see. */
const providerPath = '/oauth2';

/** By the template of the route, never by what a caller puts into the path, the method or a header. */
export function measureRequests({
  requests,
  requestDurations,
}: Pick<ControlMetrics, 'requests' | 'requestDurations'>): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    const isOfProvider = request.path.startsWith(`${providerPath}/`);
    // Also where the connection ends before the answer does.
    response.once('close', () => {
      const method = methods.has(request.method) ? request.method : 'other';
      const path = (request.route as { path?: unknown } | undefined)?.path;
      const route = isOfProvider ? `${providerPath}/*` : typeof path === 'string' ? path : 'none';
      const statusClass = `${String(Math.trunc(response.statusCode / 100))}xx`;
      requests.labels(method, route, response.writableFinished ? statusClass : 'aborted').inc();
      requestDurations.labels(method, route).observe((performance.now() - startedMs) / 1000);
    });
    next();
  };
}
