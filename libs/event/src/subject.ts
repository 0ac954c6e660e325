import type { Change, Row } from '#libs/change';
import { dataRow, notRepresentable } from './event.js';
import { parseJsonText } from './json-text.js';

/** A record out of `included`. */
export type RelatedRecord = Readonly<Record<string, unknown>>;

/** A change as filters see it: its related records are read when the first one asks. */
export class Subject {
  private parsed: RelatedRecord | undefined;

  constructor(readonly change: Change) {}

  /** As after the change, of a delete as before it. */
  get row(): Row {
    return dataRow(this.change);
  }

  get before(): Row {
    return this.change.before ?? {};
  }

  /** @throws RelayError VALUE_NOT_REPRESENTABLE */
  get included(): RelatedRecord {
    this.parsed ??= readIncluded(this.change.included);
    return this.parsed;
  }

  /** @throws RelayError VALUE_NOT_REPRESENTABLE */
  records(relation: string): readonly RelatedRecord[] {
    const records = Object.hasOwn(this.included, relation) ? this.included[relation] : [];
    if (!Array.isArray(records)) {
      throw notRepresentable(`included.${relation}`, 'is no list');
    }
    return records as RelatedRecord[];
  }
}

const nothing: RelatedRecord = {};

function readIncluded(text: string | null): RelatedRecord {
  if (text === null) {
    return nothing;
  }
  const parsed = parseJsonText('included', text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw notRepresentable('included', 'is no JSON object');
  }
  return parsed as RelatedRecord;
}
