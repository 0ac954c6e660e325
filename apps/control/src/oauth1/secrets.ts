import { createHash, randomBytes, randomInt } from 'node:crypto';

/** As in ids: none that is taken for another when it is read out or typed. */
const typedCharacters = '0123456789abcdefghjkmnpqrstvwxyz';
const typedLength = 12;

/** 256 bits of chance: a token's secret, or a verifier that goes by way of a redirect. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** 60 bits of chance: a verifier that a person types into the application within minutes. */
export function newTypedVerifier(): string {
  return Array.from({ length: typedLength }, () => typedCharacters[randomInt(typedCharacters.length)]).join(
    '',
  );
}

/** What is kept of a verifier. */
export function verifierHash(verifier: string): string {
  return createHash('sha256').update(verifier).digest('hex');
}
