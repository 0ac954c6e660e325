import { describe, expect, it } from '@jest/globals';
import { defaultDeliverySettings } from '#libs/subscription';
import { effectiveSettings, patchedOverride } from './effective-settings.js';

describe('the settings that hold', () => {
  it('are the defaults where nothing is set', () => {
    expect(effectiveSettings()).toEqual(defaultDeliverySettings);
    expect(effectiveSettings({}, {})).toEqual(defaultDeliverySettings);
  });

  it('are the more special ones, setting by setting', () => {
    const database = { timeoutMs: 1_000, disableAfter: 2, expiresAfterMs: 9_000, rateLimitPerS: 9 };
    const own = { timeoutMs: 2_000, retryDelaysMs: [], ordering: 'latest', concurrency: 3 } as const;
    expect(effectiveSettings(database, own)).toEqual({
      timeoutMs: 2_000,
      retryDelaysMs: [],
      disableAfter: 2,
      expiresAfterMs: 9_000,
      ordering: 'latest',
      concurrency: 3,
      rateLimitPerS: 9,
    });
  });

  it.each([
    ['the first ones of the level above', [1, 2, 3], 2, [1, 2]],
    ['the last one again where there are too few', [1, 2], 4, [1, 2, 2, 2]],
    ['none for no retries', [1, 2], 0, []],
    ['those of the defaults where the level above has none', [], 2, [5_000, 300_000]],
  ])('take for a number of retries %s', (_, above, retries, delays) => {
    expect(effectiveSettings({ retryDelaysMs: above }, { retries }).retryDelaysMs).toEqual(delays);
  });
});

describe('a patch of settings', () => {
  it('keeps what it does not name, and takes back what it names null', () => {
    const current = { timeoutMs: 1, disableAfter: 2, retries: 3 };
    expect(patchedOverride(current, { timeoutMs: 9, disableAfter: null, expiresAfterMs: undefined })).toEqual(
      {
        timeoutMs: 9,
        retries: 3,
      },
    );
  });

  it('replaces a number of retries by delays, and the other way round', () => {
    expect(patchedOverride({ retries: 3 }, { retryDelaysMs: [7] })).toEqual({ retryDelaysMs: [7] });
    expect(patchedOverride({ retryDelaysMs: [7] }, { retries: 0 })).toEqual({ retries: 0 });
    expect(patchedOverride({ retryDelaysMs: [7] }, { retries: null })).toEqual({ retryDelaysMs: [7] });
  });

  it('changes nothing by nothing', () => {
    expect(patchedOverride({ retries: 3, timeoutMs: 4 }, {})).toEqual({ retries: 3, timeoutMs: 4 });
  });
});
