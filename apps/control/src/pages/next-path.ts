const maxLength = 8_192;
/** Visible ASCII behind one slash: no second slash, no backslash (which browsers read as one), no control character. */
const ownPath = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;

/** Where to go on after signing in: a path of our own, or nothing. */
export function nextPath(given: unknown): string | undefined {
  if (typeof given !== 'string' || given.length > maxLength || !ownPath.test(given)) {
    return undefined;
  }
  const origin = 'http://own.invalid';
  return new URL(given, origin).origin === origin ? given : undefined;
}

/** The path with `next` behind it, where there is one. */
export function withNext(path: string, next: string | undefined): string {
  return next === undefined ? path : `${path}?next=${encodeURIComponent(next)}`;
}
