import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { authorizationHeader, readAuthorizationHeader } from './authorization-header.js';

const read = (header: string): unknown => {
  const result = readAuthorizationHeader(header);
  return result.kind === 'read' ? result.parameters : result.kind;
};

describe('an Authorization header of OAuth 1.0a', () => {
  it('is read as RFC 5849 shows it (3.5.1)', () => {
    const header =
      'OAuth realm="Example",\n oauth_consumer_key="0685bd9184jfhq22",\n oauth_token="ad180jjd733klru7"';
    expect(read(header.replaceAll('\n', ''))).toEqual([
      ['oauth_consumer_key', '0685bd9184jfhq22'],
      ['oauth_token', 'ad180jjd733klru7'],
    ]);
  });

  it.each([
    [
      'small letters, no space',
      'oauth a="1",b="2"',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'spaces around',
      'OAuth  a = "1" ,  b="2"  ',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a realm with commas and quotes', String.raw`OAuth realm="a, \"b\"=", b="2"`, [['b', '2']]],
    [
      'encoded values, a name twice',
      'OAuth a="%2B%c3%a4", a=""',
      [
        ['a', '+ä'],
        ['a', ''],
      ],
    ],
    ['nothing', 'OAuth', []],
    ['another scheme', 'Bearer x', 'absent'],
    ['a scheme that begins alike', 'OAuth2 a="1"', 'absent'],
    ['no quotes', 'OAuth a=1', 'malformed'],
    ['half a value', 'OAuth a="1', 'malformed'],
    ['no comma', 'OAuth a="1" b="2"', 'malformed'],
    ['a comma too many', 'OAuth a="1",', 'malformed'],
    ['a value that is not encoded', 'OAuth a="1+2"', 'malformed'],
    ['a percent sign alone', 'OAuth a="1%2"', 'malformed'],
    ['no UTF-8', 'OAuth a="%FF"', 'malformed'],
    ['a control character', 'OAuth a="%00"', 'malformed'],
    ['no pair', 'OAuth a', 'malformed'],
  ])('%s', (_, header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('is read as it was written, whatever the names and values', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/\p{Cc}/u.test(value));
    const name = text.filter((value) => value !== '' && value.toLowerCase() !== 'realm');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, text)), (parameters) => {
        expect(read(authorizationHeader(parameters, 'https://a.example/'))).toEqual(parameters);
      }),
    );
  });

  it('of any form is read without an error, in time', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        readAuthorizationHeader(`OAuth ${text}`);
      }),
    );
    const startedMs = performance.now();
    readAuthorizationHeader(`OAuth ${'a="\\'.repeat(4_000)}${'\t'.repeat(8_000)}`);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
