import type { IncomingRecord, OutgoingRecord } from '#libs/kafka';
import { rejectedTopic } from './topics.js';

const maxReasonLength = 500;
/** Of all headers together, as JSON text. */
const maxHeadersLength = 16_384;

/** What an app could not read, as it came, with where it stood and why it was put aside. */
export function rejectedRecord(app: string, incoming: IncomingRecord, reason: string): OutgoingRecord {
  const headers = JSON.stringify(incoming.headers);
  return {
    topic: rejectedTopic(app),
    key: incoming.key,
    value: incoming.value,
    headers: {
      'origin-topic': incoming.topic,
      'origin-partition': String(incoming.partition),
      'origin-offset': incoming.offset.toString(),
      'origin-timestamp': String(incoming.timestampMs),
      ...(headers.length <= maxHeadersLength ? { 'origin-headers': headers } : {}),
      reason: reason.slice(0, maxReasonLength),
    },
  };
}
