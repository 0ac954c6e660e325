const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const bitsPerDigit = 5;

/** RFC 4648 without padding, as authenticator apps read it. */
export function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(new RegExp(`.{1,${String(bitsPerDigit)}}`, 'g')) ?? [];
  return groups.map((group) => digits[parseInt(group.padEnd(bitsPerDigit, '0'), 2)]).join('');
}

/** What `toBase32` wrote. */
export function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (digit) =>
    digits.indexOf(digit).toString(2).padStart(bitsPerDigit, '0'),
  ).join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
}
