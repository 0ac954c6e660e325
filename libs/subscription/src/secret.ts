import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RelayError } from '#libs/process';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
/** As recommended for GCM. */
const nonceBytes = 12;
const tagBytes = 16;
const howToMake = `make one with "openssl rand -base64 ${String(keyBytes)}"`;
export const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Of control and delivery. */
export interface SecretsKeySettings {
  SECRETS_KEY: string;
  SECRETS_KEY_FILE: string;
}

/**
 * What signing secrets and credentials are encrypted with at rest: SECRETS_KEY of control and delivery. While one key
 * replaces another there are several: the first encrypts, and what any of them has encrypted can be read.
 */
export class SecretsKey {
  readonly #keys: ReadonlyMap<string, Buffer>;
  /** Names the key that encrypts; encrypted texts begin with it. */
  readonly id: string;

  private constructor(keys: ReadonlyMap<string, Buffer>) {
    this.#keys = keys;
    this.id = [...keys.keys()][0] ?? '';
  }

  /** From SECRETS_KEY, or the file that SECRETS_KEY_FILE names. @throws RelayError CONFIG_INVALID */
  static of({ SECRETS_KEY: given, SECRETS_KEY_FILE: path }: SecretsKeySettings): SecretsKey {
    if (given !== '' && path !== '') {
      throw wrong('SECRETS_KEY and SECRETS_KEY_FILE are both set: leave one of them empty');
    }
    if (given === '' && path === '') {
      throw wrong(`SECRETS_KEY is not set, nor is SECRETS_KEY_FILE: set one of them; ${howToMake}`);
    }
    return path === '' ? SecretsKey.fromBase64(given) : SecretsKey.fromFile(path);
  }

  /** One key, or several with commas between them, newest first. @throws RelayError CONFIG_INVALID */
  static fromBase64(text: string): SecretsKey {
    return new SecretsKey(readKeys(text.split(','), 'SECRETS_KEY'));
  }

  private static fromFile(path: string): SecretsKey {
    const name = `SECRETS_KEY_FILE (${path})`;
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw wrong(`${name} cannot be read (${code}): name a file that this process may read, one key a line`);
    }
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    if (lines.length === 0) {
      throw wrong(`${name} is empty: write one key a line into it, newest first; ${howToMake}`);
    }
    return new SecretsKey(readKeys(lines, name));
  }

  /** Of all keys, that which encrypts first. */
  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** The key that encrypts. */
  asKeyObject(): KeyObject {
    return createSecretKey(this.#keys.get(this.id) ?? Buffer.alloc(0));
  }

  /** All keys, that which encrypts first. */
  asKeyObjects(): readonly KeyObject[] {
    return [...this.#keys.values()].map((bytes) => createSecretKey(bytes));
  }

  /** undefined for an id of none of the keys. */
  keyObjectOf(id: string): KeyObject | undefined {
    const bytes = this.#keys.get(id);
    return bytes && createSecretKey(bytes);
  }
}

/** By id, in their order. */
function readKeys(texts: readonly string[], name: string): ReadonlyMap<string, Buffer> {
  const keys = new Map<string, Buffer>();
  for (const [index, each] of texts.entries()) {
    const text = each.trim();
    const bytes = Buffer.from(text, 'base64');
    if (!base64Pattern.test(text) || bytes.length !== keyBytes) {
      const which = texts.length === 1 ? '' : ` (key ${String(index + 1)} of ${String(texts.length)} is not)`;
      throw wrong(`${name} must be ${String(keyBytes)} random bytes in base64${which}: ${howToMake}`);
    }
    keys.set(idOf(bytes), bytes);
  }
  if (keys.size < texts.length) {
    throw wrong(`${name} names a key twice: take one of the two away`);
  }
  return keys;
}

function idOf(bytes: Buffer): string {
  return createHash('sha256').update('odoo-relay secrets key id').update(bytes).digest('hex').slice(0, 8);
}

function wrong(message: string): RelayError {
  return new RelayError('CONFIG_INVALID', message);
}

/** `v1.<key id>.<nonce>.<ciphertext and tag>`, both in base64url; the first two parts are authenticated too. */
export function encryptSecret(key: SecretsKey, plain: string): string {
  const header = `v1.${key.id}`;
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key.asKeyObject(), nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(header));
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${header}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
}

/**
 * By whichever of the keys has encrypted it.
 * @throws RelayError SECRET_UNREADABLE for another key or a text that was changed; it holds no part of the text.
 */
export function decryptSecret(key: SecretsKey, text: string): string {
  const [version, keyId, nonce, sealed, ...rest] = text.split('.');
  if (
    version !== 'v1' ||
    keyId === undefined ||
    nonce === undefined ||
    sealed === undefined ||
    rest.length > 0
  ) {
    throw unreadable('it is not in the form that control writes');
  }
  const keyObject = key.keyObjectOf(keyId);
  if (keyObject === undefined) {
    throw unreadable(
      `it was encrypted with another SECRETS_KEY (key id ${keyId.slice(0, 8)}, here ${key.ids.join(', ')})`,
    );
  }
  const bytes = Buffer.from(sealed, 'base64url');
  const nonceRead = Buffer.from(nonce, 'base64url');
  if (bytes.length < tagBytes || nonceRead.length !== nonceBytes) {
    throw unreadable('it is cut off');
  }
  const decipher = createDecipheriv(algorithm, keyObject, nonceRead, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(`${version}.${keyId}`));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    const opened = decipher.update(bytes.subarray(0, bytes.length - tagBytes));
    return Buffer.concat([opened, decipher.final()]).toString('utf8');
  } catch (error) {
    throw unreadable('it was changed after it was written', error);
  }
}

function unreadable(why: string, cause?: unknown): RelayError {
  const message = `a secret cannot be decrypted: ${why}; give control and delivery the same SECRETS_KEY`;
  return new RelayError('SECRET_UNREADABLE', message, cause === undefined ? {} : { cause });
}
