import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

describe('several keys, while one replaces another', () => {
  const newText = randomBytes(32).toString('base64');
  const newKey = SecretsKey.fromBase64(newText);
  const both = SecretsKey.fromBase64(`${newText}, ${keyText}`);

  it('the first encrypts', () => {
    const text = encryptSecret(both, 'a secret');
    expect([both.id, both.ids]).toEqual([newKey.id, [newKey.id, key.id]]);
    expect(both.asKeyObject().equals(newKey.asKeyObject())).toBe(true);
    expect(decryptSecret(newKey, text)).toBe('a secret');
    expect(failureOf(() => decryptSecret(key, text)).code).toBe('SECRET_UNREADABLE');
  });

  it('all decrypt, whichever stands first', () => {
    const texts = [key, newKey].map((each) => encryptSecret(each, 'a secret'));
    const reversed = SecretsKey.fromBase64(`${keyText},${newText}`);
    for (const keys of [both, reversed]) {
      expect(texts.map((text) => decryptSecret(keys, text))).toEqual(['a secret', 'a secret']);
    }
  });

  it('what none of them has encrypted names its key', () => {
    const other = SecretsKey.fromBase64(randomBytes(32).toString('base64'));
    const { message } = failureOf(() => decryptSecret(both, encryptSecret(other, 'a secret')));
    expect(message).toContain(`key id ${other.id}, here ${newKey.id}, ${key.id}`);
  });

  it.each([
    ['one is none', `${newText},abc`, 'SECRETS_KEY must be 32 random bytes in base64 (key 2 of 2 is not)'],
    ['one is empty', `${newText},`, 'SECRETS_KEY must be 32 random bytes in base64 (key 2 of 2 is not)'],
    ['one stands there twice', `${newText},${newText}`, 'SECRETS_KEY names a key twice'],
  ])('are refused where %s, without being shown', (_, text, sentence) => {
    const { code, message } = failureOf(() => SecretsKey.fromBase64(text));
    expect([code, message]).toEqual(['CONFIG_INVALID', expect.stringContaining(sentence)]);
    expect(message).not.toContain(newText);
  });

  it('do not show when they are printed', () => {
    const printed = JSON.stringify(both) + String(Object.values(both));
    expect(printed).not.toContain(newText);
    expect(printed).not.toContain(keyText);
    expect(Object.keys(both)).toEqual(['id']);
  });
});

describe('where the key comes from', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'relay-secrets-key-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  const fileWith = (text: string): string => {
    const path = join(directory, randomBytes(4).toString('hex'));
    writeFileSync(path, text);
    return path;
  };
  const of = (given: string, path: string): SecretsKey =>
    SecretsKey.of({ SECRETS_KEY: given, SECRETS_KEY_FILE: path });

  it('is the environment or a file, with one key a line', () => {
    const older = randomBytes(32).toString('base64');
    const ids = SecretsKey.fromBase64(`${keyText},${older}`).ids;
    expect(of(`${keyText},${older}`, '').ids).toEqual(ids);
    expect(of('', fileWith(`${keyText}\n${older}\n`)).ids).toEqual(ids);
    expect(of('', fileWith(`\r\n${keyText}\r\n${older}`)).ids).toEqual(ids);
  });

  it('is one of the two', () => {
    const both = failureOf(() => of(keyText, fileWith(keyText)));
    expect([both.code, both.message]).toEqual([
      'CONFIG_INVALID',
      'SECRETS_KEY and SECRETS_KEY_FILE are both set: leave one of them empty',
    ]);
    const none = failureOf(() => of('', ''));
    expect(none.message).toMatch(
      /^SECRETS_KEY is not set, nor is SECRETS_KEY_FILE: set one of them; make one/,
    );
  });

  it('is a file that can be read', () => {
    const missing = join(directory, 'none');
    const { code, message } = failureOf(() => of('', missing));
    expect(code).toBe('CONFIG_INVALID');
    expect(message).toBe(
      `SECRETS_KEY_FILE (${missing}) cannot be read (ENOENT): name a file that this process may read, one key a line`,
    );
    expect(failureOf(() => of('', directory)).message).toContain('cannot be read (EISDIR)');
    expect(failureOf(() => of('', fileWith(' \n'))).message).toContain(
      'is empty: write one key a line into it',
    );
  });

  it('is never shown, right or wrong', () => {
    const failure = failureOf(() => of('', fileWith(`${keyText}\nanother-one`)));
    expect(failure.message).toContain('must be 32 random bytes in base64 (key 2 of 2 is not)');
    const shown = `${failure.message} ${failure.stack ?? ''} ${String(failure.cause)}`;
    expect(shown).not.toContain(keyText);
    expect(shown).not.toContain('another-one');
  });
});
