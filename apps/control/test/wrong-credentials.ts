import { certificatePem, privateKeyPem } from '../../../test/harness/certificates.js';
import type { WrongField } from './wrong-fields.js';

const header = (name: string, value: unknown = 'x'): Record<string, unknown> => ({
  headers: { [name]: value },
});
const reserved = /which the request sets itself: leave it out/;
const noName = /which is no name of a header/;
const notPrintable = /printable ASCII without spaces at the ends: that of "X-A" is not/;

/** Headers that would break a request or forge a part of it. */
export const wrongHeaders: WrongField[] = [
  ...['', 'X A', 'X-A:', 'X\r\nB', 'X\0', 'X\n', 'Ä', 'X"', 'x'.repeat(101)].map((name) => ({
    what: `the name ${JSON.stringify(name.slice(0, 9))}`,
    fields: header(name),
    field: 'headers',
    says: noName,
  })),
  ...['a\r\nX-B: 1', 'a\nb', 'a\rb', 'a\0', 'ä', '☃', 'a\tb', ' a', 'a ', '\x7f'].map((value) => ({
    what: `the value ${JSON.stringify(value)}`,
    fields: header('X-A', value),
    field: 'headers',
    says: notPrintable,
  })),
  ...[
    'Host',
    'content-length',
    'Transfer-Encoding',
    'CONNECTION',
    'Keep-Alive',
    'Upgrade',
    'TE',
    'Trailer',
  ].map((name) => ({ what: name, fields: header(name), field: 'headers', says: reserved })),
  ...['Proxy-Authorization', 'Expect', 'Content-Type', 'content-encoding', 'User-Agent', 'Webhook-Id'].map(
    (name) => ({ what: name, fields: header(name), field: 'headers', says: reserved }),
  ),
  ...['webhook-signature', 'webhook-timestamp', 'webhook-anything'].map((name) => ({
    what: name,
    fields: header(name),
    field: 'headers',
    says: reserved,
  })),
  {
    what: 'a header twice',
    fields: { headers: { 'X-A': '1', 'x-a': '2' } },
    field: 'headers',
    says: /must hold "x-a" once, whatever its capitals/,
  },
  { what: 'a number', fields: header('X-A', 5), field: 'headers', says: /the value of "X-A" is none/ },
  { what: 'no value', fields: header('X-A', null), field: 'headers', says: /the value of "X-A" is none/ },
  {
    what: 'a value of more than 1,000 bytes',
    fields: header('X-A', 'x'.repeat(1_001)),
    field: 'headers',
    says: /at most 1000 bytes: that of "X-A" is longer/,
  },
  {
    what: 'more than 20',
    fields: { headers: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`X-${index}`, ''])) },
    field: 'headers',
    says: 'must hold at most 20 headers',
  },
  { what: 'a list', fields: { headers: [] }, field: 'headers', says: /must be an object with the names/ },
  { what: 'a text', fields: { headers: 'X: 1' }, field: 'headers', says: /must be an object with the names/ },
  {
    what: 'Authorization beside auth',
    fields: { headers: { authorization: 'x' }, auth: { type: 'bearer', token: 't' } },
    field: 'headers',
    says: 'must not hold "Authorization" beside auth, which sets it: give one of them',
  },
];

const oauth2 = {
  type: 'oauth2_client_credentials',
  token_url: 'https://shop.example/token',
  client_id: 'c',
  client_secret: 's',
};
const oauth1 = { type: 'oauth1', consumer_key: 'k', consumer_secret: 's' };
const wrongAuth = (what: string, auth: unknown, field: string, says: string | RegExp): WrongField => ({
  what,
  fields: { auth },
  field,
  says,
});

const certificate_pem = certificatePem('relay');
const private_key_pem = privateKeyPem('relay');
const wrongCertificate = (what: string, given: unknown, part: string, says: RegExp): WrongField => ({
  what,
  fields: { clientCertificate: given },
  field: part === '' ? 'clientCertificate' : `clientCertificate.${part}`,
  says,
});
const notPem = /must be one or more certificates in PEM/;

