/**
 * A Postgres snapshot: transactions below `xmax` had ended when it was taken, except `running`. The text is
 * Postgres's own, `xmin:xmax:running,…`.
 */
export interface Snapshot {
  text: string;
  xmax: bigint;
  running: readonly string[];
}

const snapshotPattern = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/;

export function parseSnapshot(text: string): Snapshot {
  const [, , xmax, running] = snapshotPattern.exec(text) ?? [];
  if (xmax === undefined || running === undefined) {
    throw new TypeError(`not a Postgres snapshot: ${JSON.stringify(text)}`);
  }
  return { text, xmax: BigInt(xmax), running: running === '' ? [] : running.split(',') };
}

/** Sees nothing: all that is in the outbox is unread. 3 is Postgres's first ordinary transaction id. */
export const emptySnapshot: Snapshot = parseSnapshot('3:3:');

/**
 * A condition that holds for what `snapshot` did not see, in the form an index on `xact` can answer: what
 * began after it or was running in it. One old transaction makes it no more expensive, as "everything from
 * the snapshot's xmin on" would.
 */
export function unseenBy(snapshot: Snapshot): string {
  const begunLater = `xact >= '${snapshot.xmax.toString()}'::xid8`;
  return snapshot.running.length === 0
    ? begunLater
    : `(${begunLater} or xact = any ('{${snapshot.running.join(',')}}'::xid8[]))`;
}

export function seenBy(snapshot: Snapshot): string {
  return `pg_visible_in_snapshot(xact, '${snapshot.text}'::pg_snapshot)`;
}
