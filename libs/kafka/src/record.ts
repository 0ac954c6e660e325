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
