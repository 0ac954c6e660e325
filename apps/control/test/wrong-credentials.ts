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
  type: 'oauth2ClientCredentials',
  tokenUrl: 'https://shop.example/token',
  clientId: 'c',
  clientSecret: 's',
};
const oauth1 = { type: 'oauth1', consumerKey: 'k', consumerSecret: 's' };
const wrongAuth = (what: string, auth: unknown, field: string, says: string | RegExp): WrongField => ({
  what,
  fields: { auth },
  field,
  says,
});

const relayCertificate = certificatePem('relay');
const relayKey = privateKeyPem('relay');
const pair = { certificatePem: relayCertificate, privateKeyPem: relayKey };
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
  wrongAuth('a list with nothing', [null], 'auth', 'must be an object with a type'),
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
  wrongAuth('no tokenUrl', { ...oauth2, tokenUrl: undefined }, 'auth.tokenUrl', /of the token endpoint/),
  wrongAuth('a wrong tokenUrl', { ...oauth2, tokenUrl: 'ftp://a.example' }, 'auth.tokenUrl', /is refused/),
  wrongAuth(
    'a secret tokenUrl',
    { ...oauth2, tokenUrl: 'http://10.0.0.1/' },
    'auth.tokenUrl',
    /ALLOWED_RECEIV/,
  ),
  wrongAuth(
    'a name inside',
    { ...oauth2, tokenUrl: 'http://inside.example' },
    'auth.tokenUrl',
    /ALLOWED_RECEIV/,
  ),
  wrongAuth('no client', { ...oauth2, clientId: '' }, 'auth.clientId', /non-empty text/),
  wrongAuth('a scope', { ...oauth2, scope: 'ä' }, 'auth.scope', /printable ASCII/),
  wrongAuth(
    'jwt',
    { ...oauth2, clientAuthentication: 'jwt' },
    'auth.clientAuthentication',
    /"basic" or "body"/,
  ),
  wrongAuth('PLAINTEXT', { ...oauth1, signatureMethod: 'PLAINTEXT' }, 'auth.signatureMethod', /HMAC-SHA1/),
  wrongAuth('half a token', { ...oauth1, token: 't' }, 'auth.tokenSecret', /give both or none/),
  wrongAuth('a realm that ends', { ...oauth1, realm: 'a", x="' }, 'auth.realm', /without '"' and/),
  wrongCertificate(
    'no key',
    { certificatePem: relayCertificate },
    'privateKeyPem',
    /must be a private key in PEM/,
  ),
  wrongCertificate('no PEM', { certificatePem: 'x', privateKeyPem: relayKey }, 'certificatePem', notPem),
  wrongCertificate(
    'half a certificate',
    {
      certificatePem: `${relayCertificate.slice(0, 200)}\n-----END CERTIFICATE-----\n`,
      privateKeyPem: relayKey,
    },
    'certificatePem',
    notPem,
  ),
  wrongCertificate('no key PEM', { ...pair, privateKeyPem: 'x' }, 'privateKeyPem', /without a passph/),
  wrongCertificate(
    "another certificate's key",
    { ...pair, privateKeyPem: privateKeyPem('other') },
    'privateKeyPem',
    /does not belong to the first certificate/,
  ),
  wrongCertificate('a key as authority', { ...pair, caPem: relayKey }, 'caPem', notPem),
  {
    what: 'no https',
    fields: { clientCertificate: pair, url: 'http://shop.example/' },
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
