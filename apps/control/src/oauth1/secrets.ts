import { randomInt } from 'node:crypto';

/** As in ids: none that is taken for another when it is read out or typed. */
const typedCharacters = '0123456789abcdefghjkmnpqrstvwxyz';
const typedLength = 12;

/** 60 bits of chance: a verifier that a person types into the application within minutes. */
export function newTypedVerifier(): string {
  return Array.from({ length: typedLength }, () => typedCharacters[randomInt(typedCharacters.length)]).join(
    '',
  );
}
