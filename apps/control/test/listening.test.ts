import { beforeAll, describe, expect, it } from '@jest/globals';
import { changeTopic, envelopeSchema, type Column } from '#libs/change';
import { bodyFormats } from '#libs/subscription';
import { eventually } from '../../../test/harness/eventually.js';
import { Api, controlUnderTest, type Answer } from './control-under-test.js';

const control = controlUnderTest();
let api: Api;

const orderColumns: readonly Column[] = [
  { name: 'id', kind: 'int' },
  { name: 'state', kind: 'text' },
  { name: 'partner_id', kind: 'int' },
  { name: 'amount_total', kind: 'decimal', precision: 38, scale: 20 },
  { name: 'date_order', kind: 'timestamp' },
  { name: 'labels', kind: 'json' },
];
const lineColumns: readonly Column[] = [
  { name: 'id', kind: 'int' },
  { name: 'product_id', kind: 'int' },
  { name: 'product_uom_qty', kind: 'decimal', precision: 38, scale: 20 },
];

beforeAll(async () => {
  const capture = async (table: string, columns: readonly Column[], generation?: number): Promise<void> => {
    const schema = envelopeSchema({ database: 'acme', table, columns });
    await control.registry.register(changeTopic('acme', table, generation), 'value', schema);
  };
  await capture('sale_order', [{ name: 'old_column', kind: 'text' }]);
  await capture('sale_order', orderColumns, 2);
  await capture('sale_order_line', lineColumns);
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
});

const orders = { eventTypes: ['sale.order.updated'] };

function errorsOf(answer: Answer): string[] {
  const errors = (answer.body['errors'] ?? []) as { field: string; code: string; message: string }[];
  return errors.map(({ field, code, message }) => `${field} ${code}: ${message}`);
}

async function refusal(fields: Record<string, unknown>): Promise<string[]> {
  const body = { database: 'acme', url: 'https://shop.example/hooks', ...orders, ...fields };
  const answer = await api.call('POST', '/v1/subscriptions', { body });
  expect(answer.status).toBe(422);
  return errorsOf(answer);
}

