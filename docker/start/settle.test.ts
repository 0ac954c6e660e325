import { describe, expect, it } from '@jest/globals';
import type { CommittedTransaction } from '#sample';
import type { LedgerFacts } from './ledger.js';
import { waitUntilSettled, type SettleOptions } from './settle.js';

const nothingCommitted: LedgerFacts = {
  transactions: [],
  watchedTables: new Set(['res_partner']),
  topicChanges: [],
  subscriptions: [],
  deliveries: new Map(),
  dead: new Set(),
};

const oneCommitted: LedgerFacts = {
  ...nothingCommitted,
  transactions: [
    {
      id: '1',
      action: 'test',
      changes: [{ table: 'res_partner', id: 1, op: 'c', before: null, after: {}, columnTypes: {} }],
      committedAtMonotonicMs: 0,
      committedAtMs: 0,
    } satisfies CommittedTransaction,
  ],
};

function options(changed: Partial<SettleOptions> = {}): SettleOptions {
  return {
    kafka: { lag: () => Promise.resolve(0n) },
    facts: () => nothingCommitted,
    lastNewsAtMonotonicMs: () => -Infinity,
    capMs: 60_000,
    signal: new AbortController().signal,
    ...changed,
  };
}

describe('the wait after the activity', () => {
  it('ends when nothing is missing and nobody has anything to read', async () => {
    expect(await waitUntilSettled(options())).toMatchObject({ unfinished: [], result: { lost: 0 } });
  });

  it('goes on while an app has records to read', async () => {
    const lags = [3n, 1n, 0n, 0n];
    const settled = await waitUntilSettled(
      options({ kafka: { lag: () => Promise.resolve(lags.shift() ?? 0n) } }),
    );
    expect(settled.unfinished).toEqual([]);
    expect(lags).toEqual([]);
  });

  it('says what is missing when its patience ends', async () => {
    const settled = await waitUntilSettled(options({ facts: () => oneCommitted, capMs: 0 }));
    expect(settled.unfinished).toEqual(['1 committed changes are not in their topics']);
    expect(settled.result.lost).toBe(1);
  });

  it('does not end while there is news', async () => {
    const settled = await waitUntilSettled(options({ lastNewsAtMonotonicMs: () => Infinity, capMs: 0 }));
    expect(settled.unfinished).toEqual(['there was news a moment ago']);
  });

  it('ends at once when the run is ended', async () => {
    const ended = AbortSignal.abort();
    const settled = await waitUntilSettled(options({ facts: () => oneCommitted, signal: ended }));
    expect(settled.unfinished).toHaveLength(1);
  });
});
