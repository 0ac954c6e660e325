import { decodedText, percentEncoded } from './parameters.js';
import type { Parameter } from './base-string.js';

/** `name="value"`, then a comma or the end. Only the realm may have quoted pairs. */
const headerField = /[ \t]*([^\s=",]+)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|$)/y;
const encodedText = /^(?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2})*$/;

export type ReadHeader =
  /** There is no header, or it is of another scheme. */
  | { kind: 'absent' }
  | { kind: 'malformed' }
  /** Decoded, without the realm. */
  | { kind: 'read'; parameters: Parameter[] };

/** Names and values as a header's value; the realm is neither encoded nor signed. */
export function authorizationHeader(parameters: readonly Parameter[], realm?: string): string {
  const shown = parameters.map(([name, value]) => `${percentEncoded(name)}="${percentEncoded(value)}"`);
  return `OAuth ${[...(realm === undefined ? [] : [`realm="${realm}"`]), ...shown].join(', ')}`;
}

/** RFC 5849, 3.5.1. */
export function readAuthorizationHeader(header: string | undefined): ReadHeader {
  const scheme = /^OAuth(?:[ \t]+|$)/i.exec(header ?? '')?.[0];
  if (header === undefined || scheme === undefined) {
    return { kind: 'absent' };
  }
  const parameters = pairsOf(header.slice(scheme.length))
    ?.filter(([name]) => name.toLowerCase() !== 'realm')
    .map(([name, value]) => [decoded(name), decoded(value)] as const);
  return parameters?.every(isReadable) === true ? { kind: 'read', parameters } : { kind: 'malformed' };
}

function pairsOf(text: string): Parameter[] | undefined {
  const pairs: Parameter[] = [];
  let separator = text === '' ? '' : ',';
  headerField.lastIndex = 0;
  while (separator === ',') {
    const match = headerField.exec(text);
    if (match === null) {
      return undefined;
    }
    const [, name = '', value = '', next = ''] = match;
    pairs.push([name, value]);
    separator = next;
  }
  return pairs;
}

function decoded(text: string): string | undefined {
  return encodedText.test(text) ? decodedText(text) : undefined;
}

function isReadable(pair: readonly [string | undefined, string | undefined]): pair is Parameter {
  return pair[0] !== undefined && pair[1] !== undefined;
}
