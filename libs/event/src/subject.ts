import type { Change, Row } from '#libs/change';
import { dataRow, notRepresentable } from './event.js';
import { plainIncluded, type RelatedRecord } from './included.js';

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
    this.parsed ??= plainIncluded(this.change.included);
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
