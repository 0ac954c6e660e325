import type { CapturedTable } from '../captured-tables.js';
import type { LoadedRow } from './load-chunk.js';
import type { SequenceMark } from './sequence-mark.js';

/** How far a load is in the topics: part of the position, so that it is true whatever crashes. */
export interface LoadState {
  requestId: string;
  /** First the table's rows, then the deletes of what only the topic has; `done` until another load begins. */
  phase: 'rows' | 'deletes' | 'done';
  /** All ids of the phase up to this one are published; null for none. */
  afterId: bigint | null;
  rowsDone: bigint;
  mark: SequenceMark;
}

/** What is to be published in the next transaction, and what is true then. */
export interface LoadStep {
  table: CapturedTable;
  requestId: string;
  rows: readonly LoadedRow[];
  /** Records that are in the topic and not in the table. */
  gone: readonly bigint[];
  /** Of all of them. */
  sequence: bigint;
  state: LoadState;
}
