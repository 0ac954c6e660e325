import type { Change, Column, Row, Value } from '#libs/change';
import {
  base64,
  dataRow,
  eventTimestamp,
  notRepresentable,
  orderedSequence,
  perColumn,
  wellFormed,
  type Event,
} from './event.js';
import { plainIncluded } from './included.js';
import { parseJsonText } from './json-text.js';

/**
 * The JSON body of an event. Written by hand because JSON.stringify knows neither 64-bit integers nor exact
 * decimals: both stand as number literals with all their digits.
 */
export function jsonBody(event: Event): string {
  return `{${envelope(event)},"data":${record(event, dataRow(event.change), event.change.included)}}`;
}

/** The same with the rows before and after the change; related records are known as after it. */
export function beforeAfterBody(event: Event): string {
  const { before, after, included } = event.change;
  const written = [
    `"before":${before === null ? 'null' : record(event, before, null)}`,
    `"after":${after === null ? 'null' : record(event, after, included)}`,
  ];
  return `{${envelope(event)},${written.join(',')}}`;
}

/** A CloudEvent 1.0 in structured mode. */
export function cloudEventBody(event: Event): string {
  const { type, change, recordId } = event;
  const { database, model, change_id: changeId, sequence } = change.source;
  const attributes = [
    '"specversion":"1.0"',
    `"id":${text(changeId)}`,
    `"source":${text(`/odoo/${database}/${model}`)}`,
    `"type":${text(type)}`,
    `"subject":"${String(recordId)}"`,
    `"time":"${eventTimestamp(change)}"`,
    '"datacontenttype":"application/json"',
    `"sequence":"${orderedSequence(sequence)}"`,
  ];
  return `{${attributes.join(',')},"data":${cloudEventData(event)}}`;
}

/** What a CloudEvent's `data` holds, in binary mode the whole body. */
export function cloudEventData(event: Event): string {
  const { change } = event;
  const written = record(event, dataRow(change), change.included);
  return `{"op":"${change.op}"${replayMark(event)},"changed":${changedNames(change)},"record":${written}}`;
}

function envelope(event: Event): string {
  const { type, change, recordId } = event;
  const { source } = change;
  return [
    `"type":${text(type)}`,
    `"timestamp":"${eventTimestamp(change)}"`,
    `"change_id":${text(source.change_id)}`,
    `"sequence":${String(source.sequence)}`,
    `"database":${text(source.database)}`,
    `"model":${text(source.model)}`,
    `"record_id":${String(recordId)}`,
    `"op":"${change.op}"${replayMark(event)}`,
    `"changed":${changedNames(change)}`,
  ].join(',');
}

function replayMark({ replay }: Event): string {
  return replay === true ? ',"replay":true' : '';
}

function changedNames({ changed }: Change): string {
  return changed === null ? 'null' : `[${changed.map(text).join(',')}]`;
}

const membersOf = perColumn((column) => ({ column, prefix: `${text(column.name)}:` }));

/** The row's columns, then the related records under their field's name; those take a column's place. */
function record({ columns }: Event, row: Row, includedText: string | null): string {
  const included = readIncluded(includedText);
  let written = '';
  for (const { column, prefix } of membersOf(columns)) {
    if (!included.names.has(column.name)) {
      written += `${written === '' ? '' : ','}${prefix}${literal(column, row[column.name] ?? null)}`;
    }
  }
  return `{${written}${written !== '' && included.members !== '' ? ',' : ''}${included.members}}`;
}

const nothingIncluded = { names: new Set<string>(), members: '' };

function readIncluded(included: string | null): { names: ReadonlySet<string>; members: string } {
  if (included === null) {
    return nothingIncluded;
  }
  // What stands between the braces goes into the body as it is, so that no number is read and rounded.
  return {
    names: new Set(Object.keys(plainIncluded(included))),
    members: included.trim().slice(1, -1).trim(),
  };
}

/** Only this becomes a number literal, never what someone put in its place. */
const plainDecimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

function literal(column: Column, value: Value): string {
  if (value === null) {
    return 'null';
  }
  switch (column.kind) {
    case 'int':
    case 'long':
    case 'boolean':
      return String(value);
    case 'float':
      // JSON has no infinity and no NaN; as text they are at least not lost.
      return Number.isFinite(value) ? String(value) : `"${String(value)}"`;
    case 'text':
    case 'date':
      return text(String(value));
    case 'binary':
      return `"${base64(value)}"`;
    case 'timestamp':
      return text(`${String(value)}Z`);
    case 'decimal':
      if (typeof value !== 'string' || !plainDecimal.test(value)) {
        throw notRepresentable(column.name, 'holds no plain decimal');
      }
      return value;
    case 'json':
      parseJsonText(column.name, String(value));
      return String(value);
  }
}

function text(value: string): string {
  const written = JSON.stringify(value);
  // JSON.stringify writes half a surrogate pair as \udXXX, which strict parsers refuse.
  return written.includes('\\ud') ? JSON.stringify(wellFormed(value)) : written;
}
