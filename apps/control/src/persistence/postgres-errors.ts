import { types } from 'node:util';

/** SQLSTATEs that mean "not now": no connection, no resources, locked, shut down, out of time, read-only standby. */
const unavailableStates = /^(?:08|53|55P03|57P0|57014|25006)/;
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);
/** What pg says without a code; and typeorm, of a transaction whose connection was lost between two statements. */
const unavailableMessages =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|connection error|query runner (?:was )?already released/i;

/** Whether an error of typeorm or pg says that the server cannot be used at the moment. */
export function isPostgresUnavailable(error: unknown): boolean {
  // By what it is and not by its class: each realm has classes of its own.
  if (!types.isNativeError(error)) {
    return false;
  }
  const { code, driverError, errors } = error as { code?: unknown; driverError?: unknown; errors?: unknown };
  if (Array.isArray(errors) && errors.some(isPostgresUnavailable)) {
    return true;
  }
  const named = typeof code === 'string' && (networkCodes.has(code) || unavailableStates.test(code));
  return named || unavailableMessages.test(error.message) || isPostgresUnavailable(driverError);
}

/**
 * query_canceled: the time that a statement may take is over, by what it does itself. One that waits for a lock for
 * long ends before that, with lock_not_available.
 */
export function isOutOfTime(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '57014';
}
