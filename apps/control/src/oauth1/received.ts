import type { Request } from 'express';
import { refused, type ReceivedRequest, type Refusal } from '#libs/oauth1';
import { maxBodyBytes, tooLarge } from '../http/request-body.js';
import { bytesOf } from '../http/request-bytes.js';

/** Where the API is reached from outside, without a slash at the end. */
export interface PublicAddress {
  readonly origin: string;
}

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
  const body = await bytesOf(request, maxBodyBytes);
  if (body === undefined) {
    throw tooLarge();
  }
  return {
    method,
    url: origin + originalUrl,
    contentType: headers['content-type'] ?? '',
    authorization: headers.authorization,
    body,
  };
}
