import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import type { Column } from '#libs/change';
import { bodyFormats } from '#libs/subscription';
import { allKinds, anyText, eventOf, row } from '../test/event-samples.js';
import { bodySchema } from './body-schema.js';
import { renderBody } from './body.js';
import { eventCatalogue, eventTypeNamed } from './event-catalogue.js';
import type { EventType } from './event-type.js';
import { exampleEvent } from './example-event.js';

const jsonFormats = ['json', 'json-before-after', 'cloudevents', 'cloudevents-binary'] as const;

/** The columns that the catalogue speaks of. */
const columns = new Map(
  (
    [
      { name: 'id', kind: 'int' },
      { name: 'name', kind: 'text' },
      { name: 'list_price', kind: 'float' },
      { name: 'active', kind: 'boolean' },
      { name: 'quantity', kind: 'decimal', precision: 38, scale: 20 },
      { name: 'state', kind: 'text' },
      { name: 'delivery_status', kind: 'text' },
      { name: 'backorder_id', kind: 'int' },
      { name: 'move_type', kind: 'text' },
      { name: 'payment_state', kind: 'text' },
      { name: 'labels', kind: 'json' },
      { name: 'write_date', kind: 'timestamp' },
    ] satisfies Column[]
  ).map((column): [string, Column] => [column.name, column]),
);

function complaints(schema: object, body: string): unknown {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  const isValid = ajv.compile(schema);
  return isValid(JSON.parse(body)) ? [] : isValid.errors;
}

const rawTypes = ['product.template.created', 'sale.order.updated', 'res.partner.deleted'].map(
  (name) => eventTypeNamed(name) as EventType,
);

describe('the JSON Schema of an event type', () => {
  it.each([...eventCatalogue, ...rawTypes].map((type) => [type.name, type] as const))(
    '%s: its example is an event of it, and fulfils the schema of every format',
    (_, type) => {
      const example = exampleEvent(type, 'acme', columns);
      expect(example).toMatchObject({ type: type.name, change: { op: type.operations[0] } });
      for (const format of jsonFormats) {
        const schema = bodySchema(format, type, columns) ?? {};
        const body = example === undefined ? '' : String(renderBody(example, format));
        expect([format, complaints(schema, body)]).toEqual([format, []]);
      }
    },
  );

  it('is fulfilled whatever the values are', () => {
    const event = eventOf({ row });
    const type = eventTypeNamed('sale.order.updated') as EventType;
    const schemas = jsonFormats.map(
      (format) => [format, bodySchema(format, type, event.columns) ?? {}] as const,
    );
    const values = fc.record({
      name: fc.option(anyText),
      rate: fc.option(fc.double()),
      active: fc.option(fc.boolean()),
      big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      amount: fc.constantFrom(null, '0.10', '-12345678901234567890.5'),
    });
    fc.assert(
      fc.property(values, (given) => {
        const changed = eventOf({ row: { ...row, ...given } });
        for (const [format, schema] of schemas) {
          expect(complaints(schema, String(renderBody(changed, format)))).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a body of another event type, and one without its id', () => {
    const type = eventTypeNamed('sale.order.deleted') as EventType;
    const body = String(renderBody(eventOf({ row }), 'json'));
    const schema = bodySchema('json', type, new Map(allKinds.map((column) => [column.name, column]))) ?? {};
    expect(complaints(schema, body)).not.toEqual([]);
    const right = bodySchema('json', eventTypeNamed('sale.order.updated') as EventType, undefined) ?? {};
    expect(complaints(right, body)).toEqual([]);
    expect(complaints(right, body.replace('"change_id"', '"other"'))).not.toEqual([]);
  });

  it('exists for every format that is JSON', () => {
    const type = eventTypeNamed('sale.order.updated') as EventType;
    const withOne = bodyFormats.filter((format) => bodySchema(format, type, columns) !== undefined);
    expect(withOne.toSorted()).toEqual([...jsonFormats].toSorted());
  });
});

describe('an example', () => {
  const own = (fields: Partial<EventType>): EventType => ({
    name: 'shop.own',
    model: 'sale.order',
    description: '',
    operations: ['u'],
    ...fields,
  });

  it('goes from what was to what is', () => {
    const example = exampleEvent(
      own({
        changedAny: ['state'],
        before: [['quantity', '>=', 10]],
        after: [['state', 'in', ['sale', 'done']]],
      }),
      'acme',
      columns,
    );
    expect(example?.change).toMatchObject({
      before: { quantity: '10' },
      after: { state: 'sale' },
      changed: ['state'],
    });
  });

  it('is left out where no values can be put in, or the columns are not there', () => {
    const either = ['|', ['state', '=', 'sale'], ['state', '=', 'done']];
    expect(exampleEvent(own({ after: either }), 'acme', columns)).toBeUndefined();
    expect(exampleEvent(own({ after: [['colour', '=', 1]] }), 'acme', columns)).toBeUndefined();
  });
});
