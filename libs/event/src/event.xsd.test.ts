import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { validateXML } from 'xmllint-wasm';
import { anyBodySample } from '../test/body-samples.js';
import { eventOf, type Given } from '../test/event-samples.js';
import { renderBody } from './body.js';
import { eventXsd } from './event.xsd.js';
import { eventNamespace } from './xml-body.js';

/** What libxml2 has to say of documents, each with the number of it. */
async function complaints(documents: readonly string[]): Promise<string[]> {
  const xml = documents.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  const schema = { fileName: 'event.xsd', contents: eventXsd };
  const { errors } = await validateXML({ xml, schema });
  return errors.map(({ rawMessage }) => rawMessage);
}

const xml = (given: Given): string => renderBody(eventOf(given), 'xml').toString('utf8');

describe('the XML Schema', () => {
  it('holds for bodies of whatever changes and shapes', async () => {
    const documents = fc
      .sample(anyBodySample, 1_000)
      .map(({ event, shape }) => renderBody(event, 'xml', shape).toString('utf8'));
    expect(await complaints(documents)).toEqual([]);
  });

  it('holds for every kind of value, with and without relations and changes', async () => {
    const included =
      '{"order_line": [{"a": 1, "b": "x", "c": true, "d": null, "e": [1]}], "none": [], "n": 1, "x": null}';
    const image = [{ name: 'image', kind: 'binary' } as const];
    const binary = xml({ columns: image, row: { image: Buffer.from([0]) } });
    const documents = [xml({}), xml({ change: { included, changed: null } }), xml({ columns: [] }), binary];
    expect(await complaints(documents)).toEqual([]);
  });

  it('holds for what a replay sends', async () => {
    const event = { ...eventOf({ change: { op: 'r', before: null, changed: null } }), replay: true };
    const document = renderBody(event, 'xml').toString('utf8');
    expect(document).toContain('<op>r</op><replay>true</replay>');
    expect(await complaints([document])).toEqual([]);
  });

  const valid = xml({ columns: [] });

  it.each([
    ['an element of another namespace', valid.replace(eventNamespace, 'urn:other')],
    ['an element that there is not', valid.replace('<op>u</op>', '<op>u</op><colour/>')],
    ['another order', valid.replace('<op>u</op>', '').replace('<type>', '<op>u</op><type>')],
    ['no sequence', valid.replace(/<sequence>.*<\/sequence>/, '')],
    ['a sequence that is no number', valid.replace(/(<sequence>)\d+/, '$1x')],
    ['a moment that is none', valid.replace(/(<timestamp>)[^<]+/, '$1yesterday')],
    ['another operation', valid.replace('<op>u', '<op>x')],
    ['a field without a name', valid.replace('<data>', '<data><field>x</field>')],
    ['a field of another type', valid.replace('<data>', '<data><field name="a" type="money">1</field>')],
    ['a record outside of a relation', valid.replace('<data>', '<data><record/>')],
  ])('does not hold for %s', async (_, document) => {
    expect(document).not.toBe(valid);
    expect(await complaints([valid])).toEqual([]);
    expect((await complaints([document])).length).toBeGreaterThan(0);
  });
});
