import { describe, expect, it } from '@jest/globals';
import { fromBase32, toBase32 } from './base32.js';
import { codeOf, newTotpSecret, otpauthUri, stepAt, stepOfCode } from './totp.js';

/** Of RFC 6238, appendix B, as base32. */
const secret = toBase32(Buffer.from('12345678901234567890'));

describe('a code', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('is that of RFC 6238 at second %d', (second, code) => {
    expect(codeOf(secret, stepAt(second * 1_000), 8)).toBe(code);
    expect(codeOf(secret, stepAt(second * 1_000))).toBe(code.slice(2));
  });

  it('is taken in its period of 30 s, the one before and the one after', () => {
    const code = codeOf(secret, 100);
    const taken = [98, 99, 100, 101, 102].filter(
      (step) => stepOfCode(secret, code, step * 30_000) !== undefined,
    );
    expect(taken).toEqual([99, 100, 101]);
    expect(stepOfCode(secret, code, 101 * 30_000 + 29_999)).toBe(100);
  });
});

describe('a secret', () => {
  it('is 160 bits in base32 and never the same', () => {
    const secrets = Array.from({ length: 20 }, newTotpSecret);
    expect(secrets.filter((each) => !/^[A-Z2-7]{32}$/.test(each))).toEqual([]);
    expect(new Set(secrets).size).toBe(20);
  });

  it('is handed to an app by a URI that names whose it is', () => {
    const uri = new URL(otpauthUri(secret, 'a&b+c@example.com'));
    expect(decodeURIComponent(uri.pathname)).toBe('/Odoo Relay:a&b+c@example.com');
    expect(Object.fromEntries(uri.searchParams)).toEqual({ secret, issuer: 'Odoo Relay' });
  });
});

describe('base32', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('writes and reads RFC 4648’s "%s"', (text, encoded) => {
    expect(toBase32(Buffer.from(text))).toBe(encoded);
    expect(fromBase32(encoded).toString()).toBe(text);
  });
});
