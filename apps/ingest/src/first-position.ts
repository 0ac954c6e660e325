import type { Client } from 'pg';
import { RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import type { Position } from './position.js';
import { emptySnapshot, parseSnapshot } from './snapshot.js';

export interface FirstPositionOptions {
  /** The epoch that the operator has said to go on with; empty for none. */
  acceptedEpoch: string;
  logger: Logger;
}

/**
 * Where to go on. A database that was never published begins with all that its outbox holds: the triggers
 * were there before, so nothing that was committed since is missing. One that was, and whose topics are gone with
 * their Kafka or are others by name, begins with that, too, and its tables are loaded for what is no longer there.
 * @throws RelayError EPOCH_MISMATCH when the topics' last position is not one of this database as it is now.
 */
export async function firstPosition(
  client: Client,
  published: Position | undefined,
  epoch: string,
  { acceptedEpoch, logger }: FirstPositionOptions,
): Promise<Position> {
  const fresh: Position = { epoch, from: emptySnapshot, to: null, sequence: 0n, load: null };
  if (published === undefined) {
    await loadWhatTopicsLack(client, logger);
    return fresh;
  }
  if (published.epoch === epoch) {
    await refuseIfSetBack(client, published);
    return published;
  }
  if (acceptedEpoch === epoch) {
    // What was changed or deleted between the two epochs, no outbox tells.
    await client.query(loadAllSql);
    await riseAbove(client, published);
    logger.warn(
      { epoch, published: published.epoch },
      'goes on with a new epoch, as ACCEPT_EPOCH says: all tables are to be loaded',
    );
    return fresh;
  }
  throw new RelayError(
    'EPOCH_MISMATCH',
    `the topics were written from an installation with epoch ${published.epoch}, this database has epoch ${epoch}: ` +
      `changes may be missing in its topics; set ACCEPT_EPOCH=${epoch} to go on all the same, ` +
      'or give this database a DATABASE_SLUG of its own',
  );
}

/** What comes now is later than what came, also by its sequence: readers drop what is below what they have. */
async function riseAbove(client: Client, { sequence, from }: Position): Promise<void> {
  const last = from.lastSequence ?? 0n;
  await client.query(
    `select setval('relay.change_sequence', greatest($1, nextval('relay.change_sequence')))`,
    [String(sequence > last ? sequence : last)],
  );
}

const loadAllSql = `update relay.installation set loads_due = coalesce(loads_due, 'gap')`;

/** Where the outbox was emptied or a load was begun, the topics have held more than the outbox does. */
async function loadWhatTopicsLack(client: Client, logger: Logger): Promise<void> {
  const { rowCount } = await client.query(
    `${loadAllSql} where outbox_emptied or exists (select from relay.load_request where started_at is not null)`,
  );
  if (rowCount === 1) {
    logger.warn(
      'the topics have no position of this database although it was published before: all tables are to be loaded',
    );
  }
}

/**
 * Its epoch cannot be accepted: the ids of its next changes are those of others that are in the topics. To be asked
 * at the start and with each new connection: the server may have been restored while it was away.
 * @throws RelayError EPOCH_MISMATCH
 */
export async function refuseIfSetBack(client: Client, published: Position): Promise<void> {
  const { rows } = await client.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
  const now = parseSnapshot(rows[0]?.snapshot ?? '');
  if (now.xmax < published.from.xmax && !(await givesNewSequences(client, published.from.lastSequence))) {
    throw new RelayError(
      'EPOCH_MISMATCH',
      'this database was set back to an earlier state than the one that is in its topics: ' +
        'run "drop schema relay cascade" in it and start again, for a new epoch',
    );
  }
}

/** After a crash Postgres gives numbers of transactions once more, but no sequence of a change that was committed. */
async function givesNewSequences(client: Client, lastSequence: bigint | null): Promise<boolean> {
  if (lastSequence === null) {
    return false;
  }
  const { rows } = await client.query<{ last: string }>(
    'select last_value::text as last from relay.change_sequence',
  );
  return BigInt(rows[0]?.last ?? 0) >= lastSequence;
}
