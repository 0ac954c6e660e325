import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { RelayError } from '#libs/process';
import { sqlStateOf } from '#libs/postgres';

/** What tells one database from its restored backup, its copy and its staging twin. */
export interface DatabaseIdentity {
  systemIdentifier: string;
  databaseOid: string;
  /** Odoo's own `database.uuid`; empty where its table is missing. */
  databaseUuid: string;
}

/** Reads or makes the row that says which installation of the capture this is. Runs in a transaction. */
export async function establishEpoch(client: Client): Promise<string> {
  const identity = await readIdentity(client);
  await client.query(
    `insert into relay.installation (epoch, system_identifier, database_oid, database_uuid)
     values ($1, $2, $3, $4) on conflict do nothing`,
    [newEpoch(), identity.systemIdentifier, identity.databaseOid, identity.databaseUuid],
  );
  const installed = await readInstallation(client);
  const differing = differences(installed, identity);
  if (differing.length > 0) {
    throw new RelayError(
      'EPOCH_MISMATCH',
      `this database is a copy or a restored backup of the one the capture was installed in (other ${differing.join(', ')}): ` +
        'to capture it as a database of its own run "drop schema relay cascade" in it and start again with a DATABASE_SLUG of its own',
    );
  }
  return installed.epoch;
}

export interface Installation extends DatabaseIdentity {
  epoch: string;
  installedAt: Date;
  outboxMaxBytes: string;
  loadsDue: string | null;
}

export async function readInstallation(client: Client): Promise<Installation> {
  const { rows } = await client.query<Installation>(
    `select epoch, system_identifier as "systemIdentifier", database_oid as "databaseOid",
            database_uuid as "databaseUuid", installed_at as "installedAt", outbox_max_bytes as "outboxMaxBytes",
            loads_due as "loadsDue"
     from relay.installation`,
  );
  const [installed] = rows;
  if (installed === undefined) {
    throw new RelayError('INTERNAL', 'relay.installation has no row although the capture is installed');
  }
  return installed;
}

/** Runs in a transaction. */
export async function readIdentity(client: Client): Promise<DatabaseIdentity> {
  const { rows } = await client.query<{ oid: string; parameters: boolean }>(
    `select oid::text, to_regclass('ir_config_parameter') is not null as parameters
     from pg_database where datname = current_database()`,
  );
  return {
    systemIdentifier: await readSystemIdentifier(client),
    databaseOid: rows[0]?.oid ?? '',
    databaseUuid: rows[0]?.parameters === true ? await readUuid(client) : '',
  };
}

async function readUuid(client: Client): Promise<string> {
  const { rows } = await client.query<{ value: string | null }>(
    `select value from ir_config_parameter where key = 'database.uuid'`,
  );
  return rows[0]?.value ?? '';
}

/** Some hosters let nobody read it; the other two still tell databases apart. */
async function readSystemIdentifier(client: Client): Promise<string> {
  await client.query('savepoint identifier');
  try {
    const { rows } = await client.query<{ id: string }>(
      'select system_identifier::text as id from pg_control_system()',
    );
    return rows[0]?.id ?? '';
  } catch (error) {
    if (sqlStateOf(error) === undefined) {
      throw error;
    }
    await client.query('rollback to savepoint identifier');
    return '';
  }
}

/** What tells a database from the one that the capture was installed in; nothing when it is that one. */
export function differences(installed: DatabaseIdentity, found: DatabaseIdentity): string[] {
  return [
    installed.systemIdentifier === found.systemIdentifier ? undefined : 'Postgres cluster',
    installed.databaseOid === found.databaseOid ? undefined : 'database oid',
    // An Odoo that gets its uuid after the capture was installed is still the same.
    installed.databaseUuid === found.databaseUuid || installed.databaseUuid === ''
      ? undefined
      : "Odoo's database.uuid",
  ].filter((difference) => difference !== undefined);
}

/** 8 characters that sort and copy well; nothing in them has a meaning. */
function newEpoch(): string {
  return randomBytes(5).toString('hex').slice(0, 8);
}
