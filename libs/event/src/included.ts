import { notRepresentable } from './event.js';
import { parseExactJson, parseJsonText, type ExactJson } from './json-text.js';

/** A record out of `included`, or all of it: values by name. */
export type RelatedRecord = Readonly<Record<string, unknown>>;
export type ExactEntries = readonly (readonly [string, ExactJson])[];

const nothing: RelatedRecord = {};

/** `included` of a change, read. @throws RelayError VALUE_NOT_REPRESENTABLE when it is no JSON object */
export function plainIncluded(text: string | null): RelatedRecord {
  if (text === null) {
    return nothing;
  }
  const parsed = parseJsonText('included', text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw notRepresentable('included', 'is no JSON object');
  }
  return parsed as RelatedRecord;
}

/** The same with exact numbers, in its order. @throws RelayError VALUE_NOT_REPRESENTABLE */
export function exactIncluded(text: string | null): ExactEntries {
  if (text === null) {
    return [];
  }
  const json = parseExactJson('included', text);
  if (json.kind !== 'object') {
    throw notRepresentable('included', 'is no JSON object');
  }
  return json.entries;
}
