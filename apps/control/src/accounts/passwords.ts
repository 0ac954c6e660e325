import { hash, verify } from '@node-rs/argon2';

export const minPasswordLength = 12;
/** Bounds the work of hashing. */
export const maxPasswordLength = 256;

/**
 * Argon2id (2) with 19 MiB and two passes: the least that OWASP advises, about 50 ms, so that many may sign in at
 * once.
 */
const options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Length is all that counts; undefined where nothing is wrong with it. */
export function passwordProblem(password: string, email: string): string | undefined {
  const length = Array.from(password).length;
  if (length < minPasswordLength) {
    return `must have at least ${String(minPasswordLength)} characters`;
  }
  if (length > maxPasswordLength) {
    return `must have at most ${String(maxPasswordLength)} characters`;
  }
  const same = password.trim().toLowerCase() === email.toLowerCase();
  return same ? 'must not be the e-mail address' : undefined;
}

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), options);
}

let hashOfNobody: Promise<string> | undefined;

/** Takes about the same time whether or not there is a hash: who asks must not learn who has an account. */
export async function isPassword(passwordHash: string | null, password: string): Promise<boolean> {
  hashOfNobody ??= hashPassword('nobody has this password');
  const known = passwordHash ?? (await hashOfNobody);
  const bounded = password.length <= 2 * maxPasswordLength ? password : '';
  const right = await verify(known, bounded.normalize('NFKC'));
  return right && passwordHash !== null;
}
