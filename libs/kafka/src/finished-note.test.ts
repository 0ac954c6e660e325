import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { finishedNote, readFinishedNote } from './finished-note.js';
import { maxAhead } from './offset-tracker.js';

describe('the note beside a committed offset', () => {
  it('gives back what was finished ahead', () => {
    const aheads = fc.uniqueArray(fc.bigInt({ min: 1n, max: maxAhead }), { maxLength: 300 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 60n }), aheads, (position, places) => {
        const ahead = places.map((place) => position + place);
        const note = finishedNote({ position, ahead });
        expect(readFinishedNote(note, position)).toEqual(new Set(ahead));
        expect(note.length).toBeLessThanOrEqual(4096);
      }),
    );
  });

  it('that others wrote, or that is too long to be true, says nothing that counts', () => {
    expect(readFinishedNote(null, 0n).size).toBe(0);
    expect(readFinishedNote('', 0n).size).toBe(0);
    expect(readFinishedNote('moved by hand', 0n).size).toBe(0);
    const long = `ahead1:${Buffer.alloc(100_000, 255).toString('base64')}`;
    expect(readFinishedNote(long, 0n).size).toBe(Number(maxAhead) + 1);
  });
});
