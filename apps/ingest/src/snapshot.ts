/**
 * A Postgres snapshot: transactions below `xmax` had ended when it was taken, except `running`. The text is
 * Postgres's own, `xmin:xmax:running,…`.
 */
export interface Snapshot {
  text: string;
  xmax: bigint;
  running: readonly string[];
  /**
   * The highest sequence in the outbox when it was taken; null of snapshots from before that was known. A
   * Postgres that crashed gives the numbers of transactions that were rolled back once more, to others: these a
   * snapshot from before would pass off as seen. A sequence that was committed it never gives again.
   */
  lastSequence: bigint | null;
}

const snapshotPattern = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/;

export function parseSnapshot(text: string, lastSequence: bigint | null = null): Snapshot {
  const [, , xmax, running] = snapshotPattern.exec(text) ?? [];
  if (xmax === undefined || running === undefined) {
    throw new TypeError(`not a Postgres snapshot: ${JSON.stringify(text)}`);
  }
  return { text, xmax: BigInt(xmax), running: running === '' ? [] : running.split(','), lastSequence };
}

/** Sees nothing: all that is in the outbox is unread. 3 is Postgres's first ordinary transaction id. */
export const emptySnapshot: Snapshot = parseSnapshot('3:3:');

/**
 * A condition that holds for what `snapshot` did not see, in the form an index on `xact` can answer: what
 * began after it or was running in it. One old transaction makes it no more expensive, as "everything from
 * the snapshot's xmin on" would.
 */
export function unseenBy({ xmax, running, lastSequence }: Snapshot): string {
  const conditions = [`xact >= '${xmax.toString()}'::xid8`];
  if (running.length > 0) {
    conditions.push(`xact = any ('{${running.join(',')}}'::xid8[])`);
  }
  if (lastSequence !== null) {
    conditions.push(`sequence > ${lastSequence.toString()}`);
  }
  return conditions.length === 1 ? conditions.join('') : `(${conditions.join(' or ')})`;
}

export function seenBy({ text, lastSequence }: Snapshot): string {
  const visible = `pg_visible_in_snapshot(xact, '${text}'::pg_snapshot)`;
  return lastSequence === null ? visible : `(${visible} and sequence <= ${lastSequence.toString()})`;
}
