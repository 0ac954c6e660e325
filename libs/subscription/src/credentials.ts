/** Headers that a subscription adds to its requests: names and values, in the order given. */
export type CustomHeaders = readonly (readonly [name: string, value: string])[];

/** How a request shows who sends it. Names are those of the API. */
export type EndpointAuth =
  | { type: 'basic'; username: string; password: string }
  | { type: 'bearer'; token: string }
  | OAuth2ClientCredentials
  | OAuth1;

export interface OAuth2ClientCredentials {
  type: 'oauth2ClientCredentials';
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope?: string;
  audience?: string;
  /** Where id and secret stand in a request for a token: in its Authorization header or in its body. */
  clientAuthentication: 'basic' | 'body';
}

export interface OAuth1 {
  type: 'oauth1';
  consumerKey: string;
  consumerSecret: string;
  token?: string;
  tokenSecret?: string;
  signatureMethod: 'HMAC-SHA256' | 'HMAC-SHA1';
  realm?: string;
}

/** For mutual TLS, all in PEM. */
export interface ClientCertificate {
  /** The certificate, followed by those that lead to its authority. */
  certificatePem: string;
  privateKeyPem: string;
  /** Authorities that the endpoint's own certificate is checked against, instead of the usual ones. */
  caPem?: string;
}

/** From the JSON that control wrote; undefined for anything else, because an error of the parser quotes the text. */
export function readHeaders(text: string): CustomHeaders | undefined {
  const value = parsed(text);
  const right =
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText));
  return right ? (value as CustomHeaders) : undefined;
}

/** @see readHeaders */
export function readAuth(text: string): EndpointAuth | undefined {
  const value = parsed(text);
  const type = isObject(value) ? value['type'] : undefined;
  const needed = isText(type) && Object.hasOwn(neededFields, type) ? neededFields[type] : undefined;
  return needed !== undefined && hasTexts(value, needed) ? (value as unknown as EndpointAuth) : undefined;
}

/** @see readHeaders */
export function readClientCertificate(text: string): ClientCertificate | undefined {
  const value = parsed(text);
  return hasTexts(value, ['certificatePem', 'privateKeyPem'])
    ? (value as unknown as ClientCertificate)
    : undefined;
}

const neededFields: Readonly<Record<string, readonly string[]>> = {
  basic: ['username', 'password'],
  bearer: ['token'],
  oauth2ClientCredentials: ['tokenUrl', 'clientId', 'clientSecret', 'clientAuthentication'],
  oauth1: ['consumerKey', 'consumerSecret', 'signatureMethod'],
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function hasTexts(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  return isObject(value) && names.every((name) => isText(value[name]));
}
