import { randomBytes } from 'node:crypto';
import {
  authorizationHeader,
  bodyHash,
  hmacSignature,
  isForm,
  signatureBase,
  type Parameter,
  type RequestToSign,
} from '#libs/oauth1';
import type { OAuth1 } from '#libs/subscription';

/**
 * The Authorization header of a request signed as of OAuth 1.0a (RFC 5849). A form's fields are signed as
 * parameters, any other body by its hash (the extension oauth_body_hash).
 */
export function oauth1Authorization(
  request: RequestToSign,
  auth: OAuth1,
  { nonce = randomBytes(16).toString('hex'), nowMs = Date.now() } = {},
): string {
  const parameters: Parameter[] = [
    ...(isForm(request) ? [] : [['oauth_body_hash', bodyHash(request.body, auth.signatureMethod)] as const]),
    ['oauth_consumer_key', auth.consumerKey],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', auth.signatureMethod],
    ['oauth_timestamp', String(Math.floor(nowMs / 1000))],
    ...(auth.token === undefined ? [] : [['oauth_token', auth.token] as const]),
    ['oauth_version', '1.0'],
  ];
  const { consumerSecret, tokenSecret = '' } = auth;
  const base = signatureBase(request, parameters);
  const signature = hmacSignature(auth.signatureMethod, base, { consumerSecret, tokenSecret });
  return authorizationHeader([...parameters, ['oauth_signature', signature]], auth.realm);
}
