import { deliveryTopics, taskHeaders, type DeadReason } from '#libs/delivery-task';
import { partitionOfKey, type IncomingRecord, type Kafka } from '#libs/kafka';
import type { RangeProgress } from './redrive-progress.js';

/** Which dead letters a redrive is about: those to which all of this applies. Times in milliseconds since 1970. */
export interface Selection {
  subscriptionId?: string;
  database?: string;
  /** Of the time of death; this one included. */
  fromMs?: number;
  /** Of the time of death; this one no more. */
  toMs?: number;
  reason?: DeadReason;
  webhookIds?: readonly string[];
}

const isDeadReason: Readonly<Record<DeadReason, true>> = {
  'attempts-exhausted': true,
  expired: true,
  unsendable: true,
  gone: true,
  'subscription-disabled': true,
};
export const deadReasons = Object.keys(isDeadReason) as DeadReason[];

/** Of a letter of which that is not to be read. */
export const unknownReason = 'unknown';

export function reasonOf(letter: IncomingRecord): DeadReason | typeof unknownReason {
  const given = letter.headers[taskHeaders.reason];
  return deadReasons.find((reason) => reason === given) ?? unknownReason;
}

/**
 * Whether a letter is one of the selection. That its database or reason is missing does not speak against it:
 * such a letter cannot be read, and has to be told of rather than passed over.
 */
export function letterFilter(selection: Selection): (letter: IncomingRecord) => boolean {
  const { subscriptionId, database, reason, fromMs = -Infinity, toMs = Infinity } = selection;
  const webhookIds = selection.webhookIds && new Set(selection.webhookIds);
  return ({ headers, key, timestampMs }) =>
    timestampMs >= fromMs &&
    timestampMs < toMs &&
    (subscriptionId === undefined ||
      subscriptionId === (headers[taskHeaders.subscriptionId] ?? key?.toString())) &&
    isOrLacks(headers[taskHeaders.database], database) &&
    isOrLacks(headers[taskHeaders.reason], reason) &&
    webhookIds?.has(headers[taskHeaders.webhookId] ?? '') !== false;
}

function isOrLacks(said: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || said === undefined || said === wanted;
}

/** Letters of several instances stand in the order in which Kafka got them, which their times follow roughly. */
const disorderMs = 600_000;

/**
 * Where the letters of a selection are, as of now: what dies later is behind the ends.
 * @throws RelayError KAFKA_UNAVAILABLE
 */
export async function rangesOf(
  kafka: Pick<Kafka, 'offsets'>,
  { subscriptionId, fromMs, toMs }: Selection,
): Promise<RangeProgress[]> {
  const { dead } = deliveryTopics;
  const ends = await kafka.offsets(dead, 'end');
  const starts = await kafka.offsets(dead, fromMs === undefined ? 'start' : timeQuestion(fromMs));
  const lasts = toMs === undefined ? ends : await kafka.offsets(dead, timeQuestion(toMs + disorderMs));
  const only = subscriptionId === undefined ? undefined : partitionOfKey(subscriptionId, ends.size);
  return [...ends]
    .filter(([partition]) => only === undefined || partition === only)
    .map(([partition, end]) => {
      const last = smallest(end, lasts.get(partition) ?? end);
      const next = smallest(last, starts.get(partition) ?? 0n);
      return { partition, next: String(next), end: String(last) };
    })
    .filter(({ next, end }) => next !== end)
    .sort((left, right) => left.partition - right.partition);
}

/** To Kafka times before 1970 mean something else. */
function timeQuestion(timeMs: number): { fromTimestampMs: number } {
  return { fromTimestampMs: Math.max(0, timeMs) };
}

function smallest(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
