import kafkajs from 'kafkajs';
import type { Message, RecordMetadata, TopicMessages } from 'kafkajs';
import type { OutgoingRecord } from './record.js';

/** How long a write waits for the in-sync replicas. */
const replicationTimeoutMs = 10_000;

/** One record on its way; the partitioner writes the partition into the message. */
export interface Outgoing {
  topic: string;
  message: Message;
}

export function toOutgoing(
  { topic, key, value, headers, partition }: OutgoingRecord,
  prefix: string,
): Outgoing {
  const message: Message = { key, value };
  if (headers !== undefined) {
    message.headers = headers;
  }
  if (partition !== undefined) {
    message.partition = partition;
  }
  return { topic: prefix + topic, message };
}

/** `sendBatch` of a producer or of a transaction. */
export interface BatchSender {
  sendBatch(batch: {
    acks: number;
    timeout: number;
    compression: kafkajs.CompressionTypes;
    topicMessages: TopicMessages[];
  }): Promise<RecordMetadata[]>;
}

/** Below what a topic takes at once unless it is told otherwise (1 MB), with room for what the protocol adds. */
const maxRequestBytes = 900_000;

/**
 * Records of one topic in one request may become one batch, and too large a batch is refused whole, however small
 * its records are: so in requests, of which each has of a topic no more than that, or one record.
 */
export function* inRequests(records: readonly Outgoing[]): Generator<readonly Outgoing[]> {
  let request: Outgoing[] = [];
  let bytesByTopic = new Map<string, number>();
  for (const record of records) {
    const before = bytesByTopic.get(record.topic) ?? 0;
    const bytes = Buffer.byteLength(record.message.value ?? '');
    if (before > 0 && before + bytes > maxRequestBytes) {
      yield request;
      request = [];
      bytesByTopic = new Map();
    }
    request.push(record);
    bytesByTopic.set(record.topic, (bytesByTopic.get(record.topic) ?? 0) + bytes);
  }
  yield request;
}

/** Resolves when every record is acknowledged by all in-sync replicas. */
export async function sendAll(sender: BatchSender, records: readonly Outgoing[]): Promise<void> {
  const byTopic = new Map<string, Message[]>();
  for (const { topic, message } of records) {
    const messages = byTopic.get(topic);
    if (messages === undefined) {
      byTopic.set(topic, [message]);
    } else {
      messages.push(message);
    }
  }
  const acknowledged = await sender.sendBatch({
    acks: -1,
    timeout: replicationTimeoutMs,
    compression: kafkajs.CompressionTypes.None,
    topicMessages: Array.from(byTopic, ([topic, messages]) => ({ topic, messages })),
  });
  checkAllAcknowledged(records, acknowledged);
}

/**
 * When a leader moves to a broker that has already answered, kafkajs takes that answer for the moved partition
 * too and reports success for records it never sent.
 */
export function checkAllAcknowledged(
  records: readonly Outgoing[],
  acknowledged: readonly Pick<RecordMetadata, 'topicName' | 'partition'>[],
): void {
  const answered = new Set(acknowledged.map(({ topicName, partition }) => `${topicName}/${partition}`));
  for (const { topic, message } of records) {
    const name = `${topic}/${message.partition ?? -1}`;
    if (!answered.has(name)) {
      throw new Error(`no acknowledgement for ${name}`);
    }
  }
}
