import type { Value } from '#libs/change';
import { base64, dataRow, eventTimestamp, wellFormed, type Event } from './event.js';
import { exactIncluded } from './included.js';
import { exactJsonText, type ExactJson } from './json-text.js';

/**
 * The body as a web form sends it: `type=…&data[name]=…&data[order_line][0][id]=…`. Values are what they are in JSON,
 * without quotes; what is empty is an empty text. Encoded as of the URL standard.
 */
export function formBody({ type, change, columns, recordId, replay }: Event): string {
  const { source } = change;
  const form = new URLSearchParams();
  const put = (name: string, value: string): void => {
    form.append(wellFormed(name), wellFormed(value));
  };
  put('type', type);
  put('timestamp', eventTimestamp(change));
  put('change_id', source.change_id);
  put('sequence', String(source.sequence));
  put('database', source.database);
  put('model', source.model);
  put('record_id', String(recordId));
  put('op', change.op);
  if (replay === true) {
    put('replay', 'true');
  }
  change.changed?.forEach((name, index) => {
    put(`changed[${index}]`, name);
  });
  const row = dataRow(change);
  const included = exactIncluded(change.included);
  const names = new Set(included.map(([name]) => name));
  for (const { name, kind } of columns.values()) {
    // A relation takes the place of a column of its name, as in JSON.
    if (!names.has(name)) {
      put(`data[${name}]`, fieldText(row[name] ?? null, kind === 'timestamp'));
    }
  }
  included.forEach(([name, value]) => {
    putJson(`data[${name}]`, value, put);
  });
  return form.toString();
}

function fieldText(value: Value, isMoment: boolean): string {
  if (value === null) {
    return '';
  }
  return Buffer.isBuffer(value) ? base64(value) : `${String(value)}${isMoment ? 'Z' : ''}`;
}

/** Records and their fields get names of their own; what is deeper is JSON. */
function putJson(name: string, value: ExactJson, put: (name: string, value: string) => void): void {
  if (value.kind === 'array' && value.items.every((item) => item.kind === 'object')) {
    value.items.forEach((item, index) => {
      item.entries.forEach(([field, inner]) => {
        put(`${name}[${index}][${field}]`, plainText(inner));
      });
    });
    return;
  }
  put(name, plainText(value));
}

function plainText(value: ExactJson): string {
  switch (value.kind) {
    case 'null':
      return '';
    case 'string':
      return value.value;
    case 'number':
      return value.literal;
    case 'boolean':
    case 'array':
    case 'object':
      return exactJsonText(value);
  }
}
