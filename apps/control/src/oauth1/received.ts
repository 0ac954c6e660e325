import type { Request, RequestHandler } from 'express';
import { refused, type ReceivedRequest, type Refusal } from '#libs/oauth1';
import { Problem } from '../http/problem.js';
import { maxBodyBytes } from '../http/request-body.js';

/** Where the API is reached from outside, without a slash at the end. */
export interface PublicAddress {
  readonly origin: string;
}

/** A body can be read once. */
const bodies = new WeakMap<Request, Buffer>();

/**
 * A request as its sender has signed it: with the address from outside, whatever proxies lie between, and with
 * the bytes of its body.
 * @throws Problem body_too_large
 */
export async function receivedRequest(
  request: Request,
  { origin }: PublicAddress,
): Promise<ReceivedRequest | Refusal> {
  const { method, originalUrl, headers } = request;
  if (!originalUrl.startsWith('/') || originalUrl.includes('#')) {
    return refused(
      'oauth1_malformed',
      'ask for a path with its query: no host and no "#" in the request line',
    );
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    return refused('oauth1_body_unsigned', 'send the body as it is signed, not compressed');
  }
  return {
    method,
    url: origin + originalUrl,
    contentType: headers['content-type'] ?? '',
    authorization: headers.authorization,
    body: await bodyOf(request),
  };
}

/** @throws Problem body_too_large */
export async function bodyOf(request: Request): Promise<Buffer> {
  const read = bodies.get(request);
  if (read !== undefined) {
    return read;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) {
      throw new Problem('body_too_large', `send at most ${String(maxBodyBytes / 1024)} KB`);
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  bodies.set(request, body);
  return body;
}

/** In place of the parser of JSON, which finds nothing where the body was read for its signature. */
export const parseSignedJson: RequestHandler = (request, _response, next) => {
  const body = bodies.get(request);
  if (body === undefined || body.length === 0 || typeof request.is('application/json') !== 'string') {
    next();
    return;
  }
  const value = parsed(body);
  if (typeof value !== 'object' || value === null) {
    next(new Problem('malformed_json', 'send the body as one valid JSON object'));
    return;
  }
  request.body = value;
  next();
};

/** undefined for what is no JSON in UTF-8. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
