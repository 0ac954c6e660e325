import type { ExistingPieces } from './existing.js';
import type { BrokerSecurity, ProxiedListener } from './kafka.js';

export type PieceName = 'kafka' | 'registry' | 'postgres';

/** A server of the stack that can be taken away and brought back, with its data, at the same address. */
export interface Piece {
  /** Undefined while it does not run; of a container, the pid of its first process. */
  pid(): Promise<number | undefined>;
  start(): Promise<void>;
  /** In order. */
  stop(): Promise<void>;
  /** As a crash would: kill -9. */
  kill(): Promise<void>;
}

/** Kafka, schema registry and Postgres: what the apps need around them. */
export interface Stack {
  readonly variant: 'embedded' | 'containers';
  readonly brokers: readonly string[];
  /** Speaks the protocol of Confluent's registry: `/subjects` follows. */
  readonly schemaRegistryUrl: string;
  /** Of a user who may create databases; names the database `postgres`. */
  readonly databaseUrl: string;
  readonly proxiedListeners: readonly ProxiedListener[];
  /** Those this stack has started: not the existing ones it was given. */
  readonly pieces: Readonly<Partial<Record<PieceName, Piece>>>;
  /** By name, those that run. */
  pids(): Promise<Record<string, number>>;
  /** Makes the database where it is missing, and gives its URL. */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** Ends all in order, as often as it is called. */
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Data, logs and ports of this stack; one stack at a time. */
  readonly directory: string;
  /** Called with one sentence for whatever takes time. */
  readonly progress?: (sentence: string) => void;
  /** Pieces to start, all by default; an address of one that is left out is an empty text. */
  readonly only?: readonly PieceName[];
  readonly existing?: ExistingPieces;
  /** Deletes what an earlier run has stored in the directory, and does not sync to disk. */
  readonly throwaway?: boolean;
  /** Further ways into Kafka for proxies; 0 by default. */
  readonly proxiedListeners?: number;
  /** Of an embedded Kafka only. */
  readonly kafkaSecurity?: BrokerSecurity;
  /** Gives up starting and stops what has been started. */
  readonly signal?: AbortSignal;
  /** A server ended though nobody asked it to. */
  readonly onUnexpectedExit?: (sentence: string) => void;
}

/** Pieces that have to be started. */
export function wantedPieces(options: StackOptions): Set<PieceName> {
  const wanted = new Set(options.only ?? (['kafka', 'registry', 'postgres'] as const));
  if (options.existing?.brokers !== undefined) wanted.delete('kafka');
  if (options.existing?.schemaRegistryUrl !== undefined) wanted.delete('registry');
  if (options.existing?.databaseUrl !== undefined) wanted.delete('postgres');
  return wanted;
}

export async function pidsOf(pieces: Stack['pieces']): Promise<Record<string, number>> {
  const pids: Record<string, number> = {};
  for (const [name, piece] of Object.entries(pieces)) {
    const pid = await piece.pid();
    if (pid !== undefined) pids[name] = pid;
  }
  return pids;
}
