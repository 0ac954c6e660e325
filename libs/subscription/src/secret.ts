import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from 'node:crypto';
import { RelayError } from '#libs/process';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
/** As recommended for GCM. */
const nonceBytes = 12;
const tagBytes = 16;
export const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The key that signing secrets and credentials are encrypted with at rest: SECRETS_KEY of control and delivery. */
export class SecretsKey {
  readonly #bytes: Buffer;
  /** Names the key in encrypted texts, so that several can be in use while one replaces another. */
  readonly id: string;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.id = createHash('sha256')
      .update('odoo-relay secrets key id')
      .update(bytes)
      .digest('hex')
      .slice(0, 8);
  }

  /** @throws RelayError CONFIG_INVALID unless it is 32 bytes in base64. */
  static fromBase64(text: string): SecretsKey {
    const bytes = Buffer.from(text, 'base64');
    if (!base64Pattern.test(text) || bytes.length !== keyBytes) {
      throw new RelayError(
        'CONFIG_INVALID',
        `SECRETS_KEY must be ${String(keyBytes)} random bytes in base64: make one with "openssl rand -base64 ${String(keyBytes)}"`,
      );
    }
    return new SecretsKey(bytes);
  }

  asKeyObject(): ReturnType<typeof createSecretKey> {
    return createSecretKey(this.#bytes);
  }
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

/** @throws RelayError SECRET_UNREADABLE for another key or a text that was changed; it holds no part of the text. */
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
  if (keyId !== key.id) {
    throw unreadable(
      `it was encrypted with another SECRETS_KEY (key id ${keyId.slice(0, 8)}, here ${key.id})`,
    );
  }
  const bytes = Buffer.from(sealed, 'base64url');
  const nonceRead = Buffer.from(nonce, 'base64url');
  if (bytes.length < tagBytes || nonceRead.length !== nonceBytes) {
    throw unreadable('it is cut off');
  }
  const decipher = createDecipheriv(algorithm, key.asKeyObject(), nonceRead, { authTagLength: tagBytes });
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
