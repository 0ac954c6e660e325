import { describe, expect, it } from '@jest/globals';
import { resolveAll } from './resolver.js';

describe('names', () => {
  it('are looked up once for all that ask at the same time, and anew for those who ask later', async () => {
    const first = resolveAll('localhost');
    expect(resolveAll('localhost')).toBe(first);
    expect(await first).toEqual(expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]));
    const later = resolveAll('localhost');
    expect(later).not.toBe(first);
    await later;
  });

  it('that do not exist are no answer that is kept', async () => {
    const first = resolveAll('nobody.invalid');
    await expect(first).rejects.toThrow();
    const later = resolveAll('nobody.invalid');
    expect(later).not.toBe(first);
    await expect(later).rejects.toThrow();
  });
});
