import { describe, expect, it } from '@jest/globals';
import { parseUrl } from './parse-url.js';

describe('parsing a URL', () => {
  it('gives the same answer however often it is asked', () => {
    const isUrl = (text: string): boolean => parseUrl(text) !== undefined;
    const answers = new Set<boolean>();
    for (let turn = 0; turn < 50_000; turn++) answers.add(isUrl('https://bücher.example/größe'));
    expect(answers).toEqual(new Set([true]));
    expect(isUrl('bücher')).toBe(false);
  });
});
