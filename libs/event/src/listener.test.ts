import { describe, expect, it } from '@jest/globals';
import type { Change, Column, Row } from '#libs/change';
import { basicSubscription, defaultDeliverySettings, type Subscription } from '#libs/subscription';
import { source } from '../test/event-samples.js';
import { explain } from './explanation.js';
import { eventTypeOf, Listener } from './listener.js';
import { Subject } from './subject.js';

const columns: ReadonlyMap<string, Column> = new Map(
  (
    [
      { name: 'id', kind: 'int' },
      { name: 'state', kind: 'text' },
      { name: 'partner_id', kind: 'int' },
      { name: 'amount_total', kind: 'decimal', precision: 38, scale: 20 },
      { name: 'note', kind: 'text' },
      { name: 'write_date', kind: 'timestamp' },
    ] as const
  ).map((column) => [column.name, column]),
);
const before: Row = { id: 7, state: 'draft', partner_id: 9, amount_total: '50.00', note: null };
const after: Row = { ...before, state: 'sale', amount_total: '150.00' };
const included = JSON.stringify({
  partner_name: 'Azure Interior',
  order_line: [
    { id: 1, product_id: 42, product_uom_qty: 3, product_default_code: 'FURN_1' },
    { id: 2, product_id: 43, product_uom_qty: 1, product_default_code: null },
  ],
});

function subjectOf(given: Partial<Change> = {}): Subject {
  return new Subject({
    before,
    after,
    op: 'u',
    source,
    ts_ms: 0n,
    included,
    changed: ['state', 'amount_total'],
    ...given,
  });
}

interface Asked {
  eventTypes?: string[];
  own?: unknown;
  filter?: unknown;
  fieldChanges?: unknown;
  companyId?: number;
}

function listenerOf({
  eventTypes = ['sale.order.updated'],
  own,
  filter,
  fieldChanges,
  companyId,
}: Asked): Listener {
  const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
  const shape = { fields: null, included: null, language: null, companyId };
  const subscription: Subscription = {
    id: 's',
    applicationId: 'shop',
    database: 'acme',
    eventTypes,
    format: 'json',
    url: 'https://shop.example/hooks',
    secrets: [],
    enabled: true,
    enabledEpoch: 0,
    sinceMs: 0n,
    settings: defaultDeliverySettings,
    ...basicSubscription,
    ownEventTypes: text(own),
    filter: text(filter),
    fieldChanges: text(fieldChanges),
    shape: companyId === undefined ? null : text(shape),
  };
  return new Listener(subscription);
}

const wants = (asked: Asked, subject = subjectOf()): boolean => listenerOf(asked).wants(subject, columns);

describe('a listener wants a change', () => {
  it.each<[unknown[], boolean]>([
    [[['state', '=', 'sale']], true],
    [
      [
        ['before.state', '=', 'draft'],
        ['state', '=', 'sale'],
      ],
      true,
    ],
    [[['before.amount_total', '>=', 100]], false],
    [[['amount_total', '>', 100]], true],
    [[['changed', '=', 'state']], true],
    [[['changed', 'in', ['note', 'partner_id']]], false],
    [[['partner_id.name', 'ilike', 'azure']], true],
    [[['partner_id', '=', 9]], true],
    [[['order_line.product_id', 'in', [43]]], true],
    [[['order_line.product_id.default_code', '=like', 'FURN%']], true],
    [[['order_line.product_id.name', '=', 'x']], false],
    [
      [
        [
          'order_line',
          'any',
          [
            ['product_id', '=', 43],
            ['product_uom_qty', '>', 2],
          ],
        ],
      ],
      false,
    ],
    [[['order_line.product_uom_qty', '>', 2]], true],
  ])('by a filter over what it carries: %j: %j', (filter, expected) => {
    expect(wants({ filter })).toBe(expected);
  });

  it('of a delete by its row before; what was before a create is empty', () => {
    const deleted = subjectOf({ op: 'd', after: null, changed: null, included: null });
    expect(wants({ eventTypes: ['sale.order.deleted'], filter: [['state', '=', 'draft']] }, deleted)).toBe(
      true,
    );
    const created = subjectOf({ op: 'c', before: null, changed: null });
    expect(
      wants({ eventTypes: ['sale.order.created'], filter: [['before.state', '=', false]] }, created),
    ).toBe(true);
  });

  it.each<[unknown[], boolean]>([
    [[{ field: 'state' }], true],
    [[{ field: 'note' }], false],
    [[{ field: 'note' }, { field: 'amount_total' }], true],
    [[{ field: 'state', from: 'draft', to: 'sale' }], true],
    [[{ field: 'state', from: 'sent' }], false],
    [[{ field: 'state', to: ['done', 'sale'] }], true],
    [[{ field: 'note', from: false }], false],
    [[{ field: 'order_line' }], false],
  ])('by what changed: %j: %j', (fieldChanges, expected) => {
    expect(wants({ fieldChanges })).toBe(expected);
  });

  it('that is no update whatever field changes it asks for', () => {
    const created = subjectOf({ op: 'c', before: null, changed: null });
    expect(wants({ eventTypes: ['sale.order.created'], fieldChanges: [{ field: 'note' }] }, created)).toBe(
      true,
    );
  });

  it('of its company or of none, where it names one', () => {
    const ofCompany = (company_id: number | null): Subject =>
      subjectOf({ source: { ...source, company_id } });
    expect(wants({ companyId: 2 }, ofCompany(2))).toBe(true);
    expect(wants({ companyId: 2 }, ofCompany(null))).toBe(true);
    expect(wants({ companyId: 2 }, ofCompany(1))).toBe(false);
    expect(wants({}, ofCompany(1))).toBe(true);
  });

  it('fault 103: whatever stands in included, it is told or compared, never thrown as something else', () => {
    const filter = [['order_line.product_id', '=', 42]];
    for (const odd of [null, '{}', '{"order_line": []}', '{"order_line": [{}, {"product_id": "x"}]}']) {
      expect(wants({ filter }, subjectOf({ included: odd }))).toBe(false);
    }
    for (const odd of ['[]', '7', 'x', '{"order_line": 7}']) {
      expect(() => wants({ filter }, subjectOf({ included: odd }))).toThrow(
        expect.objectContaining({ code: 'VALUE_NOT_REPRESENTABLE' }),
      );
    }
  });
});

