import type { Change, Column, ColumnKind, Value } from '#libs/change';
import { base64, dataRow, eventTimestamp, perColumn, type Event } from './event.js';
import { exactIncluded } from './included.js';
import { exactJsonText, type ExactJson } from './json-text.js';

/** Names the vocabulary of the body; a change that breaks readers gets a new number. */
export const eventNamespace = 'urn:odoo-relay:event:1';

/**
 * The XML body of an event. Written by hand because the known writers let characters through that XML forbids,
 * or markup in names: here every name is an attribute, and what XML cannot hold becomes U+FFFD.
 */
export function xmlBody({ type, change, columns, recordId, replay }: Event): string {
  const { source } = change;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>\n<event xmlns="${eventNamespace}">`,
    `<type>${escapeText(type)}</type>`,
    `<timestamp>${eventTimestamp(change)}</timestamp>`,
    `<change_id>${escapeText(source.change_id)}</change_id>`,
    `<sequence>${String(source.sequence)}</sequence>`,
    `<database>${escapeText(source.database)}</database>`,
    `<model>${escapeText(source.model)}</model>`,
    `<record_id>${String(recordId)}</record_id>`,
    `<op>${change.op}</op>${replay === true ? '<replay>true</replay>' : ''}`,
    changed(change.changed),
    `<data>${fields(change, columns)}${relations(change.included)}</data></event>`,
  ].join('');
}

function changed(names: readonly string[] | null): string {
  return names === null
    ? ''
    : `<changed>${names.map((name) => `<field>${escapeText(name)}</field>`).join('')}</changed>`;
}

const typeNames: Readonly<Record<ColumnKind, string>> = {
  int: 'integer',
  long: 'integer',
  float: 'float',
  decimal: 'decimal',
  boolean: 'boolean',
  text: 'text',
  date: 'date',
  timestamp: 'datetime',
  json: 'json',
  binary: 'base64',
};

const elementsOf = perColumn((column) => ({
  column,
  start: fieldStart(column.name, typeNames[column.kind]),
}));

function fieldStart(name: string, type: string): string {
  return `<field name="${escapeAttribute(name)}" type="${type}"`;
}

function fields(change: Change, columns: ReadonlyMap<string, Column>): string {
  const row = dataRow(change);
  let written = '';
  for (const { column, start } of elementsOf(columns)) {
    const value = row[column.name] ?? null;
    written += value === null ? `${start} nil="true"/>` : `${start}>${content(column, value)}</field>`;
  }
  return written;
}

function content(column: Column, value: Exclude<Value, null>): string {
  switch (column.kind) {
    case 'int':
    case 'long':
    case 'boolean':
      return String(value);
    case 'float':
      return floatText(Number(value));
    case 'binary':
      return base64(value);
    case 'timestamp':
      return `${escapeText(String(value))}Z`;
    case 'decimal':
    case 'text':
    case 'date':
    case 'json':
      return escapeText(String(value));
  }
}

/** As XML Schema writes a double. */
function floatText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) {
    return String(value);
  }
  return value > 0 ? 'INF' : '-INF';
}

function relations(included: string | null): string {
  return exactIncluded(included)
    .map(([name, value]) => relation(name, value))
    .join('');
}

/** Related records, or a single one; anything else is written like a field. */
function relation(name: string, value: ExactJson): string {
  const records = value.kind === 'array' ? value.items : [value];
  if (!records.every((record) => record.kind === 'object')) {
    return includedField(name, value);
  }
  const written = records.map(
    ({ entries }) =>
      `<record>${entries.map(([field, inner]) => includedField(field, inner)).join('')}</record>`,
  );
  return `<relation name="${escapeAttribute(name)}">${written.join('')}</relation>`;
}

/** Of a related record only JSON's own types are known. */
function includedField(name: string, value: ExactJson): string {
  switch (value.kind) {
    case 'null':
      return `<field name="${escapeAttribute(name)}" nil="true"/>`;
    case 'boolean':
      return `${fieldStart(name, 'boolean')}>${String(value.value)}</field>`;
    case 'number':
      return `${fieldStart(name, 'number')}>${value.literal}</field>`;
    case 'string':
      return `${fieldStart(name, 'text')}>${escapeText(value.value)}</field>`;
    case 'array':
    case 'object':
      return `${fieldStart(name, 'json')}>${escapeText(exactJsonText(value))}</field>`;
  }
}

// Tab and line feed may stand in text as they are. A pair of surrogates is matched whole, to be left alone.
/* eslint-disable no-control-regex -- what XML forbids is the very point */
const unsafeInText =
  /[&<>\r\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;
const unsafeInAttribute = /[&<>"\0-\x1f\ufffe\uffff]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

/* eslint-enable no-control-regex */

/** Text between tags: a parser gives back the same, with U+FFFD for what XML 1.0 cannot hold. */
export function escapeText(text: string): string {
  return text.replace(unsafeInText, escapeCharacter);
}

/** A value between double quotes: as {@link escapeText}, and no white space is normalised away. */
export function escapeAttribute(text: string): string {
  return text.replace(unsafeInAttribute, escapeCharacter);
}

function escapeCharacter(match: string): string {
  switch (match) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    case '\t':
      return '&#9;';
    case '\n':
      return '&#10;';
    case '\r':
      return '&#13;';
    default:
      return match.length === 2 ? match : '\ufffd';
  }
}
