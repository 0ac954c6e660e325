import { describe, expect, it } from '@jest/globals';
import { bindDomain, related, type Field, type Scope } from './bind-domain.js';
import { parseDomain } from './parse-domain.js';
import { requiredValues } from './required-values.js';
import type { FieldType, FieldValue } from './value-tests.js';

type Row = Readonly<Record<string, unknown>>;

const types: Readonly<Record<string, FieldType>> = {
  name: 'text',
  total: 'number',
  active: 'boolean',
  day: 'date',
  at: 'datetime',
  any: 'unknown',
};

const value = (name: string, type: FieldType): Field<Row> => ({
  kind: 'value',
  type,
  read: (row) => (row[name] ?? null) as FieldValue,
});
const rowsOf = (row: Row): readonly Row[] => (row['lines'] ?? []) as Row[];
const lines: Scope<Row> = { name: 'line', field: (name) => value(name, 'unknown') };
const scope: Scope<Row> = {
  name: 'order',
  field: (name) => {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type !== undefined) return value(name, type);
    if (name === 'partner_id') {
      const ids = (row: Row): number[] => (typeof row['partner_id'] === 'number' ? [row['partner_id']] : []);
      return { kind: 'relation', ids, records: undefined };
    }
    if (name === 'lines') {
      return {
        kind: 'relation',
        ids: (row) => rowsOf(row).map((line) => Number(line['id'])),
        records: related(lines, rowsOf),
      };
    }
    return name === 'changed'
      ? { kind: 'names', read: (row) => (row['changed'] ?? []) as string[] }
      : { kind: 'refused', reason: `order has no field ${name}` };
  },
};

function bound(domain: unknown): (row: Row) => boolean {
  const parsed = parseDomain(domain);
  const result = parsed.kind === 'ok' ? bindDomain(parsed.value, scope) : parsed;
  if (result.kind === 'refused') throw new Error(JSON.stringify(result.problems));
  return result.value;
}

const holds = (domain: unknown, row: Row): boolean => bound(domain)(row);

describe('what a condition compares', () => {
  it.each<[unknown[], Row, boolean]>([
    [['name', '=', false], {}, true],
    [['name', '=', ''], { name: null }, true],
    [['name', '!=', 'a'], {}, true],
    [['name', 'not ilike', 'a'], {}, true],
    [['name', 'ilike', 'ÄB'], { name: 'xäby' }, true],
    [['name', 'like', 'ÄB'], { name: 'xäby' }, false],
    [['name', '=like', 'a%'], { name: 'abc' }, true],
    [['name', 'not =ilike', 'A%'], { name: 'abc' }, false],
    [['name', '=?', false], { name: 'x' }, true],
    [['name', '=?', 'y'], { name: 'x' }, false],
    [['name', '>', 'a'], { name: 'b' }, true],
    [['total', '=', false], { total: 0 }, true],
    [['total', '<', 1], {}, true],
    [['total', 'in', [1.5, 2]], { total: 1.5 }, true],
    [['total', 'not in', []], { total: 1 }, true],
    [['active', '=', true], { active: null }, false],
    [['active', '!=', true], {}, true],
    [['day', '<', '2026-01-02'], { day: '2026-01-01' }, true],
    [['day', '<', '2026-01-02'], {}, false],
    [['day', '=', '2026-01-02 10:00:00'], { day: '2026-01-02' }, true],
    [['at', '=', '2026-01-02 10:00:00'], { at: '2026-01-02T10:00:00.999999' }, true],
    [['at', '<=', '2026-01-02'], { at: '2026-01-02T23:59:59.999999' }, true],
    [['at', '>', '2026-01-02'], { at: '2026-01-02T23:59:59.999999' }, false],
    [['at', '>=', '2026-01-02T10:00Z'], { at: '2026-01-02T10:00:00.000000' }, true],
    [['partner_id', '=', 7], { partner_id: 7 }, true],
    [['partner_id', 'not in', [7, false]], {}, false],
    [['lines', 'in', [2, 3]], { lines: [{ id: 3 }] }, true],
    [['lines', '=', false], { lines: [] }, true],
    [['lines.qty', '>', 4], { lines: [{ qty: 3 }, { qty: 5 }] }, true],
    [['lines.qty', '>', 4], {}, false],
    [
      [
        'lines',
        'any',
        [
          ['qty', '>', 4],
          ['id', '=', 1],
        ],
      ],
      {
        lines: [
          { id: 1, qty: 3 },
          { id: 2, qty: 5 },
        ],
      },
      false,
    ],
    [['lines', 'not any', [['qty', '>', 4]]], { lines: [] }, true],
    [['lines.sent', '<', '2026-01-02'], { lines: [{ sent: '2026-01-01 10:00:00' }] }, true],
    [['changed', 'in', ['a', 'b']], { changed: ['b'] }, true],
    [['changed', '!=', 'a'], { changed: ['a', 'b'] }, false],
  ])('%j of %j: %j', (condition, row, expected) => {
    expect(holds([condition], row)).toBe(expected);
  });

  it.each<[string, Row]>([
    ['missing', {}],
    ['a list', { any: [1], total: [1], name: ['a'] }],
    ['an object', { any: {}, total: {}, name: {} }],
    ['of another type', { any: 5, total: 'x', name: 7 }],
  ])('fault 103: a value that is %s is compared without an exception', (_, row) => {
    for (const condition of [
      ['any', '=', 'a'],
      ['any', '<', 3],
      ['any', 'ilike', 'a'],
      ['total', '>', 3],
      ['name', 'like', 'a%'],
    ]) {
      expect([true, false]).toContain(holds([condition], row));
    }
  });

  it('fault 101: names of the prototype are fields like others', () => {
    expect(() => bound([['__proto__', '=', 1]])).toThrow('order has no field __proto__');
    expect(() => bound([['constructor', '=', 1]])).toThrow('order has no field constructor');
    const hostile = JSON.parse('{"__proto__": 1}') as Row;
    expect(holds([['lines.__proto__', '=', 1]], { lines: [hostile] })).toBe(true);
    expect(holds([['lines.__proto__', '=', 1]], { lines: [{}] })).toBe(false);
  });
});

