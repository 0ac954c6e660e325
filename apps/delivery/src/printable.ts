/**
 * What an endpoint could do harm with where its text is shown: control characters (terminals, lines of a log),
 * invisible ones and those that turn the direction of writing, and halves of pairs.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** Most answers. */
const plain = /^[\x20-\x7e]*$/;
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Foreign text as one printable line of at most so many bytes of UTF-8, and never half a character. Markup stays
 * as it is: whoever makes a page of it escapes it there, like all text.
 */
export function printable(text: string, maxBytes: number): string {
  if (text.length <= maxBytes && plain.test(text)) {
    return text;
  }
  const line = text.replace(unsafe, escaped);
  // One unit of UTF-16 is at most three bytes of UTF-8.
  return line.length * 3 <= maxBytes ? line : beginning(line, maxBytes);
}

function beginning(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text).subarray(0, maxBytes);
  // As a stream is read: a character whose end is missing does not count.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

function escaped(character: string): string {
  return named[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
