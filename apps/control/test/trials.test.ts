import { beforeAll, describe, expect, it } from '@jest/globals';
import { refusalOf } from '../../../test/harness/signatures.js';
import { Api, controlUnderTest, type Answer } from './control-under-test.js';
import { OrderChanges } from './order-changes.js';

const control = controlUnderTest();
let api: Api;

beforeAll(async () => {
  const orders = await OrderChanges.open(control);
  const readAtMs = 1_795_451_071_000;
  const amounts: [number, string][] = [
    [1, '50.00'],
    [2, '1500.50'],
    [1, '70.00'],
  ];
  await orders.publish(
    ...amounts.map(([id, amount], n) => orders.confirmed(id, { amount_total: amount }, readAtMs + n)),
  );
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
});

const draft = {
  database: 'acme',
  eventTypes: ['sale.order.confirmed'],
  url: 'https://shop.example/hooks',
  filter: ['&', ['state', '=', 'sale'], ['amount_total', '>', 1000]],
};

const trial = (body: Record<string, unknown>): Promise<Answer> => api.call('POST', '/v1/try', { body });

interface Tried {
  changeId: string;
  matches: boolean;
  request: { url: string; headers: Record<string, string>; body: string } | null;
}

async function tried(body: Record<string, unknown>): Promise<Tried[]> {
  const answer = await trial(body);
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return answer.body['data'] as Tried[];
}

describe('a subscription that is tried', () => {
  it('says of the last changes, the newest first, whether they match and which condition decided', async () => {
    const data = await tried({ subscription: draft });
    expect(data).toMatchObject([
      {
        changeId: 'e1-3',
        record: 'sale.order,1',
        op: 'u',
        changed: ['state'],
        matches: false,
        eventType: 'sale.order.confirmed',
        decidedBy: [{ part: 'filter', position: '[2]', holds: false, found: 70 }],
        problem: null,
        request: null,
      },
      {
        changeId: 'e1-2',
        matches: true,
        decidedBy: [{ position: '[1]' }, { position: '[2]', found: 1500.5 }],
      },
      { changeId: 'e1-1', matches: false },
    ]);
  });

  it('shows the exact request, of one that is there signed with its secret', async () => {
    const created = await api.create(draft);
    const [match] = await tried({ subscriptionId: created.id, changeId: 'e1-2' });
    const { url, headers = {}, body = '' } = match?.request ?? {};
    expect(url).toBe('https://shop.example/hooks');
    expect(JSON.parse(body)).toMatchObject({ type: 'sale.order.confirmed', change_id: 'e1-2' });
    expect(body).toContain('"amount_total":1500.5');
    expect(headers['content-type']).toBe('application/json');
    expect(refusalOf({ headers, body: Buffer.from(body) }, created.secret)).toBeUndefined();
    const [drafted] = await tried({ subscription: draft, changeId: 'e1-2' });
    expect(drafted?.request?.body).toBe(body);
    expect(drafted?.request?.headers['webhook-signature']).toBeUndefined();
  });

  it('can be tried on one record, on one change, on so many', async () => {
    const ids = async (fields: Record<string, unknown>): Promise<string[]> =>
      (await tried({ subscription: draft, ...fields })).map(({ changeId }) => changeId);
    expect(await ids({ recordId: 1 })).toEqual(['e1-3', 'e1-1']);
    expect(await ids({ changeId: 'e1-1' })).toEqual(['e1-1']);
    expect(await ids({ limit: 1 })).toEqual(['e1-3']);
    expect(await ids({ changeId: 'e9-9' })).toEqual([]);
    expect(await ids({ model: 'sale.order', limit: 50 })).toHaveLength(3);
  });

  it('on a model of which there is no topic yet has nothing to show', async () => {
    expect(
      await tried({ subscription: { ...draft, filter: null, eventTypes: ['product.created'] } }),
    ).toEqual([]);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{}, /subscriptionId or subscription must be given/],
    [{ subscriptionId: `sub_${'0'.repeat(26)}`, subscription: draft }, /not both/],
    [{ subscriptionId: `sub_${'0'.repeat(26)}` }, /subscriptionId names no subscription/],
    [{ subscriptionId: 'x' }, /must be the id of a subscription/],
    [{ subscription: 5 }, /must be a subscription as/],
    [
      { subscription: { ...draft, filter: [['colour', '=', 1]] } },
      /subscription.filter\[0\]\[0\] sale.order has no captured field/,
    ],
    [{ subscription: { ...draft, eventTypes: ['x'] } }, /subscription.eventTypes holds "x"/],
    [{ subscription: draft, model: 'res.partner' }, /model is none of its event types' models/],
    [{ subscription: draft, limit: 51 }, /limit must be a whole number/],
  ])('that is not right is refused: %j', async (body, expected) => {
    const answer = await trial(body);
    expect([answer.status, answer.body['detail']]).toEqual([422, expect.stringMatching(expected)]);
  });
});