describe('what cannot be compared is refused at its place', () => {
  it.each<[unknown[], string]>([
    [['nothing', '=', 1], '[0][0]: order has no field nothing'],
    [['name.x', '=', 1], '[0][0]: name is no relation'],
    [['partner_id.name', '=', 'x'], '[0][0]: a change does not carry what partner_id points to'],
    [['partner_id', 'ilike', 'x'], '[0]: partner_id is a relation'],
    [['partner_id', '=', 'Azure'], '[0]: partner_id is a relation'],
    [['partner_id', '>', 3], '[0]: partner_id is a relation'],
    [['total', '=', 'many'], '[0]: it is compared with "many", not with a number'],
    [['total', 'ilike', 'x'], '[0]: ilike is for texts'],
    [['name', '=', 5], '[0]: it is compared with 5, not with a text'],
    [['active', '>', true], '[0]: > is for numbers, texts and dates'],
    [['day', '=', 'today'], '[0]: it is compared with "today", not with a date'],
    [['at', '<', '2026-02-30'], '[0]: it is compared with "2026-02-30", not with a date or a moment'],
    [['changed', '=', 5], '[0]: it is a list of fields'],
    [['name', 'any', []], '[0]: any and not any are for relations'],
  ])('%j', (condition, expected) => {
    const parsed = parseDomain([condition]);
    const result = parsed.kind === 'ok' ? bindDomain(parsed.value, scope) : parsed;
    const problems = result.kind === 'refused' ? result.problems : [];
    expect(problems.map(({ position, message }) => `${position}: ${message}`).join()).toContain(expected);
  });

  it('all of it is told at once', () => {
    const parsed = parseDomain(['|', ['a', '=', 1], ['b', '=', 1]]);
    const result = parsed.kind === 'ok' ? bindDomain(parsed.value, scope) : parsed;
    expect(result.kind === 'refused' ? result.problems.length : 0).toBe(2);
  });
});

describe('a value that a record must have for a domain to hold', () => {
  const required = (domain: unknown): unknown => {
    const parsed = parseDomain(domain);
    return parsed.kind === 'ok' ? requiredValues(parsed.value) : undefined;
  };

  it.each<[unknown, unknown]>([
    [[['state', '=', 'sale']], { field: 'state', values: ['sale'] }],
    [['&', ['a', '>', 1], ['partner_id', 'in', [7, 8]]], { field: 'partner_id', values: [7, 8] }],
    [
      [
        ['state', 'in', ['a', 'b']],
        ['active', '=', true],
      ],
      { field: 'active', values: [true] },
    ],
    [['|', ['state', '=', 'sale'], ['a', '=', 'b']], undefined],
    [['!', ['state', '=', 'sale']], undefined],
    [[['state', 'in', ['sale', false]]], undefined],
    [[['active', '=', false]], undefined],
    [[['amount_total', '=', 5]], undefined],
    [[['day', '=', '2026-01-01']], undefined],
    [[['lines.product_id', '=', 5]], undefined],
    [[['changed', '=', 'state']], undefined],
    [[['state', 'in', []]], undefined],
  ])('%j: %j', (domain, expected) => {
    expect(required(domain)).toEqual(expected);
  });
});
