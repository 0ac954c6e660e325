import { fetch as undiciFetch, type RequestInit as UndiciInit } from 'undici';
import { guardedDispatcher, type GuardOptions } from './ssrf-guard.js';

/** As the `fetch` of the platform, for libraries that ask for one. */
export type GuardedFetch = (url: string, init?: object) => Promise<Response>;

/** A `fetch` whose every connection goes through the guard. */
export function guardedFetch(options: GuardOptions): GuardedFetch {
  const dispatcher = guardedDispatcher(options);
  return async (url, init = {}) => {
    const response: unknown = await undiciFetch(url, { ...(init as UndiciInit), dispatcher });
    return response as Response;
  };
}
