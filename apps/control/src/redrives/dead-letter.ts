import { deliveryTopics, readTask, retryTiers, taskHeaders, type DeliveryTask } from '#libs/delivery-task';
import type { IncomingRecord, Kafka } from '#libs/kafka';

/** Where a record stands. */
export interface Place {
  topic: string;
  partition: number;
  offset: bigint;
}

export type DeadLetter =
  | { kind: 'whole'; task: DeliveryTask }
  /** Too large to hold its body, which stands elsewhere. */
  | { kind: 'trimmed'; task: DeliveryTask; original: Place }
  | { kind: 'unreadable' };

const noBody = Buffer.alloc(0);
const placePattern = /^([a-z0-9.]+)\/(\d{1,5})\/(\d{1,18})$/;
/** Topics in which a delivery is with its body. */
const bodyTopics: ReadonlySet<string> = new Set([
  deliveryTopics.first,
  deliveryTopics.replay,
  ...retryTiers.map(({ topic }) => topic),
]);

export function readDeadLetter(record: IncomingRecord): DeadLetter {
  if (isTrimmed(record)) {
    const read = readTask({ ...record, value: noBody });
    const original = placeOf(record.headers[taskHeaders.original] ?? '');
    return read.kind === 'task' && original !== undefined
      ? { kind: 'trimmed', task: read.task, original }
      : { kind: 'unreadable' };
  }
  const read = readTask(record);
  return read.kind === 'task' ? { kind: 'whole', task: read.task } : { kind: 'unreadable' };
}

export function isTrimmed({ headers, value }: IncomingRecord): boolean {
  return headers[taskHeaders.original] !== undefined && (value === null || value.length === 0);
}

function placeOf(text: string): Place | undefined {
  const [, topic = '', partition, offset = ''] = placePattern.exec(text) ?? [];
  return bodyTopics.has(topic) ? { topic, partition: Number(partition), offset: BigInt(offset) } : undefined;
}

/**
 * The body of a trimmed letter; undefined where it is no longer kept. The topic may have been made anew, so the
 * record that stands at the place now has to be of the same delivery.
 */
export async function originalBody(
  kafka: Pick<Kafka, 'recordAt'>,
  { task, original }: { task: DeliveryTask; original: Place },
): Promise<Buffer | undefined> {
  const record = await kafka.recordAt(original.topic, original.partition, original.offset);
  const isOfDelivery = record?.headers[taskHeaders.webhookId] === task.webhookId;
  return isOfDelivery ? (record.value ?? undefined) : undefined;
}
