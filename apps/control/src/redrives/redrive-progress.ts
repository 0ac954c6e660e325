import type { DeadReason } from '#libs/delivery-task';

/** Why a dead letter of the selection is not sent. */
export type SkipReason =
  /** Its subscription is switched off, by its owner or by too many dead letters in a row. */
  | 'subscription-disabled'
  | 'subscription-deleted'
  /** It was too large to hold its body, and the record that has it is no longer kept. */
  | 'body-gone'
  /** It is of a record that was erased on request after its change. */
  | 'erased'
  /** It is no delivery that could be sent. */
  | 'unreadable'
  /** Kafka does not take it. */
  | 'too-large';

/** How far a partition is read; offsets as texts, because JSON has no bigint. */
export interface RangeProgress {
  partition: number;
  next: string;
  end: string;
}

/** Always saved as a whole, so that the counts are those of what is before the positions. */
export interface RedriveProgress {
  ranges: RangeProgress[];
  /** Letters of the selection, by the reason of their death. */
  matched: Partial<Record<DeadReason | 'unknown', number>>;
  sent: number;
  skipped: Partial<Record<SkipReason, number>>;
}

export function noProgress(ranges: RangeProgress[]): RedriveProgress {
  return { ranges, matched: {}, sent: 0, skipped: {} };
}

/** Records still to be looked at, of the selection or not. */
export function unreadOf({ ranges }: RedriveProgress): number {
  return ranges.reduce((sum, { next, end }) => sum + Number(BigInt(end) - BigInt(next)), 0);
}
