import { randomBytes } from 'node:crypto';
import {
  authorizationHeader,
  bodyHash,
  hmacSignature,
  isForm,
  rsaSignature,
  signatureBase,
  type Parameter,
  type SignatureMethod,
} from '#libs/oauth1';

/** A request as it goes over the wire: what is changed is changed there. */
export interface WireRequest {
  method: string;
  /** Path and query. */
  target: string;
  contentType: string;
  body: string;
  authorization: string;
}

export interface SigningParty {
  origin: string;
  consumerKey: string;
  consumerSecret: string;
  /** None where the application acts for itself. */
  token: { key: string; secret: string } | undefined;
  rsaPrivateKeyPem: string;
  rsaPublicKeyPem: string;
}

const form = 'application/x-www-form-urlencoded';
const json = 'application/json';
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const targetCharacters = "/?&=.%+-_~!*'();:@,$abAB019";
const headerCharacters = ` ",=%+\\abAB019/-_.~`;

/** Numbers that are the same for the same seed. */
export class Chance {
  constructor(private state: number) {}

  /** A whole number below the bound. */
  below(bound: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * bound);
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error('chance has nothing to choose from');
    return value;
  }
}

/** A request that is right: of any method, with a query, and with a form, JSON or no body. */
export function rightRequest(chance: Chance, party: SigningParty): WireRequest {
  const kind = chance.of(['none', 'form', 'json'] as const);
  const request = {
    method: kind === 'none' ? chance.of(['GET', 'DELETE']) : chance.of(['POST', 'PUT', 'PATCH']),
    target: chance.of([
      '/v1/subscriptions?a=1&b=two%20words&a=0',
      "/v1/subscriptions/sub_1?filter=%5B%22%C3%A4%22%5D&c=it's",
      '/v1/event-types',
    ]),
    contentType: { none: '', form, json }[kind],
    body: { none: '', form: 'name=a+b&empty=&x=%E2%98%83', json: '{"name":"ä","list":[1,2]}' }[kind],
  };
  // RSA is slow to sign with.
  const isRsa = chance.below(10) === 0;
  const method = isRsa ? 'RSA-SHA1' : chance.of(['HMAC-SHA1', 'HMAC-SHA256'] as const);
  return { ...request, authorization: signed(request, party, method) };
}

type Unsigned = Omit<WireRequest, 'authorization'>;

function signed(
  request: Unsigned,
  party: SigningParty,
  method: SignatureMethod,
  isShownAs: string = method,
): string {
  const received = { ...request, url: party.origin + request.target, body: Buffer.from(request.body) };
  const parameters: Parameter[] = [
    ['oauth_consumer_key', party.consumerKey],
    ['oauth_nonce', randomBytes(8).toString('hex')],
    ['oauth_signature_method', isShownAs],
    ['oauth_timestamp', String(Math.floor(Date.now() / 1000))],
    ['oauth_version', '1.0'],
    ...(party.token === undefined ? [] : [['oauth_token', party.token.key] as const]),
    ...(isForm(request) || request.body === ''
      ? []
      : [['oauth_body_hash', bodyHash(received.body, method)] as const]),
  ];
  const base = signatureBase(received, parameters);
  const signature =
    method === 'RSA-SHA1'
      ? rsaSignature(base, party.rsaPrivateKeyPem)
      : hmacSignature(method, base, {
          consumerSecret: party.consumerSecret,
          tokenSecret: party.token?.secret ?? '',
        });
  return authorizationHeader([...parameters, ['oauth_signature', signature]], 'Odoo Relay');
}

type Mutation = (request: WireRequest, chance: Chance, party: SigningParty) => WireRequest;

