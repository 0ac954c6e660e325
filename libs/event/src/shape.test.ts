import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Column } from '#libs/change';
import { bodyFormats } from '#libs/subscription';
import { anyText, eventOf, paired } from '../test/event-samples.js';
import { orderColumns, orderIncluded, orderRow, shapeOf } from '../test/shape-samples.js';
import { renderBody } from './body.js';
import { parseShape, shapeProblems } from './parse-shape.js';

const event = eventOf({ row: orderRow, columns: orderColumns, change: { included: orderIncluded } });
const json = (shape: unknown): string => renderBody(event, 'json', shapeOf(shape)).toString('utf8');
/** What stands between `"data":` and the end. */
const data = (shape: unknown): string => /"data":(.*)\}$/s.exec(json(shape))?.[1] ?? '';

describe('a shape', () => {
  it('has the chosen fields in its order and under its names, with all their digits', () => {
    const fields = [{ field: 'amount_total', as: 'total' }, 'id', { field: 'note', as: 'remark' }];
    expect(data({ fields, included: {} })).toBe(
      '{"total":12345678901234567890.100000,"id":17,"remark":null}',
    );
  });

  it('has the chosen relations, their fields renamed, exact, and only the records that its filter keeps', () => {
    const order_line = {
      as: 'lines',
      fields: [{ field: 'price_unit', as: 'price' }, 'name', 'missing'],
      filter: [['product_id', '=', 42]],
    };
    expect(data({ fields: ['id'], included: { order_line } })).toBe(
      '{"id":17,"lines":[{"price":1.10000000000000000001,"name":"Chair","missing":null}]}',
    );
    expect(data({ fields: ['id'], included: { order_line: { filter: [['product_id', '=', 7]] } } })).toBe(
      '{"id":17,"order_line":[]}',
    );
    expect(data({ fields: ['id'], included: { partner_name: { as: 'customer' } } })).toBe(
      '{"id":17,"customer":"Azure"}',
    );
  });

  it('leaves what is included as it is, to the byte, where it chooses nothing of it', () => {
    expect(data({ fields: ['id'] })).toBe(`{"id":17,${orderIncluded.slice(1)}`);
  });

  it('gives translated texts in its language, in the database’s where there is no translation', () => {
    const fields = ['title'];
    expect(data({ fields, included: {}, language: 'fr_FR' })).toBe('{"title":"Table à manger"}');
    expect(data({ fields, included: {}, language: 'de_DE' })).toBe('{"title":"Table"}');
    expect(data({ fields, included: {} })).toBe('{"title":"Table"}');
    expect(data({ fields, included: {}, language: 'sr@Cyrl' })).toBe('{"title":"Table"}');
  });

  it('gives what differs by company as its company has it, with all its digits', () => {
    const fields = ['standard_price'];
    const of = (companyId: number): string => data({ fields, included: {}, companyId });
    expect(of(1)).toBe('{"standard_price":8.250000000000000001}');
    expect(of(2)).toBe('{"standard_price":null}');
    expect(of(3)).toBe('{"standard_price":null}');
    const row = { analytic_distribution: '{"1": 100.0}' };
    const distributed = eventOf({ row, columns: [{ name: 'analytic_distribution', kind: 'json' }] });
    const shape = shapeOf({ included: {}, companyId: 1 });
    expect(renderBody(distributed, 'json', shape).toString('utf8')).toContain(
      '"data":{"analytic_distribution":{"1": 100.0}}',
    );
  });

  it.each(bodyFormats)('lets a relation take the place of a column of its name in %s', (format) => {
    const shape = shapeOf({ included: { partner_name: { as: 'name' } } });
    const body = decodeURIComponent(renderBody(event, format, shape).toString('utf8'));
    expect(body).toContain('Azure');
    expect(body).not.toContain('S00017');
  });

  it('shapes the rows before and after alike', () => {
    const both = eventOf({
      row: orderRow,
      columns: orderColumns,
      change: { before: { ...orderRow, name: 'old' }, included: orderIncluded },
    });
    const shape = shapeOf({ fields: [{ field: 'name', as: 'n' }], included: {} });
    const body = renderBody(both, 'json-before-after', shape).toString('utf8');
    expect(body).toContain('"before":{"n":"old"},"after":{"n":"S00017"}}');
  });

  it('that asks for a field that records do not have (any more) says which', () => {
    expect(() => json({ fields: ['colour'] })).toThrow(
      expect.objectContaining({
        code: 'SHAPE_NOT_APPLICABLE',
        message: 'sale.order has no captured field colour',
      }),
    );
  });

  it('of a delete, which carries no related records, has none', () => {
    const deleted = eventOf({
      columns: orderColumns,
      change: { op: 'd', before: orderRow, after: null, included: null, changed: null },
    });
    const body = renderBody(deleted, 'json', shapeOf({ fields: ['id'], included: { order_line: true } }));
    expect(body.toString('utf8')).toContain('"data":{"id":17}}');
  });

  it('is the same in XML and as a form', () => {
    const shape = shapeOf({
      fields: [{ field: 'amount_total', as: 'total <&>' }],
      included: { order_line: { as: 'lines', fields: ['price_unit'] } },
    });
    expect(renderBody(event, 'xml', shape).toString('utf8')).toContain(
      '<data><field name="total &lt;&amp;&gt;" type="decimal">12345678901234567890.100000</field><relation name="lines">' +
        '<record><field name="price_unit" type="number">1.10000000000000000001</field></record>',
    );
    const form = new URLSearchParams(renderBody(event, 'form', shape).toString('utf8'));
    expect(form.get('data[total <&>]')).toBe('12345678901234567890.100000');
    expect(form.get('data[lines][0][price_unit]')).toBe('1.10000000000000000001');
  });

  it('whatever names it gives, the body is read back with them', () => {
    const names = fc.uniqueArray(
      anyText.filter(
        (name) =>
          parseShape({ fields: [{ field: 'name', as: name }] }).kind === 'ok' && paired(name) === name,
      ),
      { minLength: 2, maxLength: 2 },
    );
    fc.assert(
      fc.property(names, ([one = '', other = '']) => {
        const shape = shapeOf({
          fields: [{ field: 'name', as: one }],
          included: { order_line: { as: other, fields: ['id'] } },
        });
        const parsed = JSON.parse(renderBody(event, 'json', shape).toString('utf8')) as { data: unknown };
        expect(parsed.data).toEqual({ [one]: 'S00017', [other]: [{ id: 1 }, { id: 2 }] });
        const form = new URLSearchParams(renderBody(event, 'form', shape).toString('utf8'));
        expect([form.get(`data[${one}]`), form.get(`data[${other}][1][id]`)]).toEqual(['S00017', '2']);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a shape that is not right is refused where it is wrong', () => {
  it.each<[unknown, RegExp]>([
    [5, /^ a shape is an object/],
    [{ colour: 1 }, /^colour is not known here/],
    [{ fields: 'name' }, /^fields fields are a list/],
    [{ fields: [] }, /^fields fields are a list/],
    [{ fields: [5] }, /^fields\[0\] a field is a name/],
    [{ fields: ['a b'] }, /^fields\[0\] a field is a name/],
    [{ fields: [{ as: 'x' }] }, /^fields\[0\] a field is a name/],
    [{ fields: ['a', { field: 'b', as: '' }] }, /^fields\[1\].as a name in the body/],
    [{ fields: [{ field: 'b', as: '__proto__' }] }, /^fields\[0\].as a name in the body/],
    [{ fields: [{ field: 'b', as: 'a][b' }] }, /^fields\[0\].as .* no bracket or control/],
    [{ included: { order_line: { as: 'a\0' } } }, /^included.order_line.as .* no bracket or control/],
    [{ fields: ['a', { field: 'b', as: 'a' }] }, /^fields two things would be called "a"/],
    [{ fields: ['a'], included: { order_line: { as: 'a' } } }, /^included two things would be called "a"/],
    [{ included: [] }, /^included included is an object/],
    [{ included: { order_line: 5 } }, /^included.order_line a relation is true/],
    [{ included: { order_line: { filter: [['a', '=']] } } }, /^included.order_line.filter\[0\] a term is/],
    [{ language: 'french' }, /^language a language is a code/],
    [{ companyId: 'x' }, /^companyId a company is the id/],
  ])('%j', (given, expected) => {
    const parsed = parseShape(given);
    const [first] = parsed.kind === 'refused' ? parsed.problems : [];
    expect(`${first?.position ?? ''} ${first?.message ?? ''}`).toMatch(expected);
  });

  it('whatever it is: never an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ fields: fc.anything(), included: fc.anything() })),
        (given) => {
          expect(['ok', 'refused']).toContain(parseShape(given).kind);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const columns = new Map(orderColumns.map((column) => [column.name, column]));
  const lineColumns = new Map<string, Column>([['product_id', { name: 'product_id', kind: 'int' }]]);

  it.each<[unknown, string[]]>([
    [
      {
        fields: ['id'],
        included: { order_line: { fields: ['product_id', 'product_name'] }, partner_name: true },
      },
      [],
    ],
    [
      { fields: ['id', { field: 'name', as: 'partner_name' }] },
      [
        'fields[1].as: partner_name is what changes of sale.order carry beside the record: choose another name, or what of that is included',
      ],
    ],
    [{ fields: [{ field: 'id', as: 'order_line' }], included: {} }, []],
    [{ fields: ['id', 'colour'] }, ['fields[1]: sale.order has no captured field colour']],
    [
      { included: { partner_name: { fields: ['name'] } } },
      ['included.partner_name: partner_name is a text: it has no fields and no filter'],
    ],
    [
      { included: { picking_ids: true } },
      ['included.picking_ids: changes of sale.order do not carry picking_ids'],
    ],
    [
      { included: { order_line: { fields: ['colour'], filter: [['colour', '=', 1]] } } },
      [
        'included.order_line.fields[0]: sale.order.line has no captured field colour',
        'included.order_line.filter[0][0]: sale.order.line has no captured field colour',
      ],
    ],
  ])('with what a model does not have: %j', (given, expected) => {
    const problems = shapeProblems(shapeOf(given), 'sale.order', columns, () => lineColumns);
    expect(problems.map(({ position, message }) => `${position}: ${message}`)).toEqual(expected);
  });

  it('is kept in a form that is read as the same', () => {
    const shape = shapeOf({
      fields: ['id'],
      included: { order_line: true },
      language: 'fr_FR',
      companyId: 1,
    });
    expect(shapeOf(JSON.parse(JSON.stringify(shape)))).toEqual(shape);
  });
});
