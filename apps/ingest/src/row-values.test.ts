import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { capturedColumn, isDenied, topicColumns, type CapturedColumn } from './column-types.js';
import { splitRow, stringOf, valuesOf } from './row-text.js';
import { changedColumns, RowTyper } from './row-values.js';

/** As Postgres prints jsonb: one space after `:` and `,`. */
function jsonbText(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(jsonbText).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${jsonbText(each)}`);
    return `{${pairs.join(', ')}}`;
  }
  return JSON.stringify(value);
}

function typer(types: Record<string, string>, language = 'en_US'): RowTyper {
  const columns = new Map<string, CapturedColumn>();
  for (const [name, type] of Object.entries(types)) {
    const [bare = '', translated] = type.split('!');
    const captured = capturedColumn({ name, type: bare, translated: translated !== undefined });
    if (captured !== undefined) {
      columns.set(name, captured);
    }
  }
  return new RowTyper(columns, language);
}

function value(type: string, text: string, language?: string): unknown {
  return typer({ c: type }, language).typed(`{"c": ${text}}`).row['c'];
}

describe('the text of a row', () => {
  it('is split into the exact texts of its values, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (row) => {
        const text = jsonbText(row);
        const expected = Object.entries(row).map(([key, each]) => [key, jsonbText(each)]);
        expect([...splitRow(text)]).toEqual(expected);
        const keys = Object.keys(row).map((key) => `${JSON.stringify(key)}: `);
        expect(valuesOf(text, keys)).toEqual(expected.map(([, each]) => each));
      }),
    );
  });

  it('is not taken for one with other keys', () => {
    expect(valuesOf('{"a": 1, "b": 2}', ['"a": '])).toBeUndefined();
    expect(valuesOf('{"a": 1}', ['"a": ', '"b": '])).toBeUndefined();
    expect(valuesOf('{"b": 1}', ['"a": '])).toBeUndefined();
  });

  it('gives strings with their escapes undone', () => {
    expect(stringOf('"a\\"\\\\\\n\\u00e9"')).toBe('a"\\\né');
  });
});

describe('a value', () => {
  it.each([
    ['integer', '2147483647', 2147483647],
    ['bigint', '9007199254740993', 9007199254740993n],
    ['numeric', '12345678901234567.12345678901234567890', '12345678901234567.1234567890123456789'],
    ['numeric', '0.00000000000000000001', '0.00000000000000000001'],
    ['numeric', '-12.00', '-12'],
    ['numeric', '100', '100'],
    ['numeric(10,2)', '0.10', '0.1'],
    ['double precision', '304.79999999999995', 304.79999999999995],
    ['double precision', '"Infinity"', Infinity],
    ['boolean', 'false', false],
    ['date', '"2024-02-29"', '2024-02-29'],
    ['timestamp without time zone', '"2026-11-23T17:44:39.6"', '2026-11-23T17:44:39.600000'],
    ['timestamp without time zone', '"0001-01-01T00:00:00"', '0001-01-01T00:00:00.000000'],
    ['timestamp with time zone', '"2026-01-01T01:30:00.000001+05:30"', '2025-12-31T20:00:00.000001'],
    ['character varying', '"S\\"1"', 'S"1'],
    ['integer[]', '[1, 2]', '[1, 2]'],
    ['jsonb', '{"1": 100.0}', '{"1": 100.0}'],
    ['jsonb', '12345678901234567890', '12345678901234567890'],
    ['integer', 'null', null],
    ['jsonb', 'null', null],
  ])('of %s %s keeps all it holds', (type, text, expected) => {
    expect(value(type, text)).toEqual(expected);
  });

  it.each([
    ['integer', '2147483648'],
    ['integer', '1.5'],
    ['numeric', '1234567890123456789'],
    ['numeric', '0.000000000000000000001'],
    ['numeric', '"NaN"'],
    ['numeric(4,2)', '123.45'],
    ['date', '"infinity"'],
    ['date', '"0044-03-15 BC"'],
    ['timestamp without time zone', '"10000-01-01T00:00:00"'],
    ['boolean', '"yes"'],
  ])('of %s that is %s is refused, not rounded', (type, text) => {
    expect(() => value(type, text)).toThrow(expect.objectContaining({ code: 'VALUE_NOT_REPRESENTABLE' }));
  });

  it('of a translated column is the text in the language, else in en_US, with all languages beside it', () => {
    const texts = '{"en_US": "Box", "fr_FR": "Boîte"}';
    expect(value('jsonb!translated', texts, 'fr_FR')).toBe('Boîte');
    expect(value('jsonb!translated', texts, 'de_DE')).toBe('Box');
    expect(value('jsonb!translated', 'null')).toBeNull();
    const { row } = typer({ name: 'jsonb!translated' }).typed(`{"name": ${texts}}`);
    expect(row['name__translations']).toBe(texts);
  });
});

describe('a row', () => {
  it('leaves out columns that are not known, and does not fit then, nor when it lacks one', () => {
    const one = typer({ id: 'integer' });
    expect(one.typed('{"id": 1, "x_new": 2}')).toMatchObject({ row: { id: 1 }, fits: false });
    expect(one.typed('{"id": 1}')).toMatchObject({ row: { id: 1 }, fits: true });
    expect(typer({ id: 'integer', gone: 'text' }).typed('{"id": 1}').fits).toBe(false);
  });

  it.each([
    ['character varying', '5', '"5"'],
    ['character varying', '{"en_US": "a"}', '"{}"'],
    ['jsonb!translated', '"a"', '{"en_US": "a"}'],
    ['double precision', '0.12345678901234567890', '0.00012345678901234567'],
    ['double precision', '123456789012345678', '1000000000000000000000000'],
  ])('with a column of type %s does not fit when it holds %s, but with %s', (type, other, right) => {
    expect(typer({ c: type }).typed(`{"c": ${other}}`).fits).toBe(false);
    expect(typer({ c: type }).typed(`{"c": ${right}}`).fits).toBe(true);
    expect(typer({ c: type }).typed('{"c": null}').fits).toBe(true);
  });

  it('names what differs from another, by value and not by text', () => {
    const rows = typer({ id: 'integer', price: 'numeric', name: 'jsonb!translated', gone: 'text' });
    const before = rows.typed('{"id": 1, "gone": "x", "name": {"en_US": "a", "fr_FR": "b"}, "price": 1.0}');
    const same = rows.typed(
      '{"id": 1, "gone": "x", "name": {"en_US": "a", "fr_FR": "c"}, "price": 1.00}',
      before,
    );
    expect(changedColumns(before, same)).toEqual(['name__translations']);
    const other = rows.typed('{"id": 1, "name": {"en_US": "z", "fr_FR": "b"}, "price": 2}', before);
    expect(changedColumns(before, other).sort()).toEqual(['gone', 'name', 'name__translations', 'price']);
  });
});

describe('columns', () => {
  it('get a safe name where Postgres has one that Avro has not, and a decimal as wide as declared', () => {
    const [column] = topicColumns(
      [capturedColumn({ name: 'x_a$b', type: 'numeric(16,3)', translated: false })].flatMap(
        (one) => one ?? [],
      ),
    );
    expect(column).toEqual({ name: 'x_a_x24_b', kind: 'decimal', precision: 16, scale: 3 });
  });

  it('that hold secrets or files never leave the database', () => {
    const named = (name: string, type = 'character varying'): boolean =>
      isDenied({ name, type, translated: false }, 'res.partner', []);
    expect(
      ['password', 'access_token', 'totp_secret', 'signup_token', 'oauth_access_token'].every((name) =>
        named(name),
      ),
    ).toBe(true);
    expect(named('image_128', 'bytea')).toBe(true);
    expect(['name', 'passport_number', 'secretary', 'tokenizer'].some((name) => named(name))).toBe(false);
    expect(named('payment_token_id', 'integer')).toBe(false);
  });
});

describe('a row before whose value its column cannot hold', () => {
  const rows = typer({ id: 'integer', amount: 'numeric(5,2)' });
  const tooExact = (id: number): string => `{"id": ${id}, "amount": 1.23456}`;

  it('is read without that value and does not fit', () => {
    expect(rows.earlier(tooExact(1))).toMatchObject({ row: { id: 1, amount: null }, fits: false });
  });

  it('does not make the same value of the row after be taken for null', () => {
    const before = rows.earlier(tooExact(1));
    expect(() => rows.typed(tooExact(2), before)).toThrow(
      expect.objectContaining({ code: 'VALUE_NOT_REPRESENTABLE' }),
    );
  });
});
