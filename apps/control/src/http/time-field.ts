import { IsString } from 'class-validator';
import { all, MayBeLeftOut } from './field-checks.js';
import type { FieldError } from './problem.js';

/** A moment as text, that {@link timeField} reads; it may be left out. */
export const TimeText = (): PropertyDecorator =>
  all(IsString({ message: 'must be a time as text, e.g. "2026-11-24T08:00:00Z"' }), MayBeLeftOut());

const rfc3339 =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** A moment as text, in milliseconds since 1970; left out it is right. */
export function timeField(
  field: string,
  text: string | undefined,
): { timeMs?: number; errors: FieldError[] } {
  if (text === undefined) {
    return { errors: [] };
  }
  const [, day] = rfc3339.exec(text) ?? [];
  if (day === undefined || !isDay(day)) {
    const message = 'must be a time with its zone as RFC 3339 has it, e.g. "2026-11-24T08:00:00Z"';
    return { errors: [{ field, code: 'invalid', message }] };
  }
  return { timeMs: Date.parse(text.toUpperCase()), errors: [] };
}

/** The 30th of February would be taken for the 2nd of March. */
function isDay(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}
