import { describe, expect, it } from '@jest/globals';
import { nextPath, withNext } from './next-path.js';

describe('where to go on after signing in', () => {
  it.each([
    '/',
    '/account',
    '/oauth/authorize?client_id=a&redirect_uri=https%3A%2F%2Fshop.example%2Fcb',
    '/a#b',
  ])('may be a path of our own: %s', (path) => {
    expect(nextPath(path)).toBe(path);
  });

  it.each([
    ['another host', '//evil.example/'],
    ['another host by a backslash', '/\\evil.example/'],
    ['another host by two backslashes', '\\\\evil.example/'],
    ['a backslash further on', '/a\\..\\evil.example'],
    ['another host behind a tab, which browsers leave out', '/\t/evil.example/'],
    ['another host behind a line feed', '/\n/evil.example/'],
    ['a header behind the path', '/account\r\nset-cookie: a=b'],
    ['a URL', 'https://evil.example/'],
    ['a URL without slashes', 'https:evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a relative path', 'account'],
    ['a space before', ' /account'],
    ['nothing', ''],
    ['letters that are not ASCII', '/ünder'],
    ['a list', ['/account']],
    ['nobody', undefined],
    ['more than a path can be', `/${'a'.repeat(9_000)}`],
  ])('is never %s', (_, given) => {
    expect(nextPath(given)).toBeUndefined();
  });

  it('is carried from page to page as one parameter', () => {
    expect(withNext('/sign-in', undefined)).toBe('/sign-in');
    const path = withNext('/sign-in', '/oauth/authorize?a=1&b=2');
    expect(new URL(path, 'http://own.invalid').searchParams.get('next')).toBe('/oauth/authorize?a=1&b=2');
  });
});
