import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { OAuth1 } from '#libs/subscription';

export interface SignedRequest {
  method: string;
  url: string;
  contentType: string;
  body: Buffer;
}

type Parameter = readonly [name: string, value: string];
type SignatureMethod = OAuth1['signatureMethod'];

const hashes: Readonly<Record<SignatureMethod, string>> = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' };
const formType = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/**
 * The Authorization header of a request signed as of OAuth 1.0a (RFC 5849). A form's fields are signed as
 * parameters, any other body by its hash (the extension oauth_body_hash).
 */
export function oauth1Authorization(
  request: SignedRequest,
  auth: OAuth1,
  { nonce = randomBytes(16).toString('hex'), nowMs = Date.now() } = {},
): string {
  const isForm = formType.test(request.contentType);
  const parameters: Parameter[] = [
    ...(isForm ? [] : [['oauth_body_hash', bodyHash(request.body, auth.signatureMethod)] as const]),
    ['oauth_consumer_key', auth.consumerKey],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', auth.signatureMethod],
    ['oauth_timestamp', String(Math.floor(nowMs / 1000))],
    ...(auth.token === undefined ? [] : [['oauth_token', auth.token] as const]),
    ['oauth_version', '1.0'],
  ];
  const signature = oauth1Signature(request, parameters, auth);
  const shown = [...parameters, ['oauth_signature', signature] as const]
    .map(([name, value]) => `${name}="${percentEncoded(value)}"`)
    .join(', ');
  // The realm is neither encoded nor signed.
  return auth.realm === undefined ? `OAuth ${shown}` : `OAuth realm="${auth.realm}", ${shown}`;
}

/** `oauth_signature` before it is encoded; `parameters` are those of the Authorization header but the realm. */
export function oauth1Signature(
  request: SignedRequest,
  parameters: readonly Parameter[],
  secrets: Pick<OAuth1, 'consumerSecret' | 'tokenSecret' | 'signatureMethod'>,
): string {
  const key = `${percentEncoded(secrets.consumerSecret)}&${percentEncoded(secrets.tokenSecret ?? '')}`;
  return createHmac(hashes[secrets.signatureMethod], key)
    .update(signatureBase(request, parameters))
    .digest('base64');
}

/** RFC 5849, 3.4.1. */
export function signatureBase(request: SignedRequest, parameters: readonly Parameter[]): string {
  // As the parser of URLs has it: scheme and host in lower case, no default port.
  const { protocol, host, pathname, search } = new URL(request.url);
  const form = formType.test(request.contentType) ? fieldsOf(request.body.toString('latin1')) : [];
  const given = parameters.map(([name, value]): Parameter => [percentEncoded(name), percentEncoded(value)]);
  const all = [...fieldsOf(search.slice(1)), ...form, ...given].sort(byNameAndValue);
  const normalized = all.map(([name, value]) => `${name}=${value}`).join('&');
  return [request.method.toUpperCase(), `${protocol}//${host}${pathname}`, normalized]
    .map(percentEncoded)
    .join('&');
}

function bodyHash(body: Buffer, method: SignatureMethod): string {
  return createHash(hashes[method]).update(body).digest('base64');
}

/** Names and values of a query or a form, decoded and encoded again as signatures need it. */
function fieldsOf(text: string): Parameter[] {
  return text
    .split('&')
    .filter((field) => field !== '')
    .map((field): Parameter => {
      const [name = '', ...value] = field.split('=');
      return [reencoded(name), reencoded(value.join('='))];
    });
}

/** Byte by byte, so that nothing depends on the text being valid UTF-8. */
function reencoded(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return percentEncoded(Buffer.from(bytes, 'latin1'));
}

/** RFC 5849, 3.6: everything but letters, digits, "-", ".", "_" and "~". */
function percentEncoded(value: string | Buffer): string {
  let encoded = '';
  for (const byte of Buffer.from(value)) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-._~]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** What is encoded is ASCII, so its order as text is that of its bytes. */
function byNameAndValue([name, value]: Parameter, [otherName, otherValue]: Parameter): number {
  return compared(name, otherName) || compared(value, otherValue);
}

function compared(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
