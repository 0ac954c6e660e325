import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Column, Value } from '#libs/change';
import { anyText, eventOf, row, type Given } from '../test/event-samples.js';
import { childrenNamed, dataOf, parseXml, xmlable, xmlField } from '../test/xml-reader.js';
import { renderBody } from './body.js';
import { xmlBody } from './xml-body.js';

const xml = (given: Given): string => xmlBody(eventOf(given));

describe('the XML body', () => {
  it('has the envelope as elements and one field a column with its type', () => {
    const event = parseXml(xml({}));
    expect(event.name).toBe('event');
    const texts = Object.fromEntries(event.children.slice(0, 8).map(({ name, text }) => [name, text]));
    expect(texts).toEqual({
      type: 'sale.order.updated',
      timestamp: '2025-11-23T12:13:20.123Z',
      change_id: 'e1-7',
      sequence: '9007199254740993',
      database: 'acme',
      model: 'sale.order',
      record_id: '7',
      op: 'u',
    });
    expect(childrenNamed(childrenNamed(event, 'changed')[0], 'field').map(({ text }) => text)).toEqual([
      'name',
    ]);
    const written = dataOf(xml({}))?.children.map(({ attributes, text }) => [
      attributes['name'],
      attributes['type'],
      text,
    ]);
    expect(written).toEqual([
      ['id', 'integer', '7'],
      ['big', 'integer', '9007199254740993'],
      ['rate', 'float', '1e+21'],
      ['amount', 'decimal', '12345678901234567890.100000'],
      ['active', 'boolean', 'false'],
      ['name', 'text', row['name']],
      ['day', 'date', '9999-12-31'],
      ['at', 'datetime', '2025-11-23T12:13:20.123456Z'],
      ['labels', 'json', row['labels']],
      ['nothing', 'text', ''],
    ]);
  });

  it('binary columns are base64', () => {
    const columns: Column[] = [{ name: 'image', kind: 'binary' }];
    const field = xmlField(xml({ columns, row: { image: Buffer.from([0, 255, 10]) } }), 'image');
    expect(field).toMatchObject({ text: 'AP8K', attributes: { type: 'base64' } });
  });

  it('null is marked and differs from empty text', () => {
    const body = xml({ row: { name: '' } });
    expect(xmlField(body, 'name')?.attributes).not.toHaveProperty('nil');
    expect(xmlField(body, 'nothing')?.attributes).toHaveProperty('nil', 'true');
  });

  it('has no list of changes where there is none', () => {
    expect(childrenNamed(parseXml(xml({ change: { changed: null } })), 'changed')).toEqual([]);
  });

  it('floats without a number are written as XML Schema does', () => {
    const texts = [Infinity, -Infinity, NaN].map((rate) => xmlField(xml({ row: { rate } }), 'rate')?.text);
    expect(texts).toEqual(['INF', '-INF', 'NaN']);
  });

  it('related records are relations of records, their numbers exact, deeper values as JSON', () => {
    const included =
      '{"order_line": [{"id": 1, "qty": 1.10000000000000000001, "name": "a\\"<b", "ok": true, "tag": null, "more": {"x": [1, 2.50, "n1", false, null]}}], "partner": {"name": "Azure"}, "count": 3, "none": []}';
    const data = dataOf(xml({ columns: [], change: { included } }));
    const [lines, partner, count, none] = data?.children ?? [];
    expect([lines, partner, none].map((element) => element?.name)).toEqual([
      'relation',
      'relation',
      'relation',
    ]);
    const fields = lines?.children[0]?.children.map(({ attributes, text }) => ({ ...attributes, text }));
    expect(fields).toEqual([
      { name: 'id', type: 'number', text: '1' },
      { name: 'qty', type: 'number', text: '1.10000000000000000001' },
      { name: 'name', type: 'text', text: 'a"<b' },
      { name: 'ok', type: 'boolean', text: 'true' },
      { name: 'tag', nil: 'true', text: '' },
      { name: 'more', type: 'json', text: '{"x":[1,2.50,"n1",false,null]}' },
    ]);
    expect(partner?.children[0]?.children[0]).toMatchObject({ attributes: { name: 'name' }, text: 'Azure' });
    expect(count).toMatchObject({ name: 'field', attributes: { name: 'count', type: 'number' }, text: '3' });
    expect(none?.children).toEqual([]);
  });

  it.each([
    ['a list', '[]'],
    ['a number', '3'],
    ['no JSON', '{"a":'],
    ['70 levels deep', '{"order_line": '.repeat(70) + '1' + '}'.repeat(70)],
  ])('included that is %s is refused with a reason', (_, included) => {
    expect(() => xml({ change: { included } })).toThrow(
      expect.objectContaining({ code: 'VALUE_NOT_REPRESENTABLE' }),
    );
  });

  it('a name cannot become markup, and no name is special', () => {
    const hostile = 'a><evil/';
    const body = xml({ row: { [hostile]: 'x' }, columns: [{ name: hostile, kind: 'text' }] });
    expect(xmlField(body, hostile)?.text).toBe('x');
    expect(body).not.toContain('<evil');
    const polluted = xml({
      columns: [],
      change: { included: '{"__proto__": [{"__proto__": "x", "constructor": 1}]}' },
    });
    expect(dataOf(polluted)?.children[0]?.children[0]?.children.map(({ text }) => text)).toEqual(['x', '1']);
  });

  it('whatever a text or a name holds, it is well-formed and parsed back equal, or with U+FFFD as documented', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (value, name, type) => {
        const columns: Column[] = [{ name, kind: 'text' }];
        const body = renderBody(
          eventOf({ row: { [name]: value }, columns, type, change: { changed: [name] } }),
          'xml',
        );
        const event = parseXml(body.toString('utf8'));
        const field = childrenNamed(event, 'data')[0]?.children[0];
        expect(field?.attributes['name']).toBe(xmlable(name));
        expect(field?.text).toBe(xmlable(value));
        expect(event.children[0]?.text).toBe(xmlable(type));
        expect(childrenNamed(event, 'changed')[0]?.children[0]?.text).toBe(xmlable(name));
        expect(Buffer.from(body.toString('utf8'))).toEqual(body);
      }),
      { numRuns: 2_000 },
    );
  });

  it('whatever related records hold, they are well-formed and parsed back equal, or with U+FFFD as documented', () => {
    const scalar: fc.Arbitrary<Value> = fc.oneof(
      anyText,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, scalar)), (entries) => {
        const record = new Map(entries.filter(([name]) => name !== '__proto__' && !/^\d+$/.test(name)));
        const included = JSON.stringify({ order_line: [Object.fromEntries(record)] });
        const written = dataOf(xml({ columns: [], change: { included } }))?.children[0]?.children[0]
          ?.children;
        expect(written?.map(({ attributes, text }) => [attributes['name'], text])).toEqual(
          [...record].map(([name, value]) => [
            xmlable(name),
            typeof value === 'string' ? xmlable(value) : JSON.stringify(value),
          ]),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('a text of five megabytes of quotes is no problem', () => {
    const included = JSON.stringify({ order_line: [{ name: '\\"'.repeat(2_500_000) }] });
    expect(xml({ columns: [], change: { included } }).length).toBeGreaterThan(5_000_000);
  });
});
