import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { authorizationHeader } from './authorization-header.js';
import type { Parameter } from './base-string.js';
import { readSignedRequest, type ReadRequest, type ReceivedRequest } from './received-request.js';
import { isRightSignature } from './signature.js';

const form = 'application/x-www-form-urlencoded';
const nowMs = 1_795_440_000_000;
const now = String(nowMs / 1000);
const right: Readonly<Record<string, string>> = {
  oauth_consumer_key: 'key',
  oauth_token: 'token',
  oauth_signature_method: 'HMAC-SHA256',
  oauth_timestamp: now,
  oauth_nonce: 'n-1',
  oauth_version: '1.0',
  oauth_signature: 'signature',
};

const pairs = (changed: Record<string, string | undefined> = {}): Parameter[] =>
  Object.entries({ ...right, ...changed }).filter((pair): pair is [string, string] => pair[1] !== undefined);
const encodedPairs = (given: readonly Parameter[]): string =>
  new URLSearchParams(given.map(([...pair]) => pair)).toString();

function received(changed: Partial<Omit<ReceivedRequest, 'body'>> & { body?: string } = {}): ReceivedRequest {
  return {
    method: 'GET',
    url: 'https://relay.example/v1/subscriptions?a=1',
    contentType: '',
    authorization: authorizationHeader(pairs(), 'relay'),
    ...changed,
    body: Buffer.from(changed.body ?? ''),
  };
}

const read = (request: ReceivedRequest): ReadRequest => readSignedRequest(request, nowMs);
const outcome = (request: ReceivedRequest): string => {
  const result = read(request);
  return result.kind === 'refused' ? result.code : result.kind;
};
const withParameters = (changed: Record<string, string | undefined>): ReceivedRequest =>
  received({ authorization: authorizationHeader(pairs(changed)) });

describe('a request signed as of OAuth 1.0a', () => {
  it('is read from the header, the query or the form, with the same result', () => {
    const expected = {
      kind: 'signed',
      request: {
        consumerKey: 'key',
        token: 'token',
        method: 'HMAC-SHA256',
        signature: 'signature',
        timestampS: Number(now),
        nonce: 'n-1',
        callback: null,
        verifier: null,
      },
    };
    const url = `https://relay.example/?${encodedPairs(pairs())}`;
    const requests = [
      received(),
      received({ authorization: undefined, url }),
      received({ authorization: undefined, method: 'POST', contentType: form, body: encodedPairs(pairs()) }),
    ];
    expect(requests.map(read)).toMatchObject([expected, expected, expected]);
  });

  it('is verified as RFC 5849 shows it (1.2), with the parameters in the header', () => {
    const header =
      'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", ' +
      'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", ' +
      'oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"';
    const url = 'http://photos.example.net/photos?file=vacation.jpg&size=original';
    const result = readSignedRequest(received({ authorization: header, url }), 137131202_000);
    const keys = {
      consumerSecrets: ['kd94hf93k423kf44'],
      tokenSecret: 'pfkkdhi9sl3r4s00',
      rsaPublicKeyPem: null,
    };
    expect(result.kind === 'signed' && isRightSignature(result.request, keys)).toBe(true);
  });

  it('has no token where it is left out or empty', () => {
    for (const token of [undefined, '']) {
      expect(read(withParameters({ oauth_token: token }))).toMatchObject({ request: { token: null } });
    }
  });

  it('is told from one that is not', () => {
    const bodies = ['', 'oauth_token=x', '{"oauth_token":"x"}'];
    for (const authorization of [undefined, 'Bearer x', 'Basic eDp5']) {
      expect(bodies.map((body) => outcome(received({ authorization, body })))).toEqual(
        bodies.map(() => 'absent'),
      );
    }
  });
});