describe('a filter', () => {
  const filter = ['&', ['state', '=', 'sale'], ['order_line.product_id', 'in', [42, 43]]];

  it('is kept as given, shown, published, changed and taken away', async () => {
    const created = await api.create({ ...orders, filter });
    expect(created['filter']).toEqual(filter);
    expect((await control.publishedStates()).get(created.id)?.filter).toBe(JSON.stringify(filter));
    const path = `/v1/subscriptions/${created.id}`;
    const other = [['amount_total', '>', 1000]];
    expect((await api.call('PATCH', path, { body: { filter: other } })).body['filter']).toEqual(other);
    expect((await api.call('PATCH', path, { body: { format: 'xml' } })).body['filter']).toEqual(other);
    expect((await api.call('PATCH', path, { body: { filter: null } })).body['filter']).toBeNull();
    expect((await control.publishedStates()).get(created.id)?.filter).toBeNull();
  });

  it.each<[unknown, RegExp]>([
    ['state = sale', /^filter invalid: must be an Odoo domain/],
    [['&', ['state', '=', 'sale']], /^filter\[0\] bad_filter: "&" stands before two terms/],
    [[['colour', '=', 'red']], /^filter\[0\]\[0\] bad_filter: sale.order has no captured field colour/],
    [[['old_column', '=', 'x']], /has no captured field old_column/],
    [[['partner_id', 'ilike', 'Azure']], /partner_id is a relation.*"partner_id.name"/],
    [[['partner_id.vat', '=', 'x']], /does not carry partner_id.vat, only partner_id.name/],
    [[['order_line.colour', '=', 'x']], /sale.order.line has no captured field colour/],
    [[['amount_total', '=', 'much']], /compared with "much", not with a number/],
    [[['labels', '=', 'x']], /labels holds JSON/],
    [[['state', 'child_of', 1]], /^filter\[0\]\[1\] bad_filter: an operator is one of/],
  ])('that cannot be asked is refused with the place and the reason: %j', async (given, expected) => {
    const [first] = await refusal({ filter: given });
    expect(first).toMatch(expected);
  });

  it('on a column that has vanished keeps nobody from changing something else', async () => {
    const partners = async (name: string, generation?: number): Promise<void> => {
      const shape = { database: 'globex', table: 'res_partner', columns: [{ name, kind: 'text' }] } as const;
      const topic = changeTopic('globex', 'res_partner', generation);
      await control.registry.register(topic, 'value', envelopeSchema(shape));
    };
    const onPartners = { eventTypes: ['res.partner.updated'], filter: [['nickname', '=', 'x']] };
    await partners('nickname');
    const created = await api.create({ database: 'globex', ...onPartners });
    await partners('name', 2);
    const path = `/v1/subscriptions/${created.id}`;
    await eventually(async () => {
      const refused = await api.call('PATCH', path, { body: { filter: onPartners.filter } });
      return errorsOf(refused)[0]?.includes('res.partner has no captured field nickname');
    });
    expect((await api.call('PATCH', path, { body: { format: 'xml' } })).status).toBe(200);
  });

  it('is checked against the event types that there will be, also where only these are changed', async () => {
    const created = await api.create({ ...orders, filter });
    const answer = await api.call('PATCH', `/v1/subscriptions/${created.id}`, {
      body: { eventTypes: ['sale.order.line.updated'] },
    });
    expect(errorsOf(answer)[0]).toMatch(
      /^filter\[1\]\[0\] bad_filter: sale.order.line has no captured field state/,
    );
  });

  it('on a model of which nothing was captured yet is refused, because nobody knows its fields', async () => {
    const [first] = await refusal({ eventTypes: ['res.partner.updated'], filter: [['name', '=', 'x']] });
    expect(first).toMatch(
      /^filter not_captured: cannot be checked: nothing of res.partner in acme was captured yet/,
    );
  });
});

describe('field changes', () => {
  it('are kept, published and taken away', async () => {
    const fieldChanges = [{ field: 'state', from: 'draft', to: ['sale', 'sent'] }, { field: 'order_line' }];
    const created = await api.create({ ...orders, fieldChanges });
    expect(created['fieldChanges']).toEqual(fieldChanges);
    const published = (await control.publishedStates()).get(created.id)?.fieldChanges;
    expect(JSON.parse(published ?? 'null')).toEqual(fieldChanges);
    const changed = await api.call('PATCH', `/v1/subscriptions/${created.id}`, {
      body: { fieldChanges: null },
    });
    expect(changed.body['fieldChanges']).toBeNull();
  });

  it.each<[unknown, RegExp]>([
    [
      [{ field: 'colour' }],
      /^fieldChanges\[0\].field bad_field_change: sale.order has no captured field colour/,
    ],
    [
      [{ field: 'state' }, { field: 'amount_total', to: 'x' }],
      /^fieldChanges\[1\].to bad_field_change: .*not with a number/,
    ],
    [[{ field: 'state', from: { a: 1 } }], /^fieldChanges\[0\].from bad_field_change: a value is/],
    [[], /at least one field, or be null/],
    [[{ to: 'x' }], /must be the name of a field/],
    ['state', /^fieldChanges invalid: must be a list such as/],
  ])('that there cannot be are refused: %j', async (given, expected) => {
    const errors = await refusal({ fieldChanges: given });
    expect(errors.join('\n')).toMatch(expected);
  });
});

