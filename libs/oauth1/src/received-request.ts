import { readAuthorizationHeader } from './authorization-header.js';
import {
  formFields,
  isForm,
  queryFields,
  signatureBase,
  type Parameter,
  type RequestToSign,
} from './base-string.js';
import { decodedText, type EncodedParameter } from './parameters.js';
import { refused, type Refusal } from './refusal.js';
import { bodyHash, isSameText, signatureMethods, type SignatureMethod } from './signature.js';
import { timestampFault } from './timestamp.js';

export interface ReceivedRequest extends RequestToSign {
  /** The header, where there is one. */
  authorization: string | undefined;
}

/** What a request says of itself; none of it is true until its signature is found right. */
export interface SignedRequest {
  consumerKey: string;
  /** null where there is none, or an empty one. */
  token: string | null;
  method: SignatureMethod;
  signature: string;
  timestampS: number;
  nonce: string;
  callback: string | null;
  verifier: string | null;
  /** What is signed. */
  base: string;
}

export type ReadRequest = { kind: 'signed'; request: SignedRequest } | Refusal | { kind: 'absent' };

type Named = ReadonlyMap<string, string>;

const needed = [
  'oauth_consumer_key',
  'oauth_signature_method',
  'oauth_signature',
  'oauth_timestamp',
  'oauth_nonce',
] as const;
const maxLength = 255;
/** Of what is looked up in tables, or kept there. */
const limited = ['oauth_consumer_key', 'oauth_token', 'oauth_nonce', 'oauth_verifier'] as const;
const places = 'in the Authorization header, in the query or in the form';

/** Reads a request that is signed as of OAuth 1.0a (RFC 5849), and refuses what no signature could make right. */
export function readSignedRequest(request: ReceivedRequest, nowMs: number): ReadRequest {
  const header = readAuthorizationHeader(request.authorization);
  if (header.kind === 'malformed') {
    return refused(
      'oauth1_malformed',
      'send the header as: Authorization: OAuth name="value", …, each value percent-encoded',
    );
  }
  const inHeader = header.kind === 'read' ? header.parameters : [];
  const sources = [inHeader, decodedFields(queryFields(request)), decodedFields(formFields(request))];
  const withOAuth = sources.map((source) => source.filter(([name]) => name.startsWith('oauth_')));
  const given = withOAuth.flat();
  if (header.kind === 'absent' && given.length === 0) {
    return { kind: 'absent' };
  }
  return placementFault(withOAuth, request) ?? readNamed(request, inHeader, new Map(given), nowMs);
}

function readNamed(
  request: ReceivedRequest,
  inHeader: readonly Parameter[],
  named: Named,
  nowMs: number,
): ReadRequest {
  const fault = missingFault(named) ?? versionFault(named);
  if (fault !== undefined) {
    return fault;
  }
  const method = signatureMethodOf(named.get('oauth_signature_method') ?? '');
  if (typeof method !== 'string') {
    return method;
  }
  return (
    timestampFault(named.get('oauth_timestamp') ?? '', nowMs) ??
    bodyFault(request, named, method) ?? {
      kind: 'signed',
      request: {
        consumerKey: named.get('oauth_consumer_key') ?? '',
        token: named.get('oauth_token') || null,
        method,
        signature: named.get('oauth_signature') ?? '',
        timestampS: Number(named.get('oauth_timestamp')),
        nonce: named.get('oauth_nonce') ?? '',
        callback: named.get('oauth_callback') ?? null,
        verifier: named.get('oauth_verifier') ?? null,
        base: signatureBase(request, inHeader),
      },
    }
  );
}

/** One that cannot be decoded is named so that it is refused: an OAuth parameter must not hide. */
function decodedFields(fields: readonly EncodedParameter[]): Parameter[] {
  return fields.flatMap(([name, value]) =>
    name.startsWith('oauth_') ? [[name, decodedText(value) ?? '\0'] as const] : [],
  );
}

function placementFault(
  sources: readonly (readonly Parameter[])[],
  request: ReceivedRequest,
): Refusal | undefined {
  const used = sources.filter((source) => source.length > 0).length;
  const besideHeader = request.authorization !== undefined && sources[0]?.length === 0;
  if (used > 1 || (used === 1 && besideHeader)) {
    return refused('oauth1_parameters_mixed', `send all oauth_ parameters in one place: ${places}`);
  }
  const names = sources.flat().map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    return refused('oauth1_parameter_twice', `send ${shown(twice)} once`);
  }
  const unreadable = sources.flat().find(([, value]) => value.includes('\0'));
  return unreadable === undefined
    ? undefined
    : malformed(unreadable[0], 'must be text in UTF-8, without control characters');
}

function missingFault(named: Named): Refusal | undefined {
  const missing = needed.filter((name) => (named.get(name) ?? '') === '');
  if (missing.length > 0) {
    return refused('oauth1_parameter_missing', `send ${missing.join(', ')} too`);
  }
  const long = limited.find((name) => (named.get(name) ?? '').length > maxLength);
  return long === undefined
    ? undefined
    : malformed(long, `must have at most ${String(maxLength)} characters`);
}

function versionFault(named: Named): Refusal | undefined {
  return (named.get('oauth_version') ?? '1.0') === '1.0'
    ? undefined
    : refused('oauth1_version_refused', 'leave oauth_version out, or send oauth_version="1.0"');
}

function signatureMethodOf(method: string): SignatureMethod | Refusal {
  const advice = `sign with ${signatureMethods.join(', ')}`;
  if (method === 'PLAINTEXT') {
    return refused('oauth1_method_refused', `PLAINTEXT sends the secrets themselves: ${advice}`);
  }
  return (
    signatureMethods.find((known) => known === method) ??
    refused('oauth1_method_refused', `oauth_signature_method ${shown(method)} is not known: ${advice}`)
  );
}

/** Without its hash, a body that is no form could be changed on its way. */
function bodyFault(request: ReceivedRequest, named: Named, method: SignatureMethod): Refusal | undefined {
  const hash = named.get('oauth_body_hash');
  if (isForm(request)) {
    return hash === undefined
      ? undefined
      : bodyUnsigned("leave oauth_body_hash out: a form's fields are signed themselves");
  }
  if (hash === undefined) {
    return request.body.length === 0
      ? undefined
      : bodyUnsigned(
          'send oauth_body_hash, the base64 of the SHA-1 (with HMAC-SHA256: of the SHA-256) of the body, as one of the signed parameters',
        );
  }
  // Some clients hash with SHA-1 whatever they sign with.
  const accepted: readonly SignatureMethod[] = [method, 'HMAC-SHA1'];
  return accepted.some((each) => isSameText(hash, bodyHash(request.body, each)))
    ? undefined
    : bodyUnsigned('oauth_body_hash is not that of the body: hash the bytes that are sent');
}

function bodyUnsigned(detail: string): Refusal {
  return refused('oauth1_body_unsigned', detail);
}

function malformed(name: string, detail: string): Refusal {
  return refused('oauth1_malformed', `${shown(name)} ${detail}`);
}

/** What was sent, cut to a length that belongs in a sentence. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
