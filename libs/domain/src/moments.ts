/** A date, or a moment of UTC to the microsecond, as text that sorts as time does. */
const datePattern = /^(\d{4})-(\d\d)-(\d\d)$/;
const momentPattern = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?(?:Z|\+00(?::?00)?)?$/;

const secondMs = 1_000;
const dayMs = 86_400_000;

/** From this moment (inclusive) up to that (exclusive): what a value of a domain stands for. */
export interface Span {
  from: string;
  to: string;
}

/** `YYYY-MM-DD`, of that or of a moment; undefined for what is neither. */
export function dateOf(text: string): string | undefined {
  const date = datePattern.test(text) ? text : momentPattern.exec(text)?.[1];
  return date !== undefined && isCalendarDay(date) ? date : undefined;
}

/** `YYYY-MM-DDTHH:MM:SS.ffffff`; undefined for what is no moment. */
export function momentOf(text: string): string | undefined {
  const [, date = '', time = '', fraction = ''] = momentPattern.exec(text) ?? [];
  const whole = `${date}T${time.length === 5 ? `${time}:00` : time}`;
  return isCalendarDay(date) && !Number.isNaN(Date.parse(`${whole}Z`))
    ? `${whole}.${fraction.padEnd(6, '0')}`
    : undefined;
}

/** A date is its whole day, a moment its whole second, as Odoo shows them: what is compared by < and > ends there. */
export function spanOf(text: string): Span | undefined {
  if (datePattern.test(text)) {
    return isCalendarDay(text)
      ? { from: `${text}T00:00:00.000000`, to: later(`${text}T00:00:00`, dayMs) }
      : undefined;
  }
  const from = momentOf(text);
  if (from === undefined) {
    return undefined;
  }
  return { from, to: from.endsWith('.000000') ? later(from.slice(0, 19), secondMs) : `${from}0` };
}

/** The second that equals this value; of a date its first, as in Odoo. */
export function secondOf(text: string): Span | undefined {
  return spanOf(datePattern.test(text) ? `${text} 00:00:00` : text);
}

function later(moment: string, byMs: number): string {
  return `${new Date(Date.parse(`${moment}Z`) + byMs).toISOString().slice(0, 19)}.000000`;
}

function isCalendarDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
