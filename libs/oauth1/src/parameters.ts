/** A name and its value, both encoded as signatures need them. */
export type EncodedParameter = readonly [name: string, value: string];

const unreserved = /[A-Za-z0-9\-._~]/;
const encodedBytes = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** RFC 5849, 3.6: everything but letters, digits, "-", ".", "_" and "~". */
export function percentEncoded(value: string | Buffer): string {
  let encoded = '';
  for (const byte of Buffer.from(value)) {
    encoded += encodedBytes[byte] ?? '';
  }
  return encoded;
}

/** Names and values of a query or a form, decoded and encoded again as signatures need it. */
export function fieldsOf(text: string): EncodedParameter[] {
  return text
    .split('&')
    .filter((field) => field !== '')
    .map((field): EncodedParameter => {
      const [name = '', ...value] = field.split('=');
      return [reencoded(name), reencoded(value.join('='))];
    });
}

/** What was encoded; undefined where its bytes are no UTF-8, or stand for control characters. */
export function decodedText(encoded: string): string | undefined {
  try {
    const text = decodeURIComponent(encoded);
    return /\p{Cc}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** RFC 5849, 3.4.1.3.2. What is encoded is ASCII, so its order as text is that of its bytes. */
export function normalized(parameters: readonly EncodedParameter[]): string {
  return [...parameters]
    .sort(byNameAndValue)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Byte by byte, so that nothing depends on the text being valid UTF-8. */
function reencoded(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return percentEncoded(Buffer.from(bytes, 'latin1'));
}

function byNameAndValue([name, value]: EncodedParameter, [otherName, otherValue]: EncodedParameter): number {
  return compared(name, otherName) || compared(value, otherValue);
}

function compared(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
