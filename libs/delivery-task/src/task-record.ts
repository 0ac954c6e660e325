import type { IncomingRecord, OutgoingRecord } from '#libs/kafka';
import { isTraceparent } from '#libs/telemetry';
import { taskHeaders, type DeliveryTask } from './delivery-task.js';

export type ReadTask = { kind: 'task'; task: DeliveryTask } | { kind: 'unreadable'; reason: string };

/** Longer than anything the router writes; a megabyte of header is no delivery. */
const maxHeaderLength = 1000;
const printableAscii = /^[\x20-\x7e]+$/;
const wholeNumber = /^\d{1,15}$/;
const signed64 = /^-?\d{1,18}$/;

/** The record of a delivery; `extraHeaders` are those of dead letters. */
export function writeTask(
  task: DeliveryTask,
  topic: string,
  extraHeaders: Readonly<Record<string, string>> = {},
): OutgoingRecord {
  return {
    topic,
    key: task.subscriptionId,
    value: task.body,
    headers: {
      [taskHeaders.webhookId]: task.webhookId,
      [taskHeaders.subscriptionId]: task.subscriptionId,
      [taskHeaders.changeId]: task.changeId,
      [taskHeaders.sequence]: task.sequence.toString(),
      [taskHeaders.eventType]: task.eventType,
      [taskHeaders.contentType]: task.contentType,
      [taskHeaders.database]: task.database,
      [taskHeaders.record]: task.record,
      [taskHeaders.committedAt]: String(Math.floor(task.committedAtMs)),
      [taskHeaders.expiresAt]: String(Math.ceil(task.expiresAtMs)),
      [taskHeaders.attempt]: String(task.attempts),
      // Rounded up: released too early it would have to wait once more.
      [taskHeaders.dueAt]: String(Math.ceil(task.dueAtMs)),
      ...(task.lastOutcome === null ? {} : { [taskHeaders.lastOutcome]: task.lastOutcome }),
      ...(task.deferred === false ? {} : { [taskHeaders.deferred]: task.deferred }),
      ...(task.redrive === null ? {} : { [taskHeaders.redrive]: task.redrive }),
      ...(task.cloudEvent ? { [taskHeaders.cloudEvents]: 'binary' } : {}),
      ...(task.traceparent === null ? {} : { [taskHeaders.traceparent]: task.traceparent }),
      ...extraHeaders,
    },
  };
}

/**
 * The delivery a record holds, with a body of its own: the record's is a piece of all that was fetched with it, which
 * a delivery that waits would keep in memory. Strict, because headers become HTTP headers and decide when something is sent:
 * one that is missing, doubled, too long or not of its form makes the record unreadable.
 */
export function readTask(record: IncomingRecord): ReadTask {
  try {
    return { kind: 'task', task: parse(record) };
  } catch (error) {
    if (error instanceof Unreadable) {
      return { kind: 'unreadable', reason: error.message };
    }
    throw error;
  }
}

/** Leaves {@link parse} early; never leaves this file. */
class Unreadable extends Error {}

function parse(record: IncomingRecord): DeliveryTask {
  const { headers, value } = record;
  if (value === null) {
    throw new Unreadable('it has no body');
  }
  const doubled = record.duplicateHeaders[0];
  if (doubled !== undefined) {
    throw new Unreadable(`header ${doubled.slice(0, 100)} stands more than once`);
  }
  const subscriptionId = text(headers, taskHeaders.subscriptionId);
  checkKey(record.key, subscriptionId);
  return {
    webhookId: text(headers, taskHeaders.webhookId),
    subscriptionId,
    changeId: text(headers, taskHeaders.changeId),
    sequence: BigInt(matching(headers, taskHeaders.sequence, signed64)),
    eventType: text(headers, taskHeaders.eventType),
    contentType: text(headers, taskHeaders.contentType),
    database: text(headers, taskHeaders.database),
    record: text(headers, taskHeaders.record),
    committedAtMs: Number(matching(headers, taskHeaders.committedAt, wholeNumber)),
    expiresAtMs: Number(matching(headers, taskHeaders.expiresAt, wholeNumber)),
    attempts: numberOrZero(headers, taskHeaders.attempt),
    dueAtMs: numberOrZero(headers, taskHeaders.dueAt),
    lastOutcome: textOrNull(headers, taskHeaders.lastOutcome),
    deferred: deferredOf(headers[taskHeaders.deferred]),
    redrive: textOrNull(headers, taskHeaders.redrive),
    cloudEvent: headers[taskHeaders.cloudEvents] === 'binary',
    traceparent: traceparentOf(headers[taskHeaders.traceparent]),
    body: Buffer.from(value),
  };
}

type Headers = IncomingRecord['headers'];

/** The key is the subscription id, with `:<shard>` where it is sharded; another one lands in another lane. */
function checkKey(key: Buffer | null, subscriptionId: string): void {
  const keyText = key?.toString('utf8');
  if (keyText !== subscriptionId && keyText?.startsWith(`${subscriptionId}:`) !== true) {
    throw new Unreadable('its key is not the subscription id');
  }
}

function text(headers: Headers, name: string): string {
  return matching(headers, name, printableAscii);
}

function textOrNull(headers: Headers, name: string): string | null {
  return headers[name] === undefined ? null : text(headers, name);
}

function numberOrZero(headers: Headers, name: string): number {
  return headers[name] === undefined ? 0 : Number(matching(headers, name, wholeNumber));
}

function matching(headers: Headers, name: string, pattern: RegExp): string {
  const value = headers[name];
  if (value === undefined) {
    throw new Unreadable(`header ${name} is missing`);
  }
  if (value.length > maxHeaderLength || !pattern.test(value)) {
    throw new Unreadable(`header ${name} is not valid`);
  }
  return value;
}

/** One that is not valid is none: no delivery stops for its trace. */
function traceparentOf(header: string | undefined): string | null {
  return header !== undefined && isTraceparent(header) ? header : null;
}

function deferredOf(header: string | undefined): DeliveryTask['deferred'] {
  return header === undefined ? false : header === 'down' ? 'down' : 'late';
}
