import type { Change, ChangeReader } from '#libs/change';
import { deliveryTopics, writeTask } from '#libs/delivery-task';
import {
  deliveryOf,
  eventTypeOf,
  isEvent,
  renderBody,
  Subject,
  type Listener,
  type ReadableChange,
} from '#libs/event';
import type { IncomingRecord, OutgoingRecord } from '#libs/kafka';
import { RelayError } from '#libs/process';
import type { ReplayRow } from '../persistence/rows.js';
import { newWebhookId } from '../runs/new-webhook-id.js';
import type { Period, SkipReason } from './replay-progress.js';

/** What becomes of a record of a change topic. */
export type Decision =
  | { kind: 'send'; record: OutgoingRecord }
  | { kind: 'skip'; why: SkipReason }
  /** It is not for the subscription. */
  | { kind: 'none' };

/** A change as it is told of, under the name of its event. */
interface Told {
  read: ReadableChange;
  eventType: string;
}

const none: Decision = { kind: 'none' };

/** Makes of changes the records that have them delivered to one subscription once more. */
export class ReplayRecords {
  constructor(
    private readonly reader: Pick<ChangeReader, 'read'>,
    private readonly replay: Pick<ReplayRow, 'id' | 'newIds' | 'selection'>,
  ) {}

  /** @throws RelayError REGISTRY_UNAVAILABLE */
  async of(record: IncomingRecord, listener: Listener): Promise<Decision> {
    const read = await this.reader.read(record);
    switch (read.kind) {
      case 'tombstone':
        return none;
      case 'unreadable':
        return { kind: 'skip', why: 'unreadable' };
      case 'change':
        return this.decide(read, listener);
    }
  }

  /** Whatever a record holds, it must not keep the ones behind it from going on. */
  private decide(read: ReadableChange, listener: Listener): Decision {
    try {
      const told = this.told(read, listener);
      return told === undefined ? none : this.delivery(told, listener);
    } catch (error) {
      const isTooLarge = error instanceof RelayError && error.code === 'BODY_TOO_LARGE';
      return { kind: 'skip', why: isTooLarge ? 'too-large' : 'unreadable' };
    }
  }

  private told(read: ReadableChange, listener: Listener): Told | undefined {
    const { selection } = this.replay;
    return selection.kind === 'current-state'
      ? state(read, listener)
      : happened(read, listener, selection.period);
  }

  private delivery({ read, eventType }: Told, { subscription, shape }: Listener): Decision {
    const { change, columns, recordId } = read;
    const event = { type: eventType, change, columns, recordId, replay: true };
    const body = renderBody(event, subscription.format, shape);
    const { id, newIds } = this.replay;
    const task = deliveryOf(read, subscription, { eventType, body, nowMs: Date.now() });
    const webhookId = newIds ? newWebhookId(task.webhookId, id) : task.webhookId;
    return { kind: 'send', record: writeTask({ ...task, webhookId, redrive: id }, deliveryTopics.replay) };
  }
}

/** A record as it is, whatever made it so: nothing of it has changed. */
function state(read: ReadableChange, listener: Listener): Told | undefined {
  if (read.change.op === 'd') {
    return undefined;
  }
  const change: Change = { ...read.change, op: 'r', before: null, changed: null };
  return listener.wants(new Subject(change), read.columns)
    ? { read: { ...read, change }, eventType: `${change.source.model}.snapshot` }
    : undefined;
}

/** A change as the router would match it now. */
function happened(read: ReadableChange, listener: Listener, period: Period): Told | undefined {
  const { change, columns } = read;
  if (!isEvent(change) || !isWithin(change, period)) {
    return undefined;
  }
  const subject = new Subject(change);
  const eventType = eventTypeOf(listener, subject, columns);
  return eventType !== undefined && listener.wants(subject, columns) ? { read, eventType } : undefined;
}

export function isWithin({ source }: Pick<Change, 'source'>, period: Period): boolean {
  const { fromMs, fromSequence, butChangeId, beforeMs = Infinity } = period;
  const readAtMs = Number(source.ts_ms);
  return (
    readAtMs >= fromMs &&
    readAtMs < beforeMs &&
    (readAtMs > fromMs || fromSequence === undefined || source.sequence >= BigInt(fromSequence)) &&
    source.change_id !== butChangeId
  );
}
