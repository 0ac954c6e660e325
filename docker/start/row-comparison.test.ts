import { describe, expect, it } from '@jest/globals';
import type { Value } from '#libs/change';
import type { ColumnType } from '#sample';
import { rowDifferences } from './row-comparison.js';

const equal: readonly [ColumnType, string | null, Value][] = [
  ['numeric', '69.330', '69.33'],
  ['numeric', '-0.00', '0'],
  ['numeric', '12345678901234567890.5', '12345678901234567890.5'],
  ['numeric', '100', '100.000000'],
  ['numeric', 'NaN', 'NaN'],
  ['integer', '12', 12],
  ['bigint', '9007199254740993', 9007199254740993n],
  ['float', '11.030000000000001', 11.030000000000001],
  ['boolean', 'f', false],
  ['text', 'é\n漢', 'é\n漢'],
  ['date', '2026-11-23', '2026-11-23'],
  ['timestamp', '2026-11-23 17:44:39', '2026-11-23T17:44:39.000000'],
  ['timestamp', '2026-11-23 17:44:39.63', '2026-11-23T17:44:39.630000'],
  ['jsonb', '{"a": 1, "b": {"d": 2, "c": 3}}', '{"b":{"c":3,"d":2},"a":1}'],
  ['text', null, null],
];

const different: readonly [ColumnType, string | null, Value][] = [
  ['numeric', '69.33', '69.34'],
  ['numeric', '12345678901234567890.5', '12345678901234567890.6'],
  ['integer', '12', 13],
  ['boolean', 't', false],
  ['timestamp', '2026-11-23 17:44:39.63', '2026-11-23T17:44:39.063000'],
  ['jsonb', '{"a": 1}', '{"a": "1"}'],
  ['text', '', null],
  ['text', null, ''],
];

describe('a row of a topic and the row its client read', () => {
  it.each(equal)('are equal for %s %s and %s', (type, expected, actual) => {
    expect(rowDifferences({ c: expected }, { c: type }, { c: actual })).toEqual([]);
  });

  it.each(different)('differ for %s %s and %s', (type, expected, actual) => {
    expect(rowDifferences({ c: expected }, { c: type }, { c: actual })).toHaveLength(1);
  });

  it('differ when a column with a value is missing, and when the row is', () => {
    expect(rowDifferences({ c: 'a' }, { c: 'text' }, {})).toEqual(['c is null instead of a']);
    expect(rowDifferences({ c: 'a' }, { c: 'text' }, null)).toEqual(['the row is missing']);
    expect(rowDifferences(null, {}, { c: 'a' })).toEqual(['the row is there, but should not be']);
  });

  it('are compared in all languages of a translated column', () => {
    const expected = { name: '{"en_US": "Saw", "fr_FR": "Scie"}' };
    const types = { name: 'jsonb' } as const;
    const right = { name: 'Saw', name__translations: '{"fr_FR":"Scie","en_US":"Saw"}' };
    expect(rowDifferences(expected, types, right)).toEqual([]);
    expect(rowDifferences(expected, types, { ...right, name: 'Scie' })).toHaveLength(1);
    expect(rowDifferences(expected, types, { ...right, name__translations: '{"en_US":"Saw"}' })).toHaveLength(
      1,
    );
  });
});
