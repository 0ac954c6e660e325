/** As it was asked for. */
export type ReplayFrom = 'current-state' | 'missed' | { time: string } | { changeId: string };

/** Changes by the time at which they were read from Odoo's database (milliseconds since 1970). */
export interface Period {
  /** This moment included. */
  fromMs: number;
  /** Of those read at `fromMs` only the ones with this sequence or a higher one; a text, as JSON has no bigint. */
  fromSequence?: string;
  /** But not this one: its subscriber has it. */
  butChangeId?: string;
  /** This moment no more. */
  beforeMs?: number;
}

/** What of the topics is replayed: the latest record of each key, or all changes of a time. */
export type ReplaySelection = { kind: 'current-state' } | { kind: 'history'; period: Period };

/** Why a record is not sent. */
export type SkipReason =
  /** It cannot be read, asked by the filter, or written as a body. */
  | 'unreadable'
  /** Its body is too large for a delivery. */
  | 'too-large';

/**
 * How far a partition is. It is read once for each of its slices, which share its keys between them. Offsets are
 * texts, because JSON has no bigint.
 */
export interface ReplayRange {
  topic: string;
  partition: number;
  start: string;
  end: string;
  /** In the present slice. */
  next: string;
  slice: number;
  slices: number;
}

/** Always saved as a whole, so that the counts are those of what is before the positions. */
export interface ReplayProgress {
  /** null until it is known where the records are. */
  ranges: ReplayRange[] | null;
  matched: number;
  sent: number;
  skipped: Partial<Record<SkipReason, number>>;
}

export const noProgress: ReplayProgress = { ranges: null, matched: 0, sent: 0, skipped: {} };

/** Records still to be looked at, once for each slice; null until that is known. */
export function unreadOf({ ranges }: ReplayProgress): number | null {
  return ranges && ranges.reduce((sum, range) => sum + unreadOfRange(range), 0);
}

function unreadOfRange({ start, next, end, slice, slices }: ReplayRange): number {
  const wholeSlices = Math.max(0, slices - slice - 1);
  const rest = slice < slices ? Number(BigInt(end) - BigInt(next)) : 0;
  return rest + wholeSlices * Number(BigInt(end) - BigInt(start));
}
