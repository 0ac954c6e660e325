import type { RequestHandler } from 'express';
import { Problem } from './problem.js';
import { bytesOf } from './request-bytes.js';

export const maxBodyBytes = 256 * 1024;
/** A request of this API needs 3; recursion over deeper ones could exhaust the stack. */
const maxDepth = 10;

/** What Node lets through although two readers could take it for different requests. */
export const refuseAmbiguous: RequestHandler = (request, response, next) => {
  const { 'transfer-encoding': encoding } = request.headers;
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name));
  const isPlain = encoding === undefined || encoding.toLowerCase() === 'chunked';
  if (isPlain && hosts.length <= 1) {
    next();
    return;
  }
  response.setHeader('connection', 'close');
  next(new Problem('request_refused', 'send one Host header, and no Transfer-Encoding but "chunked"'));
};

/** Before the body is read. */
export const requireJson: RequestHandler = (request, _response, next) => {
  // false is another type, null no body.
  const isOther = request.is('application/json') === false && request.headers['content-length'] !== '0';
  const charset = /;\s*charset="?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (isOther || !/^utf-?8$/i.test(charset) || encoding.toLowerCase() !== 'identity') {
    next(
      new Problem(
        'unsupported_media_type',
        'send the body as JSON in UTF-8, as it is, with "Content-Type: application/json"',
      ),
    );
    return;
  }
  next();
};

/**
 * In place of Express's parser, which answers a body that is too large only when all of it has come, or never.
 */
export const readBody: RequestHandler = (request, _response, next) => {
  bytesOf(request, maxBodyBytes)
    .then((bytes) => {
      if (bytes === undefined) {
        throw tooLarge();
      }
      request.body = bytes.length === 0 ? undefined : parsed(bytes);
    })
    .then(() => {
      next();
    }, next);
};

export function tooLarge(): Problem {
  return new Problem('body_too_large', `send at most ${String(maxBodyBytes / 1024)} KB`);
}

/** JSON.parse's own message quotes the body, which may hold a secret. */
function parsed(bytes: Buffer): unknown {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    body = undefined;
  }
  if (typeof body !== 'object' || body === null) {
    throw new Problem('malformed_json', 'send the body as one valid JSON object, in UTF-8');
  }
  return body;
}

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
