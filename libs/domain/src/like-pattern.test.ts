import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { likePattern } from './like-pattern.js';

/** The same by way of a regular expression, which may take long. */
function byExpression(pattern: string): RegExp {
  const tokens = pattern.match(/\\?[^]/gu) ?? [];
  const source = tokens
    .filter((token) => token !== '\\')
    .map((token) => {
      if (token === '%') return '[^]*';
      if (token === '_') return '[^]';
      return (token.length > 1 && token.startsWith('\\') ? token.slice(1) : token).replace(
        /[\\^$.*+?()[\]{}|/-]/g,
        String.raw`\$&`,
      );
    });
  return new RegExp(`^${source.join('')}$`, 'u');
}

describe('like patterns', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['%', '', true],
    ['a%', 'abc', true],
    ['%c', 'abc', true],
    ['a_c', 'abc', true],
    ['a_c', 'ac', false],
    ['_', '😀', true],
    [String.raw`100\%`, '100%', true],
    [String.raw`100\%`, '1000', false],
    ['%%%', 'anything', true],
  ])('%j over all of %j: %j', (pattern, text, expected) => {
    expect(likePattern(pattern, 'whole')(text)).toBe(expected);
  });

  it('part of a text is enough where no whole is asked for', () => {
    expect(likePattern('b_d', 'part')('abcde')).toBe(true);
    expect(likePattern('bd', 'part')('abcde')).toBe(false);
  });

  it('match what an expression matches, whatever stands in pattern and text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', '\\', '😀', '.', '(') });
    const long = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_'), maxLength: 90 });
    fc.assert(
      fc.property(fc.oneof(letters, long), fc.oneof(letters, long), (pattern, text) => {
        expect(likePattern(pattern, 'whole')(text)).toBe(byExpression(pattern).test(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('fault 102: the steps grow with the length of the text alone, whatever the pattern', () => {
    let steps = 0;
    const counted = (length: number): string => {
      const text = 'a'.repeat(length);
      const watched = {
        *[Symbol.iterator](): Generator<string> {
          for (const character of text) {
            steps++;
            yield character;
          }
        },
      };
      return watched as unknown as string;
    };
    const hostile = `${'%a'.repeat(400)}b`;
    likePattern(hostile, 'part')(counted(1_000));
    expect(steps).toBe(1_000);
    likePattern(hostile, 'part')(counted(100_000));
    expect(steps).toBe(101_000);
  });
});