export const wrongCredentials: WrongField[] = [
  wrongAuth('no type', {}, 'auth.type', /must be one of "basic", "bearer"/),
  wrongAuth('a type there is not', { type: 'digest' }, 'auth.type', /must be one of "basic"/),
  wrongAuth('a list', [], 'auth', 'must be an object with a type'),
  wrongAuth('a text', 'Bearer x', 'auth', 'must be an object with a type'),
  wrongAuth('a colon', { type: 'basic', username: 'a:b', password: '' }, 'auth.username', /without ":"/),
  wrongAuth('no password', { type: 'basic', username: 'a' }, 'auth.password', /must be a text/),
  wrongAuth('a new line', { type: 'bearer', token: 'a\nb' }, 'auth.token', /printable ASCII without spaces/),
  wrongAuth('a token too long', { type: 'bearer', token: 'x'.repeat(4_097) }, 'auth.token', /at most 4096/),
  wrongAuth(
    'a field of another',
    { type: 'bearer', token: 'x', username: 'u' },
    'auth.username',
    /leave it out/,
  ),
  wrongAuth('no token_url', { ...oauth2, token_url: undefined }, 'auth.token_url', /of the token endpoint/),
  wrongAuth('a wrong token_url', { ...oauth2, token_url: 'ftp://a.example' }, 'auth.token_url', /is refused/),
  wrongAuth(
    'a secret token_url',
    { ...oauth2, token_url: 'http://10.0.0.1/' },
    'auth.token_url',
    /ALLOWED_RECEIV/,
  ),
  wrongAuth(
    'a name inside',
    { ...oauth2, token_url: 'http://inside.example' },
    'auth.token_url',
    /ALLOWED_RECEIV/,
  ),
  wrongAuth('no client', { ...oauth2, client_id: '' }, 'auth.client_id', /non-empty text/),
  wrongAuth('a scope', { ...oauth2, scope: 'ä' }, 'auth.scope', /printable ASCII/),
  wrongAuth(
    'jwt',
    { ...oauth2, client_authentication: 'jwt' },
    'auth.client_authentication',
    /"basic" or "body"/,
  ),
  wrongAuth('PLAINTEXT', { ...oauth1, signature_method: 'PLAINTEXT' }, 'auth.signature_method', /HMAC-SHA1/),
  wrongAuth('half a token', { ...oauth1, token: 't' }, 'auth.token_secret', /give both or none/),
  wrongAuth('a realm that ends', { ...oauth1, realm: 'a", x="' }, 'auth.realm', /without '"' and/),
  wrongCertificate('no key', { certificate_pem }, 'private_key_pem', /must be a private key in PEM/),
  wrongCertificate('no PEM', { certificate_pem: 'x', private_key_pem }, 'certificate_pem', notPem),
  wrongCertificate(
    'half a certificate',
    { certificate_pem: `${certificate_pem.slice(0, 200)}\n-----END CERTIFICATE-----\n`, private_key_pem },
    'certificate_pem',
    notPem,
  ),
  wrongCertificate(
    'no key PEM',
    { certificate_pem, private_key_pem: 'x' },
    'private_key_pem',
    /without a passph/,
  ),
  wrongCertificate(
    "another certificate's key",
    { certificate_pem, private_key_pem: privateKeyPem('other') },
    'private_key_pem',
    /does not belong to the first certificate/,
  ),
  wrongCertificate(
    'a key as authority',
    { certificate_pem, private_key_pem, ca_pem: private_key_pem },
    'ca_pem',
    notPem,
  ),
  {
    what: 'no https',
    fields: { clientCertificate: { certificate_pem, private_key_pem }, url: 'http://shop.example/' },
    field: 'clientCertificate',
    says: /of use with https:\/\/ only/,
  },
];

/** Only where a subscription is created. */
export const wrongSignatures: WrongField[] = [
  { what: 'rsa', fields: { signature: 'rsa' }, field: 'signature', says: 'must be "hmac" or "ed25519"' },
  {
    what: 'an HMAC secret for ed25519',
    fields: { signature: 'ed25519', secret: `whsec_${Buffer.alloc(32).toString('base64')}` },
    field: 'secret',
    says: /"whsk_" and an ed25519 key/,
  },
];
