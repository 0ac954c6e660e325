import { expect } from '@jest/globals';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { eventNamespace } from '../src/xml-body.js';
import { paired } from './event-samples.js';

export interface Element {
  name: string;
  attributes: Record<string, string>;
  text: string;
  children: Element[];
}

/** An independent, strict parser: throws at the first thing that is not well-formed. */
export function parseXml(document: string): Element {
  const parser = new SaxesParser({ xmlns: true });
  const top: Element = { name: '', attributes: {}, text: '', children: [] };
  const open = [top];
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.on('opentag', (tag: SaxesTagNS) => {
    expect(tag.uri).toBe(eventNamespace);
    const attributes = Object.fromEntries(
      Object.entries(tag.attributes).map(([name, { value }]) => [name, value]),
    );
    const element = { name: tag.local, attributes, text: '', children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element !== undefined) {
      element.text += text;
    }
  });
  parser.on('closetag', () => open.pop());
  parser.write(document).close();
  const [event] = top.children;
  if (event === undefined) {
    throw new Error('no element');
  }
  return event;
}

export function childrenNamed(element: Element | undefined, name: string): Element[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

export function dataOf(document: string): Element | undefined {
  return childrenNamed(parseXml(document), 'data')[0];
}

export function xmlField(document: string, name: string): Element | undefined {
  return dataOf(document)?.children.find((child) => child.attributes['name'] === name);
}

// eslint-disable-next-line no-control-regex -- what XML forbids is the very point
const notInXml = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

/** The documented substitution: U+FFFD for those, and for halves of surrogate pairs. */
export const xmlable = (text: string): string => paired(text).replace(notInXml, '\ufffd');
