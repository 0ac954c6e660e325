import { refused, type Refusal } from './refusal.js';

/** How far a request's timestamp may be from now, both ways. */
export const timestampWindowS = 300;

const wholeSeconds = /^[1-9]\d{0,14}$/;
const clockAdvice = `sign each request anew when it is sent, and keep the clock right to within ${String(timestampWindowS)} s`;

/** undefined for a timestamp of now. */
export function timestampFault(timestamp: string, nowMs: number): Refusal | undefined {
  if (!wholeSeconds.test(timestamp)) {
    return refused(
      'oauth1_timestamp_refused',
      'oauth_timestamp must be the seconds since 1970 in UTC, a whole number in digits',
    );
  }
  const aheadS = Number(timestamp) - Math.floor(nowMs / 1000);
  if (Math.abs(aheadS) <= timestampWindowS) {
    return undefined;
  }
  const which = aheadS < 0 ? `${String(-aheadS)} s old` : `${String(aheadS)} s in the future`;
  return refused('oauth1_timestamp_refused', `oauth_timestamp is ${which}: ${clockAdvice}`);
}
