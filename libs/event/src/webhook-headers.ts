import type { DeliveryTask } from '#libs/delivery-task';
import type { SigningKey } from '#libs/subscription';
import { signature } from './signature.js';

export const userAgent = 'Odoo-Relay/0.1';

/** The headers of an attempt at this moment (milliseconds since 1970), signed: names and values in turn. */
export function webhookHeaders(task: DeliveryTask, keys: readonly SigningKey[], nowMs: number): string[] {
  const timestampSeconds = Math.floor(nowMs / 1000);
  return [
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
