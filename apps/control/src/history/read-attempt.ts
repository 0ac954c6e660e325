import type { AttemptRow } from '#libs/delivery-task';
import type { Decoded } from '#libs/kafka';
import type { ReadRow } from '../projections/topic-projection.js';
import type { KeptDays } from './kept-days.js';

/** Longer than any that delivery writes, and short enough for an index. */
const maxTextLength = 1_000;
const maxLongTextLength = 65_536;
const maxOutcomeLength = 40;
const maxInteger = 2_147_483_647;
/** Milliseconds since 1970, to the year 9999. */
const maxTimeMs = 253_402_300_799_999n;
/** A clock may be wrong; a day of partitions for each wrong one is too much. */
const maxAheadMs = 86_400_000n;

const names = ['webhook_id', 'subscription_id', 'database', 'change_id', 'event_type', 'record'] as const;
const optionalTexts = ['error', 'reason', 'redrive', 'response'] as const;

type Given = Readonly<Partial<Record<keyof AttemptRow, unknown>>>;

/** A row as it is kept; strict, because one that Postgres refuses would take all others of its batch with it. */
export function readAttempt(decoded: Decoded, days: KeptDays): ReadRow<AttemptRow> {
  if (decoded.kind === 'unreadable') {
    return decoded;
  }
  const given = Object(decoded.value) as Given;
  const wrong = wrongField(given);
  if (wrong !== undefined) {
    return { kind: 'unreadable', reason: `its ${wrong} is missing or not of its form` };
  }
  const row = storable(given);
  if (row.at_ms > BigInt(days.nowMs()) + maxAheadMs) {
    return {
      kind: 'unreadable',
      reason: 'its at_ms is more than a day ahead: is the clock of delivery right?',
    };
  }
  return Number(row.at_ms) < days.oldestMs() ? { kind: 'old' } : { kind: 'row', row };
}

function wrongField(row: Given): string | undefined {
  return (
    names.find((name) => !isText(row[name], maxTextLength)) ??
    optionalTexts.find((name) => !isAbsent(row[name]) && !isText(row[name], maxLongTextLength)) ??
    (isText(row.outcome, maxOutcomeLength) ? undefined : 'outcome') ??
    (typeof row.sequence === 'bigint' ? undefined : 'sequence') ??
    (['attempt', 'duration_ms'] as const).find((name) => !isCount(row[name])) ??
    (isAbsent(row.status) || isCount(row.status) ? undefined : 'status') ??
    (isAbsent(row.url_hash) || isInteger(row.url_hash) ? undefined : 'url_hash') ??
    (['at_ms', 'committed_at_ms'] as const).find((name) => !isTime(row[name]))
  );
}

/** An older schema does not have the field. */
function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

function isText(value: unknown, maxLength: number): boolean {
  return typeof value === 'string' && value.length <= maxLength;
}

function isCount(value: unknown): boolean {
  return isInteger(value) && Math.abs(value) <= maxInteger;
}

function isInteger(value: unknown): value is number {
  return (
    Number.isInteger(value) && value === Math.max(Math.min(value as number, maxInteger), -maxInteger - 1)
  );
}

function isTime(value: unknown): boolean {
  return typeof value === 'bigint' && value >= 0n && value <= maxTimeMs;
}

/** Postgres has no text with a zero in it. */
function storable(row: Given): AttemptRow {
  const texts = Object.entries(row).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].includes('\0'),
  );
  const replaced = texts.map(([name, text]) => [name, text.replaceAll('\0', '\uFFFD')]);
  return { ...row, ...Object.fromEntries(replaced) } as AttemptRow;
}
