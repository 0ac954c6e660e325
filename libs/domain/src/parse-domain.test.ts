import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Domain } from './domain.js';
import { domainLimits, parseDomain } from './parse-domain.js';

/** Where what is wrong, of the first problem. */
function problemOf(given: unknown): string {
  const parsed = parseDomain(given);
  return parsed.kind === 'ok'
    ? 'none'
    : `${parsed.problems[0]?.position ?? ''} ${parsed.problems[0]?.message ?? ''}`;
}

describe('a domain that is not right is refused where it is wrong', () => {
  it.each<[unknown, RegExp]>([
    ['state = sale', /^ a domain is a list/],
    [null, /^ a domain is a list/],
    [{}, /^ a domain is a list/],
    [['&'], /^\[0\] "&" stands before two terms/],
    [['&', ['a', '=', 1]], /^\[0\] "&" stands before two terms/],
    [['!'], /^\[0\] "!" stands before one term/],
    [[['a', '=', 1], '|'], /^\[1\] "\|" stands before two terms/],
    [['and', ['a', '=', 1]], /^\[0\] a term is/],
    [[['a', '=']], /^\[0\] a term is/],
    [[['a', '=', 1, 2]], /^\[0\] a term is/],
    [[[1, '=', 1]], /^\[0\]\[0\] a field is a name/],
    [[['', '=', 1]], /^\[0\]\[0\] a field is a name/],
    [[['a..b', '=', 1]], /^\[0\]\[0\] a field is a name/],
    [[['a b', '=', 1]], /^\[0\]\[0\] a field is a name/],
    [[['a.b.c.d.e', '=', 1]], /^\[0\]\[0\] a path has at most 4 steps/],
    [[['a', '~', 1]], /^\[0\]\[1\] an operator is one of =, !=,/],
    [[['a', 'toString', 1]], /^\[0\]\[1\] an operator is one of/],
    [[['a', 'child_of', 1]], /^\[0\]\[1\] an operator is one of/],
    [[['a', '=', {}]], /^\[0\]\[2\] a value is/],
    [[['a', 'in', [1, [2]]]], /^\[0\]\[2\]\[1\] a value is/],
    [[['a', '>', [1]]], /^\[0\]\[2\] ">" takes one value/],
    [[['a', 'like', ['x']]], /^\[0\]\[2\] "like" takes one value/],
    [[['a', 'any', 'x']], /^\[0\]\[2\] a domain is a list/],
    [[['a', 'any', [['b', '=']]]], /^\[0\]\[2\]\[0\] a term is/],
    [[['a', '=', 'x'.repeat(1_001)]], /^\[0\]\[2\] a text has at most 1000 characters/],
    [[['a', 'in', Array.from({ length: 1_001 }, () => 1)]], /^\[0\]\[2\] a list has at most 1000 values/],
    [Array.from({ length: 101 }, () => ['a', '=', 1]), /^\[100\] a domain has at most 100 conditions/],
    [
      [...Array.from({ length: 201 }, () => '!'), ['a', '=', 1]],
      /^\[200\] a domain has at most 200 operators/,
    ],
  ])('%j', (given, expected) => {
    expect(problemOf(given)).toMatch(expected);
  });

  it('fault 100: however deep it is', () => {
    let deep: unknown = [['a', '=', 1]];
    for (let level = 0; level < 100_000; level++) {
      deep = [['a', 'any', deep]];
    }
    expect(problemOf(deep)).toMatch(/"any" stands in at most 4 others/);
  });

  it('whatever it is: never an exception', () => {
    const token = fc.oneof(fc.constantFrom('&', '|', '!', 'in', '='), fc.anything());
    fc.assert(
      fc.property(fc.array(fc.oneof(token, fc.tuple(token, token, token))), (given) => {
        expect(['ok', 'refused']).toContain(parseDomain(given).kind);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a domain in prefix notation', () => {
  const condition = (name: string): unknown[] => [name, '=', 1];

  /** As an expression in infix notation. */
  function shown(given: unknown): string {
    const parsed = parseDomain(given);
    return parsed.kind === 'ok' ? infix(parsed.value) : 'refused';
  }

  function infix(domain: Domain): string {
    switch (domain.kind) {
      case 'constant':
        return String(domain.value);
      case 'not':
        return `!${infix(domain.term)}`;
      case 'and':
      case 'or':
        return `(${domain.terms.map((term) => infix(term)).join(domain.kind === 'and' ? '&' : '|')})`;
      case 'condition':
        return domain.path.join('.');
    }
  }

  it.each<[unknown[], string]>([
    [[], 'true'],
    [[true], 'true'],
    [[condition('a')], 'a'],
    [[condition('a'), condition('b'), condition('c')], '(a&b&c)'],
    [['|', condition('a'), condition('b'), condition('c')], '((a|b)&c)'],
    [['&', condition('a'), '|', condition('b'), condition('c')], '(a&(b|c))'],
    [['!', '|', condition('a'), condition('b')], '!(a|b)'],
    [['|', '&', condition('a'), condition('b'), '!', condition('c')], '((a&b)|!c)'],
  ])('%j is %s', (given, expected) => {
    expect(shown(given)).toBe(expected);
  });

  it('up to its limits is read', () => {
    const { conditions } = domainLimits;
    const most = [
      ...Array.from({ length: conditions - 1 }, () => '|'),
      ...Array.from({ length: conditions }, () => condition('a')),
    ];
    expect(parseDomain(most).kind).toBe('ok');
  });
});
