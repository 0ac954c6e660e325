/**
 * The URL that a text is; undefined where it is none. Node 20's `URL.canParse` calls an address with an "ü" none
 * once it has been asked often.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
