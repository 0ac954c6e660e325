import { fieldsOf, normalized, percentEncoded, type EncodedParameter } from './parameters.js';

/** Of a request, what a signature is made of. */
export interface RequestToSign {
  method: string;
  /** Absolute. Its path is signed as it stands, because that is what the other side's router sees. */
  url: string;
  contentType: string;
  body: Buffer;
}

export type Parameter = readonly [name: string, value: string];

const formType = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const urlParts = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]+)([^?#]*)(?:\?([^#]*))?/i;

/** Whether the body is a form, whose fields are signed; any other body is signed by its hash. */
export function isForm({ contentType }: Pick<RequestToSign, 'contentType'>): boolean {
  return formType.test(contentType);
}

/**
 * RFC 5849, 3.4.1.
 * @param parameters those of the Authorization header but the realm, not encoded. A signature among all the
 * parameters is left out.
 */
export function signatureBase(request: RequestToSign, parameters: readonly Parameter[]): string {
  const given = parameters.map(([name, value]): EncodedParameter => [
    percentEncoded(name),
    percentEncoded(value),
  ]);
  const { base, query } = splitUrl(request.url);
  const form = formFields(request);
  const signed = [...fieldsOf(query), ...form, ...given].filter(([name]) => name !== 'oauth_signature');
  return [request.method.toUpperCase(), base, normalized(signed)].map(percentEncoded).join('&');
}

/** None where the body is no form. */
export function formFields(request: Pick<RequestToSign, 'contentType' | 'body'>): EncodedParameter[] {
  return isForm(request) ? fieldsOf(request.body.toString('latin1')) : [];
}

export function queryFields(request: Pick<RequestToSign, 'url'>): EncodedParameter[] {
  return fieldsOf(splitUrl(request.url).query);
}

/** As the parser of URLs has it: scheme and host in lower case, no default port. */
function splitUrl(url: string): { base: string; query: string } {
  const [, server = '', path = '', query = ''] = urlParts.exec(url) ?? [];
  const { protocol, host } = new URL(server);
  return { base: `${protocol}//${host}${path === '' ? '/' : path}`, query };
}
