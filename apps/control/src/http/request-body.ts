import type { ErrorRequestHandler, RequestHandler } from 'express';
import { Problem } from './problem.js';

export const maxBodyBytes = 256 * 1024;
/** A request of this API needs 3; recursion over deeper ones could exhaust the stack. */
const maxDepth = 10;

/** Before the body is read. */
export const requireJson: RequestHandler = (request, _response, next) => {
  // false is another type, null no body.
  if (request.is('application/json') === false && request.headers['content-length'] !== '0') {
    next(
      new Problem('unsupported_media_type', 'send the body as JSON with "Content-Type: application/json"'),
    );
    return;
  }
  next();
};

/** The parser's own message quotes the body, which may hold a secret. */
export const refuseBadJson: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  const parseFailed = (error as { type?: unknown } | null)?.type === 'entity.parse.failed';
  next(parseFailed ? new Problem('malformed_json', 'send the body as one valid JSON object') : error);
};

/** After the body is read. */
export const checkShape: RequestHandler = (request, _response, next) => {
  const body: unknown = request.body;
  if (Array.isArray(body)) {
    next(new Problem('malformed_json', 'send the body as one JSON object, not as a list'));
    return;
  }
  next(
    isDeeperThan(body, maxDepth) ? new Problem('malformed_json', 'the body is nested too deep') : undefined,
  );
};

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}
