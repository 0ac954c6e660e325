import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/harness/eventually.js';
import { RecentlyUsed, type Bounds } from './recently-used.js';

let made: string[] = [];
let dropped: string[] = [];
const opened: RecentlyUsed<string>[] = [];

function recentlyUsed(bounds: Bounds): RecentlyUsed<string> {
  const values = new RecentlyUsed<string>(bounds, (value) => {
    dropped.push(value);
  });
  opened.push(values);
  return values;
}

const use = (values: RecentlyUsed<string>, key: string): string =>
  values.of(key, () => {
    made.push(key);
    return `value of ${key}`;
  });

afterEach(() => {
  for (const values of opened.splice(0)) values.close();
  made = [];
  dropped = [];
});

describe('values that are kept while they are used', () => {
  it('are made once', () => {
    const values = recentlyUsed({ max: 2, idleMs: 60_000 });
    expect(['a', 'a', 'b', 'a'].map((key) => use(values, key))).toEqual(
      ['a', 'a', 'b', 'a'].map((key) => `value of ${key}`),
    );
    expect(made).toEqual(['a', 'b']);
    expect(values.values()).toEqual(['value of b', 'value of a']);
  });

  it('are never more than allowed: the one used longest ago goes', () => {
    const values = recentlyUsed({ max: 2, idleMs: 60_000 });
    for (const key of ['a', 'b', 'a', 'c']) use(values, key);
    expect([values.size, dropped]).toEqual([2, ['value of b']]);
  });

  it('go when they are not used for a while', async () => {
    const values = recentlyUsed({ max: 9, idleMs: 5 });
    use(values, 'a');
    await eventually(() => dropped.length === 1);
    expect(values.size).toBe(0);
  });

  it('go all at the end', () => {
    const values = recentlyUsed({ max: 9, idleMs: 60_000 });
    for (const key of ['a', 'b']) use(values, key);
    values.close();
    expect([values.size, dropped]).toEqual([0, ['value of a', 'value of b']]);
  });
});
