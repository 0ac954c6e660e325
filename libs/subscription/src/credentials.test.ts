import { describe, expect, it } from '@jest/globals';
import { readAuth, readClientCertificate, readHeaders, type EndpointAuth } from './credentials.js';

const auths: EndpointAuth[] = [
  { type: 'basic', username: 'u', password: '' },
  { type: 'bearer', token: 't' },
  {
    type: 'oauth2ClientCredentials',
    tokenUrl: 'https://a.example/token',
    clientId: 'c',
    clientSecret: 's',
    clientAuthentication: 'body',
  },
  { type: 'oauth1', consumerKey: 'k', consumerSecret: 's', signatureMethod: 'HMAC-SHA256', realm: 'r' },
];

describe('credentials', () => {
  it.each(auths)('are read as they were written: $type', (auth) => {
    expect(readAuth(JSON.stringify(auth))).toEqual(auth);
  });

  it.each(auths)('are none where a part is missing: $type', (auth) => {
    for (const name of Object.keys(auth).filter((name) => name !== 'realm')) {
      expect([name, readAuth(JSON.stringify({ ...auth, [name]: undefined }))]).toEqual([name, undefined]);
    }
  });

  it.each([
    '',
    '{',
    'null',
    '5',
    '"basic"',
    '[]',
    '{}',
    '{"type":"digest"}',
    '{"type":"toString"}',
    '{"type":5}',
  ])('are none where the text is %j', (text) => {
    expect(readAuth(text)).toBeUndefined();
    expect(readClientCertificate(text)).toBeUndefined();
  });

  it('of mutual TLS are a certificate and its key', () => {
    const both = { certificatePem: 'c', privateKeyPem: 'k' };
    expect(readClientCertificate(JSON.stringify(both))).toEqual(both);
    expect(readClientCertificate(JSON.stringify({ ...both, privateKeyPem: 1 }))).toBeUndefined();
  });
});

describe('custom headers', () => {
  it('keep their order', () => {
    const headers = [
      ['b', '1'],
      ['a', '2'],
    ];
    expect(readHeaders(JSON.stringify(headers))).toEqual(headers);
  });

  it.each(['[', 'null', '{}', '["a"]', '[["a"]]', '[["a","b","c"]]', '[["a",1]]', '["ab"]'])(
    'are none where the text is %j',
    (text) => {
      expect(readHeaders(text)).toBeUndefined();
    },
  );
});
