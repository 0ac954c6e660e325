import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { RelayError } from '#libs/process';
import { decryptSecret, encryptSecret, SecretsKey } from './secret.js';
import { newSigningSecret } from './signing-secret.js';

const keyText = randomBytes(32).toString('base64');
const key = SecretsKey.fromBase64(keyText);

function failureOf(run: () => unknown): RelayError {
  try {
    run();
  } catch (error) {
    if (error instanceof RelayError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The text with one character of one of its parts replaced. */
function tamper(text: string, part: number, position: number): string {
  const parts = text.split('.');
  const old = parts[part] ?? '';
  const replacement = old[position] === 'A' ? 'B' : 'A';
  parts[part] = old.slice(0, position) + replacement + old.slice(position + 1);
  return parts.join('.');
}

describe('a signing secret at rest', () => {
  it('is read with the key that it was written with', () => {
    const secret = newSigningSecret();
    expect(decryptSecret(SecretsKey.fromBase64(keyText), encryptSecret(key, secret))).toBe(secret);
  });

  it('is never written the same way twice, and never shows', () => {
    const secret = newSigningSecret();
    const texts = Array.from({ length: 50 }, () => encryptSecret(key, secret));
    expect(new Set(texts).size).toBe(50);
    expect(texts.filter((text) => text.includes(secret.slice(6)) || text.includes('whsec_'))).toEqual([]);
  });

  it('cannot be read with another key, and the error says what to do', () => {
    const other = SecretsKey.fromBase64(randomBytes(32).toString('base64'));
    const failure = failureOf(() => decryptSecret(other, encryptSecret(key, newSigningSecret())));
    expect(failure.code).toBe('SECRET_UNREADABLE');
    expect(failure.message).toContain('another SECRETS_KEY');
  });

  it('cannot be read with another key whose id is forged into the text', () => {
    const other = SecretsKey.fromBase64(randomBytes(32).toString('base64'));
    const forged = encryptSecret(key, newSigningSecret()).replace(key.id, other.id);
    expect(failureOf(() => decryptSecret(other, forged)).message).toContain('changed after it was written');
  });

  it.each([
    ['nonce', 2, 0],
    ['first byte of the ciphertext', 3, 0],
    ['authentication tag', 3, 60],
  ])('is refused when its %s was changed', (_, part, position) => {
    const tampered = tamper(encryptSecret(key, newSigningSecret()), part, position);
    expect(failureOf(() => decryptSecret(key, tampered)).code).toBe('SECRET_UNREADABLE');
  });

  it.each(['', 'v1', 'v2.a.b.c', 'whsec_abc', `v1.${key.id}.AAAA.AAAA`, `v1.${key.id}..`, 'v1.a.b.c.d'])(
    'is refused when the text is "%s"',
    (text) => {
      expect(failureOf(() => decryptSecret(key, text)).code).toBe('SECRET_UNREADABLE');
    },
  );

  it('never stands in an error, nor does its encrypted text', () => {
    const secret = newSigningSecret();
    const text = encryptSecret(key, secret);
    const failure = failureOf(() => decryptSecret(key, tamper(text, 3, 2)));
    const shown = `${failure.message} ${failure.stack ?? ''} ${String(failure.cause)}`;
    expect(shown).not.toContain(secret.slice(6));
    expect(shown).not.toContain(text.split('.')[3]?.slice(8));
  });
});

describe('the key', () => {
  it.each([
    ['empty', ''],
    ['too short', randomBytes(31).toString('base64')],
    ['too long', randomBytes(33).toString('base64')],
    ['hex', randomBytes(32).toString('hex')],
    ['not base64', `${keyText.slice(0, -2)}!=`],
    ['base64 with something behind it', `${keyText} x`],
  ])('is refused when it is %s, with a sentence that does not quote it', (_, text) => {
    const failure = failureOf(() => SecretsKey.fromBase64(text));
    expect(failure.code).toBe('CONFIG_INVALID');
    expect(failure.message).toMatch(/^SECRETS_KEY must be 32 random bytes in base64: make one with/);
    expect(text !== '' && failure.message.includes(text)).toBe(false);
  });

  it('does not show when it is printed', () => {
    expect(JSON.stringify(key) + String(Object.values(key))).not.toContain(keyText);
    expect(Object.keys(key)).toEqual(['id']);
  });
});