const mutations: Readonly<Record<string, Mutation>> = {
  method: (request, chance) => ({ ...request, method: chance.of(methods) }),
  path: (request, chance) => {
    const [path = '', query] = request.target.split('?');
    const changed = `/${edited(path.slice(1), chance, targetCharacters)}`;
    return { ...request, target: query === undefined ? changed : `${changed}?${query}` };
  },
  pathForms: (request, chance) => ({
    ...request,
    target: request.target.replace(
      /^\/v1/,
      chance.of(['/v1/', '/V1', '/v1/.', '/v1/x/..', '/v1/%2e', '/%761', '//v1', '/v1;a']),
    ),
  }),
  query: (request, chance) => {
    const [path = '', query = ''] = request.target.split('?');
    return { ...request, target: `${path}?${edited(query, chance, targetCharacters)}` };
  },
  queryField: (request, chance) => ({
    ...request,
    target: withField(
      request.target,
      chance.of(['a=1', 'a=0', 'b=', 'oauth_token=x', 'admin=true', 'a[]=1']),
    ),
  }),
  fragment: (request) => ({ ...request, target: `${request.target}#a` }),
  body: (request, chance) => ({
    ...request,
    contentType: request.contentType === '' ? chance.of([form, json]) : request.contentType,
    body: edited(request.body, chance, `{}[]":,&=+%ab01 `),
  }),
  contentType: (request, chance) => ({
    ...request,
    contentType: chance.of([form, json, 'text/plain', `${form}; charset=utf-8`, `${json}; a=${form}`]),
  }),
  header: (request, chance) => ({
    ...request,
    authorization: edited(request.authorization, chance, headerCharacters),
  }),
  parameter: (request, chance) => {
    const names = [...request.authorization.matchAll(/(oauth_\w+)=/g)].map(([, name = '']) => name);
    const name = chance.of(names);
    const value = chance.of([
      '',
      '0',
      '1',
      'x',
      '-1',
      'null',
      '%00',
      '1.0',
      'PLAINTEXT',
      'HMAC-SHA1',
      'RSA-SHA1',
    ]);
    return { ...request, authorization: withParameter(request.authorization, name, value) };
  },
  parameterEdited: (request, chance) => {
    const pairs = [...request.authorization.matchAll(/(oauth_\w+)="([^"]*)"/g)];
    const [, name = '', value = ''] = chance.of(pairs);
    const changed = edited(value, chance, 'abcABC012-_.~');
    return { ...request, authorization: withParameter(request.authorization, name, changed) };
  },
  parameterGone: (request, chance) => {
    const pairs = request.authorization.slice('OAuth '.length).split(', ').slice(1);
    const gone = chance.below(pairs.length);
    return { ...request, authorization: `OAuth ${pairs.filter((_, index) => index !== gone).join(', ')}` };
  },
  parameterTwice: (request, chance) => {
    const pairs = request.authorization.slice('OAuth '.length).split(', ').slice(1);
    return { ...request, authorization: `${request.authorization}, ${chance.of(pairs)}` };
  },
  signature: (request, chance) => {
    const [, signature = ''] = /oauth_signature="([^"]*)"/.exec(request.authorization) ?? [];
    const decoded = decodeURIComponent(signature);
    const other = chance.of([
      decoded.toLowerCase(),
      decoded.replace(/=+$/, ''),
      `${decoded}=`,
      ` ${decoded}`,
      edited(decoded, chance, 'abcdefABCDEF0123+/='),
      randomBytes(20).toString('base64'),
    ]);
    const encoded = encodeURIComponent(other);
    return { ...request, authorization: withParameter(request.authorization, 'oauth_signature', encoded) };
  },
  otherKeys: (request, chance, party) => {
    const token = party.token && { ...party.token, secret: chance.of(['', 'wrong', party.consumerSecret]) };
    const others = [
      {
        ...party,
        consumerSecret: chance.of(['', 'wrong', party.rsaPublicKeyPem, party.token?.secret ?? 'x']),
      },
      { ...party, token: token ?? { key: 'o1t_unknown', secret: '' } },
      { ...party, consumerKey: `${party.consumerKey}2` },
      { ...party, token: { key: 'o1t_unknown', secret: party.token?.secret ?? '' } },
    ];
    const method = chance.of(['HMAC-SHA1', 'HMAC-SHA256'] as const);
    return { ...request, authorization: signed(request, chance.of(others), method) };
  },
  otherMethod: (request, chance, party) => {
    const shown = chance.of(['RSA-SHA1', 'PLAINTEXT', 'HMAC-SHA512', 'hmac-sha1', 'none', '']);
    return { ...request, authorization: signed(request, party, 'HMAC-SHA1', shown) };
  },
  plaintext: (request, _, party) => {
    const header = signed(request, party, 'HMAC-SHA1', 'PLAINTEXT');
    const signature = encodeURIComponent(`${party.consumerSecret}&${party.token?.secret ?? ''}`);
    return { ...request, authorization: withParameter(header, 'oauth_signature', signature) };
  },
};

/** A request that means something else than the given one, and what was done to it. */
export function mutated(
  request: WireRequest,
  chance: Chance,
  party: SigningParty,
): { kind: string; request: WireRequest } {
  for (;;) {
    const kind = chance.of(Object.keys(mutations));
    const changed = mutations[kind]?.(request, chance, party) ?? request;
    if (meaningOf(changed) !== meaningOf(request)) {
      return { kind, request: changed };
    }
  }
}

/** One character is left out, put in, doubled or replaced. */
function edited(text: string, chance: Chance, characters: string): string {
  const at = chance.below(text.length + 1);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const other = chance.of(Array.from(characters));
  return chance.of([
    before + after.slice(1),
    before + other + after,
    before + other + after.slice(1),
    before + after.slice(0, 1) + after,
    before,
  ]);
}

function withField(target: string, field: string): string {
  return target.includes('?') ? `${target}&${field}` : `${target}?${field}`;
}

function withParameter(header: string, name: string, value: string): string {
  return header.replace(new RegExp(`(?<=[ ,]${name}=")[^"]*`), () => value);
}

/** What a request says, however it is written: "+" is "%20", the order of fields and the realm say nothing. */
function meaningOf({ method, target, contentType, body, authorization }: WireRequest): string {
  const [path = '', ...query] = target.split('?');
  const isOfForm = /^application\/x-www-form-urlencoded *(?:;|$)/i.test(contentType);
  const fields = [...new URLSearchParams(query.join('?')), ...new URLSearchParams(isOfForm ? body : '')];
  const header = /^OAuth /i.test(authorization) ? headerMeaning(authorization) : authorization;
  return JSON.stringify([method, path, fields.map(String).sort(), isOfForm ? '' : body, header]);
}

function headerMeaning(header: string): string {
  const pair = /^\s*([^\s=",]+)\s*=\s*"([^"]*)"\s*$/;
  const realm = /(?<=^|,)\s*realm\s*=\s*"(?:[^"\\]|\\.)*"\s*(?=,|$)/gi;
  const pairs = header
    .slice('OAuth '.length)
    .replaceAll(realm, 'realm=""')
    .split(',')
    .map((text) => pair.exec(text) ?? [undefined, text, ''])
    .filter(([, name]) => name?.toLowerCase() !== 'realm')
    .map(([whole, name, value = '']) =>
      [whole === undefined, name, value.replaceAll(/%../g, (code) => code.toUpperCase())].join(),
    );
  return pairs.sort().join(' ');
}
