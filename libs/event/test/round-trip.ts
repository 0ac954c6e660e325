import { expect } from '@jest/globals';
import { bodyFormats, type BodyFormat } from '#libs/subscription';
import { renderBody } from '../src/body.js';
import { bodyReaders } from './body-readers.js';
import { seenIn, type BodySample } from './body-samples.js';
import { paired } from './event-samples.js';
import { xmlable } from './xml-reader.js';

/** A sample's bodies in all formats, each read back as what went in. */
export function expectRoundTrips(sample: BodySample): void {
  for (const format of bodyFormats) {
    expectRoundTrip(format, sample);
  }
}

function expectRoundTrip(format: BodyFormat, { event, shape, fields, relations }: BodySample): void {
  const body = renderBody(event, format, shape);
  const text = body.toString('utf8');
  expect(Buffer.from(text)).toEqual(body);
  const lists = relations.flatMap(([name, value]) => (Array.isArray(value) ? [paired(name)] : []));
  const read = bodyReaders[format](text, new Set(lists));
  const { change, type } = event;
  const all = seenIn(format, [...fields, ...relations]);
  const isBoth = format === 'json-before-after';
  expect(read.data).toEqual(isBoth && change.after === null ? null : all);
  expect(read.before).toEqual(isBoth ? (change.before === null ? null : seenIn(format, fields)) : undefined);
  const textIn = format === 'xml' ? xmlable : paired;
  expect(read.changed).toEqual(change.changed?.map(textIn) ?? null);
  expect(read.envelope).toEqual(envelopeIn(format, textIn(type), change.op));
}

function envelopeIn(format: BodyFormat, type: string, op: string): Record<string, string> {
  switch (format) {
    case 'cloudevents-binary':
      return { op };
    case 'cloudevents':
      return {
        specversion: '1.0',
        id: 'e1-7',
        source: '/odoo/acme/sale.order',
        type,
        subject: '9007199254740993',
        time: '2025-11-23T12:13:20.123Z',
        sequence: '0009007199254740993',
        datacontenttype: 'application/json',
        op,
      };
    case 'json':
    case 'json-before-after':
    case 'xml':
    case 'form':
      return {
        type,
        timestamp: '2025-11-23T12:13:20.123Z',
        change_id: 'e1-7',
        sequence: '9007199254740993',
        database: 'acme',
        model: 'sale.order',
        record_id: '9007199254740993',
        op,
      };
  }
}
