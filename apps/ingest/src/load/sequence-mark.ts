import type { Client } from 'pg';
import type { Snapshot } from '../snapshot.js';

/**
 * A moment in the life of the change sequence: every change with a sequence up to `sequence` is of a
 * transaction that began before `xact`.
 */
export interface SequenceMark {
  sequence: bigint;
  xact: bigint;
}

/**
 * In this order: a transaction has its number before it takes a sequence, so those that had taken one when the
 * sequence was read have smaller numbers than the one that is taken afterwards. A snapshot's xmax would not do: it
 * is one more than the last transaction that ended, and younger ones may be running.
 */
export async function markSequence(client: Client): Promise<SequenceMark> {
  const sequence = await client.query<{ value: string }>(
    `select case when is_called then last_value else 0 end::text as value from relay.change_sequence`,
  );
  const xact = await client.query<{ value: string }>('select pg_current_xact_id()::text as value');
  return { sequence: BigInt(sequence.rows[0]?.value ?? 0), xact: BigInt(xact.rows[0]?.value ?? 0) };
}

/**
 * Whether all transactions from before the mark had ended in `snapshot`. Then every change that the snapshot
 * does not see has a sequence above the mark's.
 */
export function hasPassed(mark: SequenceMark, snapshot: Snapshot): boolean {
  const [xmin = '0'] = snapshot.text.split(':');
  return BigInt(xmin) >= mark.xact;
}
