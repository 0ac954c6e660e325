import { describe, expect, it } from '@jest/globals';
import { changesBetween } from './changes.js';

describe('what was changed', () => {
  it('are the fields that differ, before and after', () => {
    const before = { url: 'a', settings: { timeoutMs: 1 }, enabled: true, sinceMs: 1n, version: 'x' };
    const after = { url: 'b', settings: { timeoutMs: 1 }, enabled: true, sinceMs: 2n, version: 'y' };
    expect(changesBetween(before, after)).toEqual({
      url: { before: 'a', after: 'b' },
      sinceMs: { before: 1, after: 2 },
    });
  });

  it('shows that a secret was changed, and none', () => {
    const before = { secrets: ['one'], headers: null, auth: 'hidden', previousSecretUntilMs: null };
    const after = { secrets: ['two'], headers: 'hidden', auth: null, previousSecretUntilMs: 5n };
    expect(changesBetween(before, after)).toEqual({
      secrets: { before: '***', after: '***' },
      headers: { before: null, after: '***' },
      auth: { before: '***', after: null },
      previousSecretUntilMs: { before: null, after: '***' },
    });
  });

  it('of what is new, or deleted, are all its fields', () => {
    expect(changesBetween({}, { url: 'a', filter: null })).toEqual({ url: { before: null, after: 'a' } });
    expect(changesBetween({ url: 'a' }, {})).toEqual({ url: { before: 'a', after: null } });
  });
});