describe('a change that is given', () => {
  const given = {
    before: { id: 17, state: 'draft' },
    after: { id: 17, state: 'sale', amount_total: 1500.5 },
  };

  it('is tried like one of the topics, before the first such change has happened', async () => {
    const [match] = await tried({ subscription: draft, change: given });
    expect(match).toMatchObject({
      record: 'sale.order,17',
      op: 'u',
      changed: ['state', 'amount_total'],
      matches: true,
      eventType: 'sale.order.confirmed',
    });
    expect(JSON.parse(match?.request?.body ?? '')).toMatchObject({
      type: 'sale.order.confirmed',
      record_id: 17,
      data: { id: 17, state: 'sale', amount_total: 1500.5 },
    });
    const cheap = { ...given, after: { ...given.after, amount_total: '999.99999999999999999999' } };
    const [other] = await tried({ subscription: draft, change: cheap });
    expect(other).toMatchObject({ matches: false, decidedBy: [{ position: '[2]', holds: false }] });
  });

  it('may be a body that was received', async () => {
    const before = { ...draft, format: 'json-before-after' };
    const [sent] = await tried({ subscription: before, changeId: 'e1-2' });
    const body = sent?.request?.body ?? '';
    const [again] = await tried({
      subscription: before,
      change: JSON.parse(body) as Record<string, unknown>,
    });
    expect(again?.request?.body).toBe(body);
  });

  it('carries related records where its relations stand beside its fields', async () => {
    const lines = { ...draft, filter: [['order_line.product_id', 'in', [42]]] };
    const withLines = { ...given, after: { ...given.after, order_line: [{ id: 1, product_id: 42 }] } };
    expect(await tried({ subscription: lines, change: withLines })).toMatchObject([{ matches: true }]);
    expect(await tried({ subscription: lines, change: given })).toMatchObject([{ matches: false }]);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{}, /change must have "before" \(of a delete\)/],
    [{ after: 5 }, /change.after must be an object/],
    [{ after: { colour: 1 } }, /change.after.colour is no captured field of sale.order/],
    [{ after: { amount_total: 'much' } }, /change.after.amount_total must be a number, or one as text/],
    [{ after: { state: 5 } }, /change.after.state must be a text, or null/],
    [{ after: { state: 'sale' }, op: 'd' }, /change.op must be "c" or be left out/],
    [{ after: { state: 'sale' }, model: 'res.partner' }, /change.model is none of its event types' models/],
    [{ after: { state: 'sale' }, when: 1 }, /change.when is not known here/],
    [{ before: {}, after: {}, changed: ['colour'] }, /change.changed must be a list of captured fields/],
    [{ after: { state: 'sale' }, record_id: 'x' }, /change.record_id must be a whole number/],
  ])('and is not right is refused: %j', async (change, expected) => {
    const answer = await trial({ subscription: draft, change });
    expect([answer.status, answer.body['detail']]).toEqual([422, expect.stringMatching(expected)]);
  });

  it('of a model of which nothing was captured is refused, as its columns are not known', async () => {
    const product = { ...draft, filter: null, eventTypes: ['product.created'] };
    const answer = await trial({ subscription: product, change: { after: {} } });
    expect([answer.status, answer.body['detail']]).toEqual([
      422,
      expect.stringMatching(/no change in acme yet/),
    ]);
  });
});
