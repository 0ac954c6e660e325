import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { printable } from './printable.js';

const shown = (text: string, maxBytes = 1_000): string => printable(text, maxBytes);

describe('foreign text', () => {
  it('stays as it is, in any script and with markup', () => {
    const text = 'Größe {"a":"b\\n"} <b>&amp;</b> 商品 🛒 עברית';
    expect(shown(text)).toBe(text);
  });

  it.each([
    ['a line for a log', 'a\nERROR b\r\n', 'a\\nERROR b\\r\\n'],
    ['a tab', 'a\tb', 'a\\tb'],
    ['a command for a terminal', '\u001b[2J\u001b]0;x\u0007', '\\u{1b}[2J\\u{1b}]0;x\\u{7}'],
    ['one of eight bits', 'a\u009b31m', 'a\\u{9b}31m'],
    ['NUL and DEL', '\0a\u007f', '\\u{0}a\\u{7f}'],
    ['a turn of the direction of writing', 'a\u202eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
    ['something invisible', 'a\u200bb\ufeffc\u00add', 'a\\u{200b}b\\u{feff}c\\u{ad}d'],
    ['a line separator of JavaScript', 'a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['what is no character', 'a\ufffeb\u{10ffff}', 'a\\u{fffe}b\\u{10ffff}'],
    ['a private character or a tag', '\ue000\u{e0041}', '\\u{e000}\\u{e0041}'],
  ])('with %s shows it and does nothing', (_, text, escaped) => {
    expect(shown(text)).toBe(escaped);
  });

  it('that was no UTF-8 or no whole character shows that', () => {
    expect(shown(Buffer.from([0x61, 0xff, 0xc0, 0x62]).toString())).toBe('a\ufffd\ufffdb');
    expect(shown('a\ud800b')).toBe('a\\u{d800}b');
  });

  it('ends before a character that has no room', () => {
    expect(shown('€€€', 7)).toBe('€€');
    expect(shown('🛒', 3)).toBe('');
    expect(shown('\0\0\0', 10)).toBe('\\u{0}\\u{0}');
    expect(shown('x'.repeat(20), 10)).toBe('x'.repeat(10));
  });

  it('is never longer than allowed, and never more than one printable line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat(100), (foreign, maxBytes) => {
        const text = printable(foreign, maxBytes);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
