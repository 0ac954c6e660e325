import type { DeliveryTask } from '#libs/delivery-task';
import type { SigningKey } from '#libs/subscription';
import { orderedSequence } from './event.js';
import { signature } from './signature.js';

export const userAgent = 'Odoo-Relay/0.1';

/** The headers of an attempt at this moment (milliseconds since 1970), signed: names and values in turn. */
export function webhookHeaders(task: DeliveryTask, keys: readonly SigningKey[], nowMs: number): string[] {
  const timestampSeconds = Math.floor(nowMs / 1000);
  return [
    ...(task.cloudEvent ? cloudEventHeaders(task) : []),
    'content-type',
    task.contentType,
    'user-agent',
    userAgent,
    'webhook-id',
    task.webhookId,
    'webhook-timestamp',
    String(timestampSeconds),
    'webhook-signature',
    signature(keys, task.webhookId, timestampSeconds, task.body),
  ];
}

/** The attributes of a CloudEvent 1.0 in binary mode, as of its HTTP binding. */
function cloudEventHeaders(task: DeliveryTask): string[] {
  const [model = '', recordId = ''] = task.record.split(',');
  const attributes = {
    specversion: '1.0',
    id: task.changeId,
    source: `/odoo/${task.database}/${model}`,
    type: task.eventType,
    subject: recordId,
    time: new Date(task.committedAtMs).toISOString(),
    sequence: orderedSequence(task.sequence),
  };
  return Object.entries(attributes).flatMap(([name, value]) => [`ce-${name}`, encoded(value)]);
}

/** Space, `"`, `%` and all that is no printable ASCII are percent-encoded. */
function encoded(value: string): string {
  return value.replaceAll(/[^\x21\x23\x24\x26-\x7e]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
