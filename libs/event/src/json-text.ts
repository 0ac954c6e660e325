import { notRepresentable } from './event.js';

/** Deeper documents overflow the stack of many a parser. */
const maxDepth = 64;

/**
 * Parses JSON text of a json column or of `included`.
 * @throws RelayError VALUE_NOT_REPRESENTABLE when it is no JSON, or deeper than 64 levels.
 */
export function parseJsonText(field: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notRepresentable(field, 'holds no JSON', error);
  }
  if (isDeeper(value, maxDepth)) {
    throw notRepresentable(field, `holds JSON of more than ${maxDepth} levels`);
  }
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** JSON whose numbers are the text they were written as, so that none is rounded. */
export type ExactJson =
  | { kind: 'null' }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'number'; literal: string }
  | { kind: 'string'; value: string }
  | { kind: 'array'; items: readonly ExactJson[] }
  | { kind: 'object'; entries: readonly (readonly [string, ExactJson])[] };

const escapeQuoteOrNumber = /\\.|"|-?\d[\d.eE+-]*/g;

/** Like {@link parseJsonText}, with exact numbers. */
export function parseExactJson(field: string, text: string): ExactJson {
  parseJsonText(field, text);
  return exact(JSON.parse(marked(text)));
}

/**
 * Every string, names too, gets an s in front and every number becomes a string with an n: then the built-in
 * parser keeps the numbers' text, and no name is special.
 */
function marked(text: string): string {
  let inString = false;
  return text.replace(escapeQuoteOrNumber, (token) => {
    if (token === '"') {
      inString = !inString;
      return inString ? '"s' : '"';
    }
    return inString ? token : `"n${token}"`;
  });
}

function exact(value: unknown): ExactJson {
  if (typeof value === 'string') {
    const unmarked = value.slice(1);
    return value.startsWith('n')
      ? { kind: 'number', literal: unmarked }
      : { kind: 'string', value: unmarked };
  }
  if (typeof value === 'boolean') {
    return { kind: 'boolean', value };
  }
  if (Array.isArray(value)) {
    return { kind: 'array', items: value.map(exact) };
  }
  if (typeof value === 'object' && value !== null) {
    return {
      kind: 'object',
      entries: Object.entries(value).map(([name, inner]) => [name.slice(1), exact(inner)]),
    };
  }
  return { kind: 'null' };
}

/** The way back, compact. */
export function exactJsonText(json: ExactJson): string {
  switch (json.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(json.value);
    case 'number':
      return json.literal;
    case 'string':
      return JSON.stringify(json.value);
    case 'array':
      return `[${json.items.map(exactJsonText).join(',')}]`;
    case 'object':
      return `{${json.entries.map(([name, value]) => `${JSON.stringify(name)}:${exactJsonText(value)}`).join(',')}}`;
  }
}
