import { randomBytes } from 'node:crypto';

const digits = '0123456789abcdefghjkmnpqrstvwxyz';
const timeDigits = 10;
const randomDigits = 16;

/** Of subscriptions, redrives, replays, applications, what these prove themselves by, accounts, tokens of OAuth 1.0a, grants of OAuth 2, erasures. */
export type IdPrefix =
  'sub' | 'rdr' | 'rpl' | 'app' | 'key' | 'cli' | 'con' | 'usr' | 'o1t' | 'gnt' | 'aud' | 'req' | 'ers';

/** `<prefix>_`, ten digits of time and sixteen of chance: ids made later sort later. */
export function newSortableId(prefix: IdPrefix, nowMs: number): string {
  let time = '';
  for (let rest = nowMs, index = 0; index < timeDigits; index += 1, rest = Math.floor(rest / digits.length)) {
    time = (digits[rest % digits.length] ?? '') + time;
  }
  const chance = Array.from(randomBytes(randomDigits), (byte) => digits[byte % digits.length]).join('');
  return `${prefix}_${time}${chance}`;
}
