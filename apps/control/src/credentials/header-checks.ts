import type { FieldError } from '../http/problem.js';

const maxHeaders = 20;
const maxNameLength = 100;
const maxValueBytes = 1_000;
const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** ASCII that can be printed, without spaces at the ends, which receivers cut off. */
const valuePattern = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;

/** What the request itself needs or what is between two hops only. */
const reserved = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
  'http2-settings',
  'expect',
  'user-agent',
]);
/** Signatures, and the attributes of CloudEvents. */
const reservedPrefixes = ['webhook-', 'ce-'];

/** What is wrong with custom headers, each header once; values are never quoted, because they may be secret. */
export function headerErrors(headers: Readonly<Record<string, unknown>> | null | undefined): FieldError[] {
  const entries = Object.entries(headers ?? {});
  if (entries.length > maxHeaders) {
    return [fieldError(`must hold at most ${String(maxHeaders)} headers`)];
  }
  const seen = new Set<string>();
  return entries.flatMap(([name, value]) => {
    const message = nameError(name, seen) ?? valueError(name, value);
    seen.add(name.toLowerCase());
    return message === undefined ? [] : [fieldError(message)];
  });
}

function fieldError(message: string): FieldError {
  return { field: 'headers', code: 'invalid', message };
}

function nameError(name: string, seen: ReadonlySet<string>): string | undefined {
  const shown = JSON.stringify(name.slice(0, maxNameLength));
  const lower = name.toLowerCase();
  if (!namePattern.test(name) || name.length > maxNameLength) {
    return `holds ${shown}, which is no name of a header: 1 to ${String(maxNameLength)} letters, digits and "-"`;
  }
  if (reserved.has(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix))) {
    return `must not hold ${shown}, which the request sets itself: leave it out`;
  }
  return seen.has(lower) ? `must hold ${shown} once, whatever its capitals` : undefined;
}

function valueError(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return `must hold texts: the value of "${name}" is none`;
  }
  if (Buffer.byteLength(value) > maxValueBytes) {
    return `must hold values of at most ${String(maxValueBytes)} bytes: that of "${name}" is longer`;
  }
  return valuePattern.test(value)
    ? undefined
    : `must hold values of printable ASCII without spaces at the ends: that of "${name}" is not`;
}
