import { describe, expect, it } from '@jest/globals';
import type { Change, Column, Operation, Row } from '#libs/change';
import { eventCatalogue, eventTypeNamed, eventTypesOf, isKnownEventType } from './event-catalogue.js';
import { EventTest, isEvent } from './event-type.js';
import { Subject } from './subject.js';

const source: Change['source'] = {
  version: '0.1.0',
  connector: 'odoo-relay',
  name: 'odoo.acme',
  ts_ms: 1_700_000_000_000n,
  db: 'acme',
  database: 'acme',
  epoch: 'e1',
  table: '',
  model: '',
  change_id: 'e1-7',
  sequence: 7n,
  tx: { id: '1', ordinal: 1n, total: 1n },
  user_id: null,
  company_id: null,
  snapshot: null,
};

function changeOf(
  model: string,
  op: Operation,
  rows: { before?: Row; after?: Row; changed?: string[] },
): Change {
  const { before = null, after = null, changed = null } = rows;
  return { op, before, after, changed, included: null, ts_ms: 0n, source: { ...source, model } };
}

function bears(change: Change, name: string): boolean {
  const type = eventTypeNamed(name);
  const test = type && EventTest.of(type);
  if (test?.kind === 'refused') {
    throw new Error(JSON.stringify(test.problems));
  }
  const isOfModel = type?.model === change.source.model;
  return isOfModel && test?.value.isBorneBy(new Subject(change), columns) === true;
}

/** Of all that the catalogue asks for. */
const columns: ReadonlyMap<string, Column> = new Map(
  (
    [
      ['state', 'text'],
      ['delivery_status', 'text'],
      ['payment_state', 'text'],
      ['move_type', 'text'],
      ['active', 'boolean'],
      ['quantity', 'float'],
      ['backorder_id', 'int'],
    ] as const
  ).map(([name, kind]) => [name, { name, kind }]),
);

describe('event types by name', () => {
  it('every captured model has created, updated and deleted, whatever the catalogue says of it', () => {
    expect(eventTypesOf(['product.product']).map(({ name }) => name)).toEqual([
      'product.product.created',
      'product.product.updated',
      'product.product.deleted',
    ]);
    expect(eventTypesOf(['sale.order']).map(({ name }) => name)).toContain('sale.order.confirmed');
  });

  it('a name is known only for models that are captured', () => {
    expect(isKnownEventType('sale.order.confirmed', ['sale.order'])).toBe(true);
    expect(isKnownEventType('sale.order.confirmed', ['res.partner'])).toBe(false);
    expect(isKnownEventType('res.partner.deleted', ['res.partner'])).toBe(true);
    expect(isKnownEventType('res.partner.deleted', [])).toBe(false);
  });

  it.each([
    '',
    '.created',
    'created',
    'res.partner',
    'res.partner.read',
    'res..partner.created',
    'Res.Partner.created',
  ])('%j is no event type', (name) => {
    expect(eventTypeNamed(name)).toBeUndefined();
  });

  it('every type of the list is found by its name, and no name stands twice', () => {
    const types = eventTypesOf([...new Set(eventCatalogue.map(({ model }) => model))]);
    expect(new Set(types.map(({ name }) => name)).size).toBe(types.length);
    expect(types.map(({ name }) => eventTypeNamed(name))).toEqual(types);
  });
});

describe('what is an event', () => {
  it('an update of nothing but write_date and write_uid is none', () => {
    const touched = changeOf('sale.order', 'u', { changed: ['write_date', 'write_uid'] });
    expect(isEvent(touched)).toBe(false);
    expect(isEvent({ ...touched, changed: [] })).toBe(false);
    expect(isEvent({ ...touched, changed: ['write_date', 'state'] })).toBe(true);
  });

  it('a row that a snapshot read is none, a create and a delete always are', () => {
    expect(isEvent(changeOf('sale.order', 'r', { after: {} }))).toBe(false);
    expect(isEvent(changeOf('sale.order', 'c', { after: {} }))).toBe(true);
    expect(isEvent(changeOf('sale.order', 'd', { before: {} }))).toBe(true);
  });
});

