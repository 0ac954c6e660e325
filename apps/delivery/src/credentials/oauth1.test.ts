import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { RequestToSign } from '#libs/oauth1';
import type { OAuth1 } from '#libs/subscription';
import { oauth1Authorization } from './oauth1.js';

const form = 'application/x-www-form-urlencoded';
const post = (url: string, body = '', contentType = 'application/json'): RequestToSign => ({
  method: 'POST',
  url,
  contentType,
  body: Buffer.from(body),
});

describe('the Authorization header of OAuth 1.0a', () => {
  const auth: OAuth1 = {
    type: 'oauth1',
    consumerKey: 'key&1',
    consumerSecret: 'consumer secret',
    token: 'töken',
    tokenSecret: 'token secret',
    signatureMethod: 'HMAC-SHA256',
    realm: 'https://erp.example/',
  };
  const request = post('https://a.example/hook?x=1', '{"a":"ä"}');
  const given = { nonce: 'n-1', nowMs: 1_795_440_000_999 };

  it('holds realm, parameters, body hash and signature', () => {
    const hash = createHash('sha256').update('{"a":"ä"}').digest('base64');
    const enc = encodeURIComponent;
    const base =
      `POST&${enc('https://a.example/hook')}&` +
      enc(
        `oauth_body_hash=${enc(hash)}&oauth_consumer_key=key%261&oauth_nonce=n-1&` +
          'oauth_signature_method=HMAC-SHA256&oauth_timestamp=1795440000&oauth_token=t%C3%B6ken&oauth_version=1.0&x=1',
      );
    const signature = createHmac('sha256', 'consumer%20secret&token%20secret').update(base).digest('base64');
    expect(oauth1Authorization(request, auth, given)).toBe(
      `OAuth realm="https://erp.example/", oauth_body_hash="${enc(hash)}", oauth_consumer_key="key%261", ` +
        'oauth_nonce="n-1", oauth_signature_method="HMAC-SHA256", oauth_timestamp="1795440000", ' +
        `oauth_token="t%C3%B6ken", oauth_version="1.0", oauth_signature="${enc(signature)}"`,
    );
  });

  it('has no hash of a form, whose fields are signed', () => {
    const header = oauth1Authorization(post('https://a.example/', 'a=1', form), auth, given);
    expect(header).not.toContain('oauth_body_hash');
  });

  it('has no token and no realm where there is none, and never the same nonce', () => {
    const bare: OAuth1 = {
      type: 'oauth1',
      consumerKey: 'key',
      consumerSecret: 'secret',
      signatureMethod: 'HMAC-SHA256',
    };
    const headers = [1, 2].map(() => oauth1Authorization(request, bare));
    expect(headers.filter((header) => /oauth_token|realm/.test(header))).toEqual([]);
    expect(headers[0]).not.toBe(headers[1]);
    expect(headers[0]).toMatch(/oauth_nonce="[0-9a-f]{32}"/);
  });
});
