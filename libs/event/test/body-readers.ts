import type { BodyFormat } from '#libs/subscription';
import { exactJsonText, parseExactJson, type ExactJson } from '../src/json-text.js';
import { childrenNamed, parseXml, type Element } from './xml-reader.js';

/** Bodies of all formats as a receiver reads them, in one form: every value is text, so that no digit is lost. */

export type ReadRecord = readonly (readonly [name: string, text: string | null])[];
export type ReadData = readonly (readonly [name: string, value: string | null | readonly ReadRecord[]])[];

export interface ReadBody {
  /** By the names that JSON and XML have for them. */
  envelope: Readonly<Record<string, string>>;
  changed: readonly string[] | null;
  /** undefined where the format has no such side. */
  before?: ReadData | null;
  data: ReadData | null;
}

/** `relations`: names in the body behind which lists of records stand. */
type Relations = ReadonlySet<string>;

export const bodyReaders: Readonly<Record<BodyFormat, (body: string, relations: Relations) => ReadBody>> = {
  json: (body, relations) => readJson(body, relations),
  'json-before-after': (body, relations) => {
    const members = membersOf(parseExactJson('body', body));
    return {
      ...readJson(body, relations),
      before: jsonData(members.get('before'), relations),
      data: jsonData(members.get('after'), relations),
    };
  },
  cloudevents: (body, relations) => {
    const members = membersOf(parseExactJson('body', body));
    const data = required(members.get('data'));
    const attributes = [...members].flatMap(([name, value]) =>
      name === 'data' ? [] : [[name, textOf(value) ?? '']],
    );
    const read = readData(data, relations);
    return {
      ...read,
      envelope: { ...(Object.fromEntries(attributes) as ReadBody['envelope']), ...read.envelope },
    };
  },
  'cloudevents-binary': (body, relations) => readData(parseExactJson('body', body), relations),
  xml: readXml,
  form: readForm,
};

function readJson(body: string, relations: Relations): ReadBody {
  const members = membersOf(parseExactJson('body', body));
  const envelope = [...members].flatMap(([name, value]) =>
    ['changed', 'data', 'before', 'after'].includes(name) ? [] : [[name, textOf(value) ?? '']],
  );
  return {
    envelope: Object.fromEntries(envelope) as ReadBody['envelope'],
    changed: jsonChanged(members.get('changed')),
    data: jsonData(members.get('data'), relations),
  };
}

function readData(data: ExactJson, relations: Relations): ReadBody {
  const members = membersOf(data);
  return {
    envelope: { op: textOf(required(members.get('op'))) ?? '' },
    changed: jsonChanged(members.get('changed')),
    data: jsonData(members.get('record'), relations),
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error('it is missing');
  }
  return value;
}

function membersOf(json: ExactJson): ReadonlyMap<string, ExactJson> {
  if (json.kind !== 'object') {
    throw new Error(`${json.kind} is no object`);
  }
  const members = new Map(json.entries);
  if (members.size !== json.entries.length) {
    throw new Error('a name stands twice');
  }
  return members;
}

function textOf(json: ExactJson): string | null {
  return json.kind === 'null' ? null : json.kind === 'string' ? json.value : exactJsonText(json);
}

function jsonChanged(json: ExactJson | undefined): string[] | null {
  return json?.kind === 'array' ? json.items.map((item) => textOf(item) ?? '') : null;
}

function jsonData(json: ExactJson | undefined, relations: Relations): ReadData | null {
  return json === undefined || json.kind === 'null'
    ? null
    : [...membersOf(json)].map(([name, value]) => [
        name,
        relations.has(name) && value.kind === 'array' ? value.items.map(jsonRecord) : textOf(value),
      ]);
}

function jsonRecord(json: ExactJson): ReadRecord {
  return [...membersOf(json)].map(([name, value]) => [name, textOf(value)]);
}

function readXml(body: string): ReadBody {
  const event = parseXml(body);
  const plain = event.children.filter(({ name }) => name !== 'changed' && name !== 'data');
  const [changed] = childrenNamed(event, 'changed');
  const [data] = childrenNamed(event, 'data');
  return {
    envelope: Object.fromEntries(plain.map(({ name, text }) => [name, text])),
    changed: changed === undefined ? null : changed.children.map(({ text }) => text),
    data: required(data).children.map((child) => [
      child.attributes['name'] ?? '',
      child.name === 'relation'
        ? child.children.map(({ children }) => children.map(xmlValue))
        : xmlText(child),
    ]),
  };
}

function xmlValue(element: Element): readonly [string, string | null] {
  return [element.attributes['name'] ?? '', xmlText(element)];
}

function xmlText({ attributes, text }: Element): string | null {
  if (attributes['nil'] === 'true') {
    return null;
  }
  const isFloat = attributes['type'] === 'float';
  return isFloat && /^-?INF$/.test(text) ? text.replace('INF', 'Infinity') : text;
}

/** `data[<name>]`, and of records `data[<relation>][<index>][<field>]`: names may hold brackets themselves. */
function readForm(body: string, relations: Relations): ReadBody {
  const envelope: Record<string, string> = {};
  const changed: string[] = [];
  const data = new Map<string, string | (readonly [string, string])[][]>();
  for (const [given, value] of new URLSearchParams(body)) {
    const [, first = '', name = ''] = /^(changed|data)\[(.*)\]$/s.exec(given) ?? [];
    const relation = [...relations].find((one) => name.startsWith(`${one}][`));
    if (first === '') {
      envelope[given] = value;
    } else if (first === 'changed') {
      changed[Number(name)] = value;
    } else if (relation === undefined) {
      data.set(name, value);
    } else {
      const [, index = '', field = ''] = /^(\d+)\]\[(.*)$/s.exec(name.slice(relation.length + 2)) ?? [];
      const known = data.get(relation);
      const records = Array.isArray(known) ? known : [];
      records[Number(index)] = [...(records[Number(index)] ?? []), [field, value]];
      data.set(relation, records);
    }
  }
  return { envelope, changed: changed.length === 0 ? null : changed, data: [...data] };
}