describe('the catalogue', () => {
  it('a raw type is borne by its operation on its model alone', () => {
    const created = changeOf('res.partner', 'c', { after: { id: 1 } });
    expect(bears(created, 'res.partner.created')).toBe(true);
    expect(bears(created, 'res.partner.updated')).toBe(false);
    expect(bears(created, 'res.partner.deleted')).toBe(false);
    expect(bears(created, 'sale.order.created')).toBe(false);
  });

  it('product.created is the template, not the variant', () => {
    expect(bears(changeOf('product.template', 'c', { after: {} }), 'product.created')).toBe(true);
    expect(bears(changeOf('product.product', 'c', { after: {} }), 'product.created')).toBe(false);
  });

  it('product.price_changed needs a list_price that changed', () => {
    const rows = { before: { list_price: '1.00' }, after: { list_price: '2.00' } };
    expect(
      bears(changeOf('product.template', 'u', { ...rows, changed: ['list_price'] }), 'product.price_changed'),
    ).toBe(true);
    expect(
      bears(changeOf('product.template', 'u', { ...rows, changed: ['name'] }), 'product.price_changed'),
    ).toBe(false);
    expect(bears(changeOf('product.template', 'c', { after: rows.after }), 'product.price_changed')).toBe(
      false,
    );
  });

  it.each([
    ['c', null, '5.00', true],
    ['c', null, '0.00', false],
    ['c', null, null, false],
    ['d', '5.00', null, true],
    ['d', '0.0000', null, false],
    ['d', '-0.00', null, false],
    ['d', 0, null, false],
    ['c', null, 0.5, true],
  ] as const)('stock.quantity_changed on %s from %s to %s: %s', (op, before, after, expected) => {
    const rows = op === 'c' ? { after: { quantity: after } } : { before: { quantity: before } };
    expect(bears(changeOf('stock.quant', op, rows), 'stock.quantity_changed')).toBe(expected);
  });

  it('stock.quantity_changed is not borne by an update of the reserved quantity', () => {
    const rows = { before: { quantity: '5.00' }, after: { quantity: '5.00' } };
    expect(
      bears(
        changeOf('stock.quant', 'u', { ...rows, changed: ['reserved_quantity'] }),
        'stock.quantity_changed',
      ),
    ).toBe(false);
    expect(
      bears(changeOf('stock.quant', 'u', { ...rows, changed: ['quantity'] }), 'stock.quantity_changed'),
    ).toBe(true);
  });

  it('sale.order.confirmed needs the state to become sale, not to be sale', () => {
    const confirmed = {
      before: { state: 'draft' },
      after: { state: 'sale' },
      changed: ['state', 'date_order'],
    };
    expect(bears(changeOf('sale.order', 'u', confirmed), 'sale.order.confirmed')).toBe(true);
    expect(
      bears(
        changeOf('sale.order', 'u', { ...confirmed, before: { state: 'sale' }, changed: ['note'] }),
        'sale.order.confirmed',
      ),
    ).toBe(false);
    expect(
      bears(
        changeOf('sale.order', 'u', {
          before: { state: 'sale' },
          after: { state: 'cancel' },
          changed: ['state'],
        }),
        'sale.order.confirmed',
      ),
    ).toBe(false);
  });

  it('a change of an order by its lines is an update, but confirms nothing', () => {
    const byLine = changeOf('sale.order', 'u', {
      before: { state: 'sale' },
      after: { state: 'sale' },
      changed: ['order_line'],
    });
    expect(isEvent(byLine)).toBe(true);
    expect(bears(byLine, 'sale.order.updated')).toBe(true);
    expect(bears(byLine, 'sale.order.confirmed')).toBe(false);
  });

  it('without a list of what changed, the rows are compared', () => {
    const rows = { before: { state: 'draft' }, after: { state: 'sale' } };
    expect(bears(changeOf('sale.order', 'u', rows), 'sale.order.confirmed')).toBe(true);
    expect(bears(changeOf('sale.order', 'u', { ...rows, before: rows.after }), 'sale.order.confirmed')).toBe(
      false,
    );
  });
});
