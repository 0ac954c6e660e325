import { describe, expect, it } from '@jest/globals';
import { parseSnapshot, seenBy, unseenBy } from './snapshot.js';

describe('a snapshot', () => {
  it('is read from its text', () => {
    expect(parseSnapshot('10:20:10,14')).toEqual({
      text: '10:20:10,14',
      xmax: 20n,
      running: ['10', '14'],
      lastSequence: null,
    });
    expect(parseSnapshot('18446744073709551615:18446744073709551615:').xmax).toBe(18446744073709551615n);
  });

  it.each(['', '10:20', '10:20:1;drop table x', '10:20:a', 'x10:20:'])('is refused when it is %j', (text) => {
    expect(() => parseSnapshot(text)).toThrow(TypeError);
  });

  it('has not seen what was running in it and what began later', () => {
    expect(unseenBy(parseSnapshot('10:20:10,14'))).toBe(
      `(xact >= '20'::xid8 or xact = any ('{10,14}'::xid8[]))`,
    );
    expect(unseenBy(parseSnapshot('20:20:'))).toBe(`xact >= '20'::xid8`);
  });

  it('has not seen sequences that were given later, whatever the number of the transaction', () => {
    expect(unseenBy(parseSnapshot('20:20:', 7n))).toBe(`(xact >= '20'::xid8 or sequence > 7)`);
    expect(seenBy(parseSnapshot('20:20:', 7n))).toBe(
      `(pg_visible_in_snapshot(xact, '20:20:'::pg_snapshot) and sequence <= 7)`,
    );
  });
});
