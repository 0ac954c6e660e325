import type { IHeaders, KafkaMessage } from 'kafkajs';

/** A record to be written. Strings are UTF-8. */
export interface OutgoingRecord {
  topic: string;
  key: Buffer | string | null;
  /** null writes a tombstone. */
  value: Buffer | string | null;
  headers?: Readonly<Record<string, string>>;
  /** By default chosen from the key as Java's client does (murmur2). */
  partition?: number;
}

/** A record as it was read. */
export interface IncomingRecord {
  topic: string;
  partition: number;
  offset: bigint;
  /** Milliseconds since 1970, as the producer or broker set it. */
  timestampMs: number;
  key: Buffer | null;
  value: Buffer | null;
  /** UTF-8 text; of a header that stands more than once the last, and its name is in `duplicateHeaders`. */
  headers: Readonly<Record<string, string>>;
  duplicateHeaders: readonly string[];
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});
const noNames: readonly string[] = Object.freeze([]);

/** `topic` is the name without the installation's prefix. */
export function toIncomingRecord(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  const { headers, duplicateHeaders } = readHeaders(message.headers);
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers,
    duplicateHeaders,
  };
}

function readHeaders(raw: IHeaders | undefined): Pick<IncomingRecord, 'headers' | 'duplicateHeaders'> {
  const names = raw === undefined ? noNames : Object.keys(raw);
  if (raw === undefined || names.length === 0) {
    return { headers: noHeaders, duplicateHeaders: noNames };
  }
  // No prototype: a header may be called `__proto__`.
  const headers = Object.create(null) as Record<string, string>;
  let duplicates: string[] | undefined;
  for (const name of names) {
    const value = raw[name];
    if (Array.isArray(value)) {
      (duplicates ??= []).push(name);
      headers[name] = value.at(-1)?.toString() ?? '';
    } else {
      headers[name] = value?.toString() ?? '';
    }
  }
  return { headers, duplicateHeaders: duplicates ?? noNames };
}

/** Bytes the record takes on the wire, near enough to bound queues and batches. */
export function sizeOfRecord(record: OutgoingRecord): number {
  let bytes = 32 + sizeOf(record.key) + sizeOf(record.value);
  for (const name in record.headers) {
    // Headers are short and mostly ASCII; three bytes a character is the most UTF-8 takes.
    bytes += 2 + name.length + (record.headers[name]?.length ?? 0) * 3;
  }
  return bytes;
}

function sizeOf(text: Buffer | string | null): number {
  if (text === null) {
    return 0;
  }
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length;
}
