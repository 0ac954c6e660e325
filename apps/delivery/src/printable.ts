/**
 * What an endpoint could do harm with where its text is shown: control characters (terminals, lines of a log),
 * invisible ones and those that turn the direction of writing, and halves of pairs.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** Most answers. */
const plain = /^[\x20-\x7e]*$/;
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Foreign bytes as one line of printable text, at most so many bytes of UTF-8 and never half a character. What is
 * not UTF-8 becomes U+FFFD. Markup stays as it is: whoever makes a page of it escapes it there, like all text.
 */
export function printable(bytes: Buffer, maxBytes: number): string {
  const asLatin1 = bytes.toString('latin1');
  if (bytes.length <= maxBytes && plain.test(asLatin1)) {
    return asLatin1;
  }
  const text = wholeCharacters(bytes).replace(unsafe, escaped);
  // At most three bytes of UTF-8 come from one unit of UTF-16.
  return text.length * 3 <= maxBytes ? text : wholeCharacters(Buffer.from(text).subarray(0, maxBytes));
}

/** As a stream is read: a character whose end is missing does not count. */
function wholeCharacters(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

function escaped(character: string): string {
  return named[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
