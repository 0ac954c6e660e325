/**
 * Splits the text of a JSON object into its fields and leaves their values as text, because `JSON.parse` would
 * round numbers of more than 15 digits and nested values would lose their exact form. The text is Postgres's
 * (`jsonb::text`): well-formed, one space after `:` and `,`.
 */
export function splitRow(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  let at = 1;
  while (text.charCodeAt(at) === quote) {
    const keyEnd = stringEnd(text, at);
    const valueStart = keyEnd + 2;
    const valueEnd = endOfValue(text, valueStart);
    fields.set(stringOf(text.slice(at, keyEnd)), text.slice(valueStart, valueEnd));
    at = valueEnd + 2;
  }
  return fields;
}

/** The names of a row's fields, in the order in which Postgres writes them: the same for all rows of a table. */
export type RowKeys = readonly string[];

/**
 * The values of a row that is expected to have just these keys, each as `"name": `; undefined when it has
 * others. Saves the keys, which are most of a row's text.
 */
export function valuesOf(text: string, keys: RowKeys): string[] | undefined {
  const values: string[] = [];
  let at = 1;
  for (const key of keys) {
    if (!text.startsWith(key, at)) {
      return undefined;
    }
    const start = at + key.length;
    const end = endOfValue(text, start);
    values.push(text.slice(start, end));
    at = end + 2;
  }
  // The last value is followed by the brace alone.
  return at === text.length + 1 ? values : undefined;
}

/** The string that a JSON string's text stands for. */
export function stringOf(jsonText: string): string {
  return jsonText.includes('\\') ? (JSON.parse(jsonText) as string) : jsonText.slice(1, -1);
}

const quote = 34;
const backslash = 92;
const comma = 44;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) {
    return stringEnd(text, start);
  }
  return first === openBrace || first === openBracket ? nestedEnd(text, start) : scalarEnd(text, start);
}

function scalarEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === comma || code === closeBrace) {
      return at;
    }
  }
  return text.length;
}

function nestedEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(text, at) - 1;
    } else if (code === openBrace || code === openBracket) {
      depth += 1;
    } else if (code === closeBrace || code === closeBracket) {
      depth -= 1;
      if (depth === 0) {
        return at + 1;
      }
    }
  }
  return text.length;
}

/** The index after the closing quote of the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) {
    end = text.indexOf('"', end + 1);
  }
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === backslash) {
    backslashes += 1;
  }
  return backslashes % 2 === 1;
}
