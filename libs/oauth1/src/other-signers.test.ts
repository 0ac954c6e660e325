import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import OAuth from 'oauth-1.0a';
import { readSignedRequest } from './received-request.js';
import { isRightSignature } from './signature.js';

const form = 'application/x-www-form-urlencoded';
const secrets = { consumerSecret: "c&'s=1", tokenSecret: 'tökens%20secret' };
const hmacs = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' } as const;

/** That library does not decode names in a query, and knows a name only once, be it of query or form. */
const value = fc.string({ unit: 'grapheme', maxLength: 12 });
const queries = fc.dictionary(fc.stringMatching(/^q[a-zA-Z0-9\-._~]{0,5}$/), value, { maxKeys: 4 });
const forms = fc.dictionary(
  value.map((text) => `f${text}`),
  value,
  { maxKeys: 4 },
);

/** As `encodeURIComponent` and a form have it in turn. */
function queryOf(values: Readonly<Record<string, string>>, asForm: boolean): string {
  return asForm
    ? new URLSearchParams(values).toString()
    : Object.entries(values)
        .map((pair) => pair.map((text) => encodeURIComponent(text)).join('='))
        .join('&');
}

describe('fault 90: what the library oauth-1.0a signs', () => {
  it('is found right, whatever stands in the query and in a form', () => {
    fc.assert(
      fc.property(
        queries,
        forms,
        fc.constantFrom('HMAC-SHA1', 'HMAC-SHA256'),
        fc.webPath(),
        (query, data, method, path) => {
          const oauth = new OAuth({
            consumer: { key: 'key 1', secret: secrets.consumerSecret },
            signature_method: method,
            hash_function: (base, key) => createHmac(hmacs[method], key).update(base).digest('base64'),
          });
          const target = [path === '' ? '/' : path, queryOf(query, false)].filter(Boolean).join('?');
          const signed = oauth.authorize(
            { url: `https://relay.example${target}`, method: 'POST', data: { ...data } },
            { key: 'token', secret: secrets.tokenSecret },
          );
          const url = `HTTPS://RELAY.example:443${target}`;
          const authorization = oauth.toHeader(signed).Authorization;
          const body = Buffer.from(queryOf(data, true));
          const received = { method: 'POST', url, contentType: form, body, authorization };
          const read = readSignedRequest(received, Date.now());
          const keys = { consumerSecrets: [secrets.consumerSecret], rsaPublicKeyPem: null };
          const right =
            read.kind === 'signed' &&
            isRightSignature(read.request, { ...keys, tokenSecret: secrets.tokenSecret });
          expect([read.kind, right]).toEqual(['signed', true]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of a JSON body is its hash', () => {
    const oauth = new OAuth({
      consumer: { key: 'key', secret: 'secret' },
      signature_method: 'HMAC-SHA1',
      hash_function: (base, key) => createHmac('sha1', key).update(base).digest('base64'),
      body_hash_function: (data) => createHash('sha1').update(data).digest('base64'),
    });
    const url = 'https://relay.example/v1/subscriptions';
    const data = '{"name":"ä"}';
    const authorization = oauth.toHeader(
      oauth.authorize({ url, method: 'POST', data, includeBodyHash: true }),
    ).Authorization;
    const received = {
      method: 'POST',
      url,
      contentType: 'application/json',
      body: Buffer.from(data),
      authorization,
    };
    const read = readSignedRequest(received, Date.now());
    const keys = { consumerSecrets: ['secret'], tokenSecret: '', rsaPublicKeyPem: null };
    expect(read.kind === 'signed' && isRightSignature(read.request, keys)).toBe(true);
  });
});
