import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allKinds, anyText, eventOf, paired, row, source, type Given } from '../test/event-samples.js';
import { contentTypeOf, renderBody } from './body.js';

const json = (given: Given): string => renderBody(eventOf(given), 'json').toString('utf8');

describe('the JSON body', () => {
  it('has the envelope fields, then the row as data', () => {
    expect(JSON.parse(json({ columns: allKinds.slice(4, 6) }))).toEqual({
      type: 'sale.order.updated',
      timestamp: '2025-11-23T12:13:20.123Z',
      change_id: 'e1-7',
      sequence: 9_007_199_254_740_992,
      database: 'acme',
      model: 'sale.order',
      record_id: 7,
      op: 'u',
      changed: ['name'],
      data: { active: false, name: row['name'] },
    });
  });

  it('64-bit integers and decimals keep every digit', () => {
    const body = json({});
    expect(body).toContain('"sequence":9007199254740993,');
    expect(body).toContain('"big":9007199254740993,');
    expect(body).toContain('"amount":12345678901234567890.100000,');
    expect(body).toContain('"rate":1e+21,');
  });

  it('binary columns are base64', () => {
    const columns = [
      { name: 'image', kind: 'binary' },
      { name: 'scan', kind: 'binary' },
    ] as const;
    const body = json({ columns, row: { image: Buffer.from([0, 255, 10]), scan: null } });
    expect(body).toContain('"data":{"image":"AP8K","scan":null}');
  });

  it('datetimes say that they are UTC, json columns are JSON, empty is null', () => {
    const body = json({});
    expect(body).toContain('"at":"2025-11-23T12:13:20.123456Z"');
    expect(body).toContain('"labels":{"en_US": "Table", "n": 0.10000000000000000001}');
    expect(body).toContain('"nothing":null');
    expect(body).toContain('"day":"9999-12-31"');
  });

  it('fault 34: a column that the row lacks is null, never undefined, and a float that is no number is text', () => {
    expect(JSON.parse(json({ row: { rate: Infinity } }))).toMatchObject({
      data: { id: null, rate: 'Infinity' },
    });
    expect(JSON.parse(json({ row: { rate: NaN } }))).toMatchObject({ data: { rate: 'NaN' } });
    expect(json({ row: { rate: -0 } })).toContain('"rate":0,');
  });

  it('a delete carries the row as it was, and no list of changes', () => {
    const body = json({ change: { op: 'd', before: { id: 3 }, after: null, changed: null } });
    expect(JSON.parse(body)).toMatchObject({ op: 'd', changed: null, data: { id: 3 } });
  });

  it('related records stand under their name, digits kept, in place of a column of that name', () => {
    const included = ' {"name": {"id": 1}, "order_line": [{"id": 1, "qty": 1.10000000000000000001}]} ';
    const body = json({ change: { included } });
    expect(body).toContain('"order_line": [{"id": 1, "qty": 1.10000000000000000001}]}}');
    expect(JSON.parse(body)).toMatchObject({ data: { id: 7, name: { id: 1 } } });
    expect(body.match(/"name":/g)).toHaveLength(1);
    expect(JSON.parse(json({ change: { included: '{}' } }))).toMatchObject({ data: { id: 7 } });
    expect(JSON.parse(json({ columns: [], change: { included } }))).toMatchObject({
      data: { name: { id: 1 } },
    });
  });

  it.each([
    ['a decimal that is no number', { row: { amount: '1e5' } }],
    ['a decimal with markup', { row: { amount: '1,"x":2' } }],
    ['a json column that is no JSON', { row: { labels: '{"a":' } }],
    ['json of 100,000 levels', { row: { labels: '['.repeat(100_000) + ']'.repeat(100_000) } }],
    ['included that is no object', { change: { included: '[]' } }],
    ['included that is no JSON', { change: { included: '{} {}' } }],
    ['a moment that no calendar has', { change: { source: { ...source, ts_ms: 9n ** 18n } } }],
  ] as [string, Given][])('%s is refused with a reason', (_, given) => {
    expect(() => json(given)).toThrow(expect.objectContaining({ code: 'VALUE_NOT_REPRESENTABLE' }));
  });

  it('whatever a text or a name holds, it is parsed back equal, halves of pairs as U+FFFD', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText.filter((name) => name !== '__proto__'),
        anyText,
        (value, name, type) => {
          const body = renderBody(
            eventOf({ row: { [name]: value }, columns: [{ name, kind: 'text' }], type }),
            'json',
          );
          const parsed = JSON.parse(body.toString('utf8')) as { type: string; data: Record<string, unknown> };
          expect(parsed.type).toBe(paired(type));
          expect(parsed.data).toEqual({ [paired(name)]: paired(value) });
          expect(Buffer.from(body.toString('utf8'))).toEqual(body);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('numbers of every size are written with their own digits', () => {
    const decimals = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 9_999 }));
    fc.assert(
      fc.property(
        decimals,
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.double(),
        ([whole, part], big, rate) => {
          const amount = `${String(whole)}.${String(part).padStart(4, '0')}`;
          const body = json({ row: { amount, big, rate } });
          expect(body).toContain(`"amount":${amount},`);
          expect(body).toContain(`"big":${String(big)},`);
          const parsed = JSON.parse(body) as { data: { rate: unknown } };
          expect(Number(parsed.data.rate)).toBe(Object.is(rate, -0) ? 0 : rate);
        },
      ),
    );
  });
});

it('each format says its content type', () => {
  expect([contentTypeOf('json'), contentTypeOf('xml')]).toEqual(['application/json', 'application/xml']);
});
