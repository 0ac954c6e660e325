import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { parseShape, renderBody } from '#libs/event';
import { bodyFormats, type BodyFormat } from '#libs/subscription';
import { anyText, eventOf, paired } from '../../../libs/event/test/event-samples.js';

const documents = 100_000;
const timeoutMs = 1_800_000;

/** The texts that a strict parser of another maker finds in the fields of `data`, by name. */
function fieldsOfXml(document: string): Record<string, string> {
  const parser = new SaxesParser({ xmlns: true });
  const found: [string, string][] = [];
  let name: string | undefined;
  let text = '';
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const attribute = tag.local === 'field' ? tag.attributes['name'] : undefined;
    name = attribute?.value;
    text = '';
  });
  parser.on('text', (part) => {
    text += part;
  });
  parser.on('closetag', () => {
    if (name !== undefined) {
      found.push([name, text]);
    }
    name = undefined;
  });
  parser.write(document).close();
  return Object.fromEntries(found);
}

/** The documented substitution of what XML 1.0 cannot hold. */
const inXml = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- what XML forbids is the very point
  paired(text).replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');

function readBack(format: BodyFormat, body: string, name: string): unknown {
  switch (format) {
    case 'json':
      return (JSON.parse(body) as { data: Record<string, unknown> }).data[name];
    case 'json-before-after':
      return (JSON.parse(body) as { after: Record<string, unknown> }).after[name];
    case 'cloudevents':
      return (JSON.parse(body) as { data: { record: Record<string, unknown> } }).data.record[name];
    case 'cloudevents-binary':
      return (JSON.parse(body) as { record: Record<string, unknown> }).record[name];
    case 'xml':
      return fieldsOfXml(body)[inXml(name)];
    case 'form':
      return new URLSearchParams(body).get(`data[${name}]`);
  }
}

describe('R16: bodies of all formats and shapes, whatever texts and names they hold', () => {
  it(
    `${documents} of them are well-formed and read back equal, or with the documented substitution`,
    () => {
      const names = anyText.filter(
        (name) => name !== '' && name.length <= 100 && paired(name) === name && name !== '__proto__',
      );
      fc.assert(
        fc.property(
          fc.constantFrom(...bodyFormats),
          anyText,
          names,
          fc.boolean(),
          (format, value, as, isShaped) => {
            const event = eventOf({ row: { name: value }, columns: [{ name: 'name', kind: 'text' }] });
            const shape = parseShape({ fields: [{ field: 'name', as }] });
            const shaped = isShaped && shape.kind === 'ok' ? shape.value : null;
            const body = renderBody(event, format, shaped).toString('utf8');
            const expected = format === 'xml' ? inXml(value) : paired(value);
            expect(readBack(format, body, shaped === null ? 'name' : as)).toBe(expected);
          },
        ),
        { numRuns: documents },
      );
    },
    timeoutMs,
  );
});
