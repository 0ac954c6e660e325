import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodyFormats } from '#libs/subscription';
import { allKinds, anyText, eventOf, paired, row, source } from '../test/event-samples.js';
import { orderColumns, orderIncluded, orderRow } from '../test/shape-samples.js';
import { contentTypeOf, renderBody } from './body.js';

const order = eventOf({
  row: orderRow,
  columns: orderColumns,
  change: { before: { ...orderRow, name: 'old' }, included: orderIncluded },
});
const all = eventOf({});

describe('every format', () => {
  it.each(bodyFormats)('%s keeps the digits of amounts and 64-bit numbers, dates and moments', (format) => {
    const body = renderBody(all, format).toString('utf8');
    const text = format === 'form' ? decodeURIComponent(body) : body;
    for (const part of [
      '12345678901234567890.100000',
      '9007199254740993',
      '9999-12-31',
      '2025-11-23T12:13:20.123456Z',
    ]) {
      expect(text).toContain(part);
    }
  });

  it.each(bodyFormats.filter((format) => format !== 'cloudevents-binary'))(
    '%s carries the change id and the sequence',
    (format) => {
      const body = renderBody(all, format).toString('utf8');
      expect(body).toMatch(/e1-7/);
      expect(body).toMatch(/9007199254740993/);
    },
  );

  it('says its content type', () => {
    expect(bodyFormats.map((format) => `${format} ${contentTypeOf(format)}`)).toEqual([
      'json application/json',
      'json-before-after application/json',
      'cloudevents application/cloudevents+json',
      'cloudevents-binary application/json',
      'xml application/xml',
      'form application/x-www-form-urlencoded',
    ]);
  });
});

describe('a replay', () => {
  it.each(bodyFormats)('says so in %s behind the operation, and nothing else differs', (format) => {
    const live = renderBody(order, format).toString('utf8');
    const replayed = renderBody({ ...order, replay: true }, format).toString('utf8');
    const mark = { xml: '</op><replay>true</replay>', form: '&op=u&replay=true' }[format as string];
    expect(replayed).toContain(mark ?? '"op":"u","replay":true,');
    expect(replayed.replace(/,"replay":true|<replay>true<\/replay>|&replay=true/, '')).toBe(live);
    expect(renderBody({ ...order, replay: false }, format).toString('utf8')).toBe(live);
  });
});

describe('JSON with before and after', () => {
  const read = (event = order): Record<string, unknown> =>
    JSON.parse(renderBody(event, 'json-before-after').toString('utf8')) as Record<string, unknown>;

  it('has both rows in place of data, and related records as after the change', () => {
    const body = read();
    expect(body).not.toHaveProperty('data');
    expect(body).toMatchObject({
      type: 'sale.order.updated',
      change_id: 'e1-7',
      before: { name: 'old' },
      after: { name: 'S00017', order_line: [{ id: 1 }, { id: 2 }] },
    });
    expect(body['before']).not.toHaveProperty('order_line');
  });

  it('has null for the row that there is not', () => {
    expect(read(eventOf({ change: { op: 'c', before: null } }))).toMatchObject({
      before: null,
      after: { id: 7 },
    });
    const deleted = eventOf({ change: { op: 'd', before: row, after: null } });
    expect(read(deleted)).toMatchObject({ before: { id: 7 }, after: null });
  });
});

describe('a CloudEvent', () => {
  it('in structured mode has the attributes of version 1.0, and the change as its data', () => {
    const body = JSON.parse(renderBody(order, 'cloudevents').toString('utf8')) as Record<string, unknown>;
    expect(body).toMatchObject({
      specversion: '1.0',
      id: 'e1-7',
      source: '/odoo/acme/sale.order',
      type: 'sale.order.updated',
      subject: '7',
      time: '2025-11-23T12:13:20.123Z',
      datacontenttype: 'application/json',
      sequence: '0009007199254740993',
      data: { op: 'u', changed: ['name'], record: { name: 'S00017', order_line: [{ id: 1 }, { id: 2 }] } },
    });
    // The rule for attribute names: small letters and digits.
    expect(Object.keys(body).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  });

  it('has sequences that are ordered as text as they are as numbers', () => {
    const numbers = [1n, 9n, 10n, 2n ** 63n - 1n];
    const sequences = numbers.map((sequence) => {
      const given = eventOf({ change: { source: { ...source, sequence } } });
      return (JSON.parse(renderBody(given, 'cloudevents').toString('utf8')) as { sequence: string }).sequence;
    });
    expect([...sequences].sort()).toEqual(sequences);
    expect(sequences.map(BigInt)).toEqual(numbers);
  });

  it('in binary mode has that data as its body', () => {
    const structured = JSON.parse(renderBody(order, 'cloudevents').toString('utf8')) as { data: unknown };
    expect(JSON.parse(renderBody(order, 'cloudevents-binary').toString('utf8'))).toEqual(structured.data);
  });
});

describe('a form', () => {
  const read = (event = order): URLSearchParams =>
    new URLSearchParams(renderBody(event, 'form').toString('utf8'));

  it('has a name for every field of the record and of its related ones, and is empty where that is null', () => {
    const form = read();
    expect(form.get('type')).toBe('sale.order.updated');
    expect(form.get('changed[0]')).toBe('name');
    expect(form.get('data[name]')).toBe('S00017');
    expect(form.get('data[note]')).toBe('');
    expect(form.get('data[date_order]')).toBe('2026-11-23T16:24:31.321441Z');
    expect(form.get('data[order_line][0][price_unit]')).toBe('1.10000000000000000001');
    expect(form.get('data[order_line][1][name]')).toBe('');
    expect(form.get('data[partner_name]')).toBe('Azure');
  });

  it('whatever a text or a name holds, it is read back equal, halves of pairs as U+FFFD', () => {
    fc.assert(
      fc.property(anyText, anyText, (value, name) => {
        const form = read(eventOf({ row: { [name]: value }, columns: [{ name, kind: 'text' }] }));
        expect(form.get(`data[${paired(name)}]`)).toBe(paired(value));
      }),
      { numRuns: 2_000 },
    );
  });
});

it.each(bodyFormats)(
  'fault 106: values that look like SQL, log lines, headers or formulas are values in %s',
  (format) => {
    const hostile = [
      "'; DROP TABLE x; --",
      'a\r\nx-evil: 1',
      '=cmd|"/c calc"!A1',
      '${jndi:ldap://x}',
      '%0d%0aSet-Cookie: a',
    ];
    for (const value of hostile) {
      const columns = allKinds.filter(({ name }) => name === 'name');
      const body = renderBody(eventOf({ row: { name: value }, columns }), format).toString('utf8');
      const read = {
        json: () => (JSON.parse(body) as { data: { name: string } }).data.name,
        'json-before-after': () => (JSON.parse(body) as { after: { name: string } }).after.name,
        cloudevents: () => (JSON.parse(body) as { data: { record: { name: string } } }).data.record.name,
        'cloudevents-binary': () => (JSON.parse(body) as { record: { name: string } }).record.name,
        xml: () =>
          (/type="text">([^<]*)</.exec(body)?.[1] ?? '')
            .replaceAll('&quot;', '"')
            .replaceAll('&#13;', '\r')
            .replaceAll('&amp;', '&'),
        form: () => new URLSearchParams(body).get('data[name]'),
      }[format]();
      expect(read).toBe(value);
    }
  },
);