describe('a shape', () => {
  const shape = {
    fields: ['state', { field: 'amount_total', as: 'total' }],
    included: { order_line: { as: 'lines', filter: [['product_id', '=', 42]] } },
    language: 'fr_FR',
  };

  it('is kept, published, and taken away', async () => {
    const created = await api.create({ ...orders, shape });
    const kept = {
      fields: [
        { field: 'state', as: 'state' },
        { field: 'amount_total', as: 'total' },
      ],
      included: { order_line: { as: 'lines', fields: null, filter: [['product_id', '=', 42]] } },
      language: 'fr_FR',
      companyId: null,
    };
    expect(created['shape']).toEqual(kept);
    expect(JSON.parse((await control.publishedStates()).get(created.id)?.shape ?? '')).toEqual(kept);
    const path = `/v1/subscriptions/${created.id}`;
    expect((await api.call('PATCH', path, { body: { format: 'form' } })).body['shape']).toEqual(kept);
    expect((await api.call('PATCH', path, { body: { shape: null } })).body['shape']).toBeNull();
  });

  it.each<[unknown, RegExp]>([
    ['name', /^shape invalid: must be an object/],
    [{ fields: ['colour'] }, /^shape.fields\[0\] bad_shape: sale.order has no captured field colour/],
    [{ fields: [] }, /^shape.fields bad_shape: fields are a list/],
    [{ colour: 1 }, /^shape.colour bad_shape: is not known here/],
    [
      { included: { order_line: { fields: ['colour'] } } },
      /^shape.included.order_line.fields\[0\] bad_shape/,
    ],
    [
      { included: { picking_ids: true } },
      /^shape.included.picking_ids bad_shape: changes of sale.order do not carry/,
    ],
  ])('that there cannot be is refused: %j', async (given, expected) => {
    expect((await refusal({ shape: given })).join('\n')).toMatch(expected);
  });
});

it.each(bodyFormats)('%s can be asked for', async (format) => {
  const created = await api.create({ ...orders, format });
  expect((await control.publishedStates()).get(created.id)?.format).toBe(format);
});

describe('an event type of a database', () => {
  const path = '/v1/databases/acme/event-types/shop.big_order';
  const definition = {
    model: 'sale.order',
    description: 'An order of more than 1,000 was confirmed.',
    operations: ['updated'],
    changedAny: ['state'],
    before: [['state', '!=', 'sale']],
    after: [
      ['state', '=', 'sale'],
      ['amount_total', '>', 1000],
    ],
  };

  it('is created, listed, subscribed to, published with who names it, and deleted once nobody does', async () => {
    const put = await api.call('PUT', path, { body: definition });
    expect([put.status, put.body]).toEqual([200, { name: 'shop.big_order', ...definition, own: true }]);
    const { body } = await api.get('/v1/event-types?database=acme&limit=200');
    expect(body['data']).toContainEqual(put.body);
    const created = await api.create({ eventTypes: ['shop.big_order', 'sale.order.created'] });
    const published = async (): Promise<{ name: string; after: unknown }[]> =>
      JSON.parse((await control.publishedStates()).get(created.id)?.ownEventTypes ?? '[]') as never;
    expect(await published()).toMatchObject([
      { name: 'shop.big_order', operations: ['u'], after: definition.after },
    ]);

    await api.call('PUT', path, { body: { ...definition, after: [['state', '=', 'sale']] } });
    expect(await published()).toMatchObject([{ after: [['state', '=', 'sale']] }]);

    const inUse = await api.call('DELETE', path);
    expect([inUse.status, inUse.body['code']]).toEqual([409, 'event_type_in_use']);
    expect(inUse.body['detail']).toMatch(/^subscriptions that name it: 1;/);
    await api.call('DELETE', `/v1/subscriptions/${created.id}`);
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect((await api.call('DELETE', path)).body['code']).toBe('event_type_not_found');
  });

  it('of one database is unknown in another', async () => {
    await api.call('PUT', path, { body: definition });
    const [first] = await refusal({ database: 'globex', eventTypes: ['shop.big_order'] });
    expect(first).toMatch(/^eventTypes unknown_event_type/);
    const { body } = await api.get('/v1/event-types?database=globex&limit=200');
    expect(JSON.stringify(body)).not.toContain('shop.big_order');
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['sale.order.confirmed', {}, /^name name_taken: is taken/],
    ['sale.order.updated', {}, /^name name_taken: is taken/],
    ['Shop', {}, /^name invalid: must be 2 to 5 words/],
    ['shop.x', { model: 'crm.lead' }, /^model unknown_model: is no captured model/],
    ['shop.x', { operations: [] }, /^operations invalid: must name at least one/],
    ['shop.x', { operations: ['read'] }, /^operations invalid: must hold only/],
    [
      'shop.x',
      { changedAny: ['colour'] },
      /^changedAny\[0\] bad_condition: sale.order has no captured field colour/,
    ],
    [
      'shop.x',
      { after: [['colour', '=', 1]] },
      /^after\[0\]\[0\] bad_condition: sale.order has no captured field/,
    ],
    [
      'shop.x',
      { before: [['order_line', '!=', false]] },
      /^before\[0\]\[0\] bad_condition: sale.order has no captured field order_line/,
    ],
    ['shop.x', { model: 'res.partner', changedAny: undefined }, /^model not_captured/],
  ])('that is not right is refused: %s %j', async (name, fields, expected) => {
    const answer = await api.call('PUT', `/v1/databases/acme/event-types/${name}`, {
      body: { ...definition, ...fields },
    });
    expect([answer.status, errorsOf(answer)[0]]).toEqual([422, expect.stringMatching(expected)]);
  });

  it('of a database that is not known is not found', async () => {
    const answer = await api.call('PUT', '/v1/databases/nowhere/event-types/shop.x', { body: definition });
    expect([answer.status, answer.body['code']]).toEqual([404, 'database_not_found']);
  });
});

