import { messageOf } from '#libs/process';

/** The SQLSTATE of an error that Postgres reported, e.g. '42501'. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' ? code : undefined;
}

/** insufficient_privilege */
export function isNoPermission(error: unknown): boolean {
  return sqlStateOf(error) === '42501';
}

/** lock_not_available, and a deadlock that Postgres ended at our cost: the same statement may be tried again. */
export function isLockTimeout(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '55P03' || state === '40P01';
}

/**
 * Whether it is the connection or the server that failed, not the statement: class 08, a server that shuts
 * down or starts (57P01 to 57P05), too many connections, or an error of the socket, which has no SQLSTATE.
 */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state === undefined) {
    return isSocketError(error);
  }
  return state.startsWith('08') || /^57P0[1-5]$/.test(state) || state === '53300';
}

function isSocketError(error: unknown): boolean {
  if (error instanceof AggregateError) {
    return error.errors.some(isSocketError);
  }
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ENOENT)/.test(codeOf(error)) ||
    /connection terminated|client has encountered a connection error|not queryable|timeout expired/i.test(
      messageOf(error),
    )
  );
}

/** Empty where the error has none. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
