import { describe, expect, it } from '@jest/globals';
import type { Response } from 'express';
import { RequestCounts } from './rate-limits.js';
import { Problem } from './problem.js';

/** Only what is counted with. */
function answer(): { headers: Record<string, string>; response: Response } {
  const headers: Record<string, string> = {};
  const response = { setHeader: (name: string, value: string) => (headers[name] = value) };
  return { headers, response: response as unknown as Response };
}

describe('the requests of a caller', () => {
  it('are answered up to so many a minute, and again in the next', () => {
    let nowMs = 0;
    const counts = new RequestCounts(2, () => nowMs);
    const { headers, response } = answer();
    counts.count('a', response);
    expect(headers).toEqual({ 'ratelimit-policy': '"minute";q=2;w=60', ratelimit: '"minute";r=1;t=60' });
    nowMs = 30_500;
    counts.count('a', response);
    expect(headers['ratelimit']).toBe('"minute";r=0;t=30');
    expect(() => {
      counts.count('a', response);
    }).toThrow(Problem);
    expect(headers['retry-after']).toBe('30');
    counts.count('b', response);
    nowMs = 60_000;
    counts.count('a', response);
    expect(headers['ratelimit']).toBe('"minute";r=1;t=60');
  });

  it('are counted in bounded memory, whoever comes', () => {
    let nowMs = 0;
    const counts = new RequestCounts(2, () => nowMs);
    const { response } = answer();
    for (let caller = 0; caller < 30_000; caller++) {
      counts.count(String(caller), response);
    }
    expect(counts.size).toBe(10_000);
    nowMs = 60_001;
    counts.count('a', response);
    expect(counts.size).toBe(1);
  });
});