describe('an event type that is read', () => {
  interface Detail {
    example: string | null;
    schema: { properties: Record<string, { properties: Record<string, unknown> }> } | null;
  }
  const detail = async (path: string): Promise<Answer['body'] & Detail> => {
    const answer = await api.get(path);
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
    return answer.body as Answer['body'] & Detail;
  };

  it.each(bodyFormats)('has an example of its body as %s, and its schema', async (format) => {
    const read = await detail(`/v1/event-types/sale.order.confirmed?database=acme&format=${format}`);
    expect(read).toMatchObject({ name: 'sale.order.confirmed', model: 'sale.order', own: false, format });
    expect(read.example).toMatch(/state.{1,30}sale/);
    expect([format, read.schema === null]).toEqual([format, format === 'xml' || format === 'form']);
    expect(read['xsd']).toBe(format === 'xml' ? '/v1/schemas/event.xsd' : null);
  });

  it("speaks of the table's columns as they are now", async () => {
    const { schema, example } = await detail('/v1/event-types/sale.order.confirmed?database=acme');
    expect(Object.keys(schema?.properties['data']?.properties ?? {})).toEqual([
      ...orderColumns.map(({ name }) => name),
      'order_line',
      'partner_name',
    ]);
    expect(JSON.parse(example ?? '')).toMatchObject({ op: 'u', changed: ['state'], data: { state: 'sale' } });
  });

  it('has no example before anything of its model was captured', async () => {
    const { schema, example } = await detail('/v1/event-types/partner.created?database=acme');
    expect([example, Object.keys(schema?.properties['data']?.properties ?? {})]).toEqual([null, []]);
  });

  it.each([
    ['/v1/event-types/no.such?database=acme', 404, /there is no event type "no.such": GET/],
    ['/v1/event-types/sale.order.confirmed?database=none', 422, /names no known Odoo database/],
    ['/v1/event-types/sale.order.confirmed?database=acme&format=yaml', 422, /must be one of json/],
  ])('that is not there is told: %s', async (path, status, expected) => {
    const answer = await api.get(path);
    expect([answer.status, answer.body['detail']]).toEqual([status, expect.stringMatching(expected)]);
  });

  it('names the XML Schema, which anybody may read', async () => {
    const answer = await fetch(`${api.url}/v1/schemas/event.xsd`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/xml; charset=utf-8',
    ]);
    expect(await answer.text()).toContain('<xs:element name="event">');
  });
});