describe('fault 92: a request of OAuth 1.0a is refused', () => {
  it.each([
    ['old', String(Number(now) - 301)],
    ['in the future', String(Number(now) + 301)],
    ['negative', '-5'],
    ['negative now', `-${now}`],
    ['with a fraction', `${now}.0`],
    ['with an exponent', '1.795440e9'],
    ['hexadecimal', '0x6b04b100'],
    ['with a plus sign', `+${now}`],
    ['with a leading nought', `0${now}`],
    ['with a space', ` ${now}`],
    ['in milliseconds', String(nowMs)],
    ['in other digits', '１７９５４４００００'],
    ['a word', 'now'],
    ['too long', '9'.repeat(400)],
  ])('whose timestamp is %s', (_, timestamp) => {
    expect(outcome(withParameters({ oauth_timestamp: timestamp }))).toBe('oauth1_timestamp_refused');
  });

  it('but for one at most five minutes off', () => {
    for (const offS of [-300, -1, 0, 1, 300]) {
      expect(outcome(withParameters({ oauth_timestamp: String(Number(now) + offS) }))).toBe('signed');
    }
  });

  it.each(Object.keys(right))('in which %s stands twice', (name) => {
    const twice = [...pairs(), [name, right[name] ?? ''] as const];
    const requests = [
      received({ authorization: authorizationHeader(twice) }),
      received({ authorization: undefined, url: `https://relay.example/?${encodedPairs(twice)}` }),
      received({ authorization: undefined, contentType: form, body: encodedPairs(twice) }),
    ];
    expect(requests.map(outcome)).toEqual(requests.map(() => 'oauth1_parameter_twice'));
  });

  it('that has parameters in several places', () => {
    const other = 'oauth_token=token';
    const header = authorizationHeader(pairs({ oauth_token: undefined }));
    const query = encodedPairs(pairs({ oauth_token: undefined }));
    const requests = [
      received({ authorization: header, url: `https://relay.example/?${other}` }),
      received({ authorization: header, url: 'https://relay.example/?%6fauth_x=1' }),
      received({ authorization: header, contentType: form, body: other }),
      received({ url: `https://relay.example/?${other}` }),
      received({
        authorization: undefined,
        url: `https://relay.example/?${query}`,
        contentType: form,
        body: other,
      }),
      received({ authorization: 'Bearer x', url: `https://relay.example/?${encodedPairs(pairs())}` }),
      received({ authorization: 'OAuth', url: `https://relay.example/?${encodedPairs(pairs())}` }),
    ];
    expect(requests.map(outcome)).toEqual(requests.map(() => 'oauth1_parameters_mixed'));
  });

  it.each(['PLAINTEXT', 'HMAC-SHA512', 'hmac-sha1', 'RSA-SHA256', 'none', '__proto__'])(
    'that is signed with %s',
    (method) => {
      expect(outcome(withParameters({ oauth_signature_method: method }))).toBe('oauth1_method_refused');
    },
  );

  it.each(['1', '1.0a', '2.0', '', ' 1.0'])('whose version is "%s"', (version) => {
    expect(outcome(withParameters({ oauth_version: version }))).toBe('oauth1_version_refused');
  });

  it.each(Object.keys(right).filter((name) => !/token|version/.test(name)))(
    'in which %s is missing or empty',
    (name) => {
      for (const value of [undefined, '']) {
        const result = read(withParameters({ [name]: value }));
        expect(result).toMatchObject({ code: 'oauth1_parameter_missing', detail: `send ${name} too` });
      }
    },
  );

  it.each([
    ['too long a nonce', { oauth_nonce: 'n'.repeat(256) }],
    ['too long a key', { oauth_consumer_key: 'n'.repeat(256) }],
  ])('with %s', (_, changed) => {
    expect(outcome(withParameters(changed))).toBe('oauth1_malformed');
  });

  it('with characters that no table takes, wherever they stand', () => {
    const bad = encodedPairs(pairs({ oauth_token: undefined }));
    for (const token of ['%00', 'a%00', '%FF', '%ED%A0%80', '%0A']) {
      const query = `${bad}&oauth_token=${token}`;
      const requests = [
        received({ authorization: undefined, url: `https://relay.example/?${query}` }),
        received({ authorization: undefined, contentType: form, body: query }),
        received({
          authorization: `${authorizationHeader(pairs({ oauth_token: undefined }))}, oauth_token="${token}"`,
        }),
      ];
      expect(requests.map(outcome)).toEqual(requests.map(() => 'oauth1_malformed'));
    }
  });

  it('with a header that is no list of quoted pairs', () => {
    expect(outcome(received({ authorization: 'OAuth oauth_token=token' }))).toBe('oauth1_malformed');
    expect(outcome(received({ authorization: 'OAuth realm="x"' }))).toBe('oauth1_parameter_missing');
  });
});

describe('the body of a request signed as of OAuth 1.0a', () => {
  const body = '{"a":1}';
  const hash = (algorithm: string, text = body): string =>
    createHash(algorithm).update(text).digest('base64');
  const posted = (
    oauth_body_hash: string | undefined,
    contentType = 'application/json',
    text = body,
  ): string =>
    outcome({
      ...withParameters({ oauth_body_hash }),
      method: 'POST',
      contentType,
      body: Buffer.from(text),
    });

  it('is covered by its hash, in SHA-1 too, as several clients make it', () => {
    expect([posted(hash('sha256')), posted(hash('sha1')), posted(hash('sha1', ''), '', '')]).toEqual([
      'signed',
      'signed',
      'signed',
    ]);
  });

  it('fault 90: is covered as fields where it is a form', () => {
    expect(posted(undefined, form, 'a=1')).toBe('signed');
    expect(posted(hash('sha1', 'a=1'), form, 'a=1')).toBe('oauth1_body_unsigned');
    const result = read({
      ...received({ method: 'POST', contentType: form }),
      body: Buffer.from('z=%C3%A4+1&a'),
    });
    expect(result.kind === 'signed' && result.request.base).toContain('%26z%3D%25C3%25A4%25201');
  });

  it('is refused where nothing covers it', () => {
    const wrong = [
      posted(undefined),
      posted(undefined, 'text/plain', 'a=1'),
      posted(hash('sha256', `${body} `)),
      posted(hash('sha512')),
      posted(hash('sha256', ''), 'application/json', body),
      posted(''),
    ];
    expect(wrong).toEqual(wrong.map(() => 'oauth1_body_unsigned'));
  });

  it('signs with its hash, which cannot be changed behind the signature', () => {
    const result = read({
      ...withParameters({ oauth_body_hash: hash('sha256') }),
      body: Buffer.from(body),
    });
    expect(result.kind === 'signed' && result.request.base).toContain('oauth_body_hash');
  });
});
