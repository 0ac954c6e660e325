import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { isIPv6 } from 'node:net';
import { principalIfAny } from '../access/principal.js';
import { Problem } from './problem.js';

const windowSeconds = 60;
/** Of each kind; beyond it the oldest are forgotten, and counted from 0 again. */
const maxCounted = 10_000;

interface Window {
  count: number;
  endsMs: number;
}

/** Counts the requests of each caller by the minute. Each instance counts for itself, in memory. */
export class RequestCounts {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly perMinute: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Counts one more, and says so in the answer's headers. @throws Problem for one too many */
  count(caller: string, response: Response): void {
    const window = this.windowOf(caller);
    window.count += 1;
    const remaining = Math.max(0, this.perMinute - window.count);
    const resetSeconds = Math.max(1, Math.ceil((window.endsMs - this.nowMs()) / 1000));
    response.setHeader('ratelimit-policy', `"minute";q=${String(this.perMinute)};w=${String(windowSeconds)}`);
    response.setHeader('ratelimit', `"minute";r=${String(remaining)};t=${String(resetSeconds)}`);
    if (window.count > this.perMinute) {
      response.setHeader('retry-after', String(resetSeconds));
      throw new Problem(
        'rate_limited',
        `at most ${String(this.perMinute)} requests a minute are answered: wait ${String(resetSeconds)} s, as Retry-After says`,
      );
    }
  }

  get size(): number {
    return this.windows.size;
  }

  private windowOf(caller: string): Window {
    const nowMs = this.nowMs();
    const known = this.windows.get(caller);
    if (known !== undefined && known.endsMs > nowMs) {
      return known;
    }
    // Behind all others, so that the first ones are the oldest.
    this.windows.delete(caller);
    const window = { count: 0, endsMs: nowMs + windowSeconds * 1000 };
    this.windows.set(caller, window);
    for (const [oldest, { endsMs }] of this.windows) {
      if (endsMs > nowMs && this.windows.size <= maxCounted) {
        break;
      }
      this.windows.delete(oldest);
    }
    return window;
  }
}

export interface RateLimits {
  /** Of one who says who he is. */
  requestsPerMinute: number;
  /** Of one address, of those who do not, or are not believed. */
  anonymousRequestsPerMinute: number;
}

/** To stand behind what finds out who makes a request: the second one sees those that it has refused. */
export function limitRequests(limits: RateLimits): [RequestHandler, ErrorRequestHandler] {
  const known = new RequestCounts(limits.requestsPerMinute);
  const anonymous = new RequestCounts(limits.anonymousRequestsPerMinute);
  return [
    (request, response, next) => {
      const principal = principalIfAny(request);
      if (principal === undefined) {
        anonymous.count(networkOf(request.ip), response);
      } else {
        known.count(`${principal.kind}:${principal.id}`, response);
      }
      next();
    },
    (error: unknown, request, response, next) => {
      if (error instanceof Problem && error.document.code === 'unauthorized') {
        anonymous.count(networkOf(request.ip), response);
      }
      next(error);
    },
  ];
}

/** An IPv6 host has a /64 to itself. */
function networkOf(address = ''): string {
  if (!isIPv6(address) || address.includes('.')) {
    return address;
  }
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - groups.length - rest.length).fill('0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