describe('event types', () => {
  const big = {
    name: 'shop.big_order',
    model: 'sale.order',
    description: '',
    operations: ['u'],
    changedAny: ['state'],
    before: [['state', '!=', 'sale']],
    after: [
      ['state', '=', 'sale'],
      ['amount_total', '>', 100],
    ],
  };

  it('of a database stand beside those of the catalogue, the first that a change bears names it', () => {
    const listener = listenerOf({ eventTypes: ['shop.big_order', 'sale.order.confirmed'], own: [big] });
    expect(eventTypeOf(listener, subjectOf(), columns)).toBe('shop.big_order');
    const small = subjectOf({ after: { ...after, amount_total: '99.99' } });
    expect(eventTypeOf(listener, small, columns)).toBe('sale.order.confirmed');
  });

  it('that nobody knows are borne by nothing', () => {
    const listener = listenerOf({ eventTypes: ['shop.gone'] });
    expect(eventTypeOf(listener, subjectOf(), columns)).toBeUndefined();
  });
});

describe('what cannot be asked', () => {
  it('a field that records do not have (any more) is told by name', () => {
    expect(() => wants({ filter: [['colour', '=', 'red']] })).toThrow(
      expect.objectContaining({
        code: 'FILTER_NOT_APPLICABLE',
        message: '[0][0]: sale.order has no captured field colour',
      }),
    );
  });

  it.each<[string, Partial<Subscription>]>([
    ['filter', { filter: '{' }],
    ['filter', { filter: '["&"]' }],
    ['fieldChanges', { fieldChanges: '{' }],
    ['ownEventTypes', { ownEventTypes: '{' }],
  ])('a subscription whose %s cannot be read says so', (part, broken) => {
    const { subscription } = listenerOf({});
    expect(() => new Listener({ ...subscription, ...broken })).toThrow(
      expect.objectContaining({
        code: 'SUBSCRIPTION_UNREADABLE',
        message: expect.stringContaining(`its ${part}: `) as unknown,
      }),
    );
  });
});

describe('why a change is for a subscription or not', () => {
  const why = (asked: Asked, subject = subjectOf()): unknown => explain(listenerOf(asked), subject, columns);

  it('the condition of the filter that decided, and what was found there', () => {
    const filter = ['&', ['state', '=', 'sale'], '|', ['amount_total', '>', 1000], ['partner_id', '=', 8]];
    expect(why({ filter })).toEqual({
      matches: false,
      eventType: 'sale.order.updated',
      decidedBy: [
        { part: 'filter', position: '[3]', holds: false, found: 150 },
        { part: 'filter', position: '[4]', holds: false, found: [9] },
      ],
    });
    expect(why({ filter: ['|', ['state', '=', 'sale'], ['partner_id', '=', 9]] })).toEqual({
      matches: true,
      eventType: 'sale.order.updated',
      decidedBy: [{ part: 'filter', position: '[1]', holds: true, found: 'sale' }],
    });
  });

  it.each<[string, Asked, Partial<Change>]>([
    ['eventTypes', { eventTypes: ['sale.order.created'] }, {}],
    ['eventTypes', {}, { changed: ['write_date'] }],
    ['fieldChanges', { fieldChanges: [{ field: 'note' }] }, {}],
    ['companyId', { companyId: 2 }, { source: { ...source, company_id: 1 } }],
  ])('before the filter: %s', (part, asked, change) => {
    expect(why(asked, subjectOf(change))).toMatchObject({ matches: false, decidedBy: [{ part }] });
  });

  it('nothing decided where all changes of the event type are wanted', () => {
    expect(why({})).toEqual({ matches: true, eventType: 'sale.order.updated', decidedBy: [] });
  });
});
