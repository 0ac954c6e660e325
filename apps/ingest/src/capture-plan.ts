import type { Client } from 'pg';
import { RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { captureScript, installedVersion } from './capture-script.js';
import type { CapturedTable } from './captured-tables.js';
import { withLockRetries } from './lock-retries.js';
import { outboxTables, slotValue } from './outbox-slots.js';
import { readTriggers, repairSql } from './triggers.js';

/** The statements that an installation would run, the script by its name. */
export async function installPlan(client: Client, tables: readonly CapturedTable[]): Promise<string[]> {
  const isCurrent = (await installedVersion(client)) === captureScript().version;
  const triggers = await readTriggers(client, tables);
  return [
    ...(isCurrent ? [] : ['odoo/capture/capture.sql: the schema relay with the outbox and its functions']),
    ...triggers.flatMap((trigger) => repairSql(client, trigger)),
  ];
}

/** What ingest needs when an administrator has installed the capture for it. It cannot upgrade it then. */
export function grantsFor(client: Client, role: string, tables: readonly CapturedTable[]): string[] {
  const to = client.escapeIdentifier(role);
  const names = tables.map(({ table }) => client.escapeIdentifier(table)).join(', ');
  const slots = outboxTables.map((name) => `relay.${name}`).join(', ');
  return [
    `grant usage on schema relay to ${to}`,
    `grant select, truncate on ${slots} to ${to}`,
    `grant select, insert, update on relay.installation, relay.captured_table, relay.load_request to ${to}`,
    `grant select, update on sequence relay.change_sequence, relay.outbox_slot to ${to}`,
    `grant execute on all functions in schema relay to ${to}`,
    `grant select, trigger on ${names} to ${to}`,
  ];
}

interface RelayTrigger {
  table: string;
  name: string;
}

/** By what they call, so that those of tables that are no longer captured are found too. */
async function relayTriggers(client: Client): Promise<RelayTrigger[]> {
  const { rows } = await client.query<RelayTrigger>(
    `select tgrelid::regclass::text as "table", quote_ident(tgname) as name
     from pg_trigger join pg_proc on pg_proc.oid = tgfoid
     where pronamespace = to_regnamespace('relay') and not tgisinternal order by 1, 2`,
  );
  return rows;
}

const dropSql = ({ table, name }: RelayTrigger): string => `drop trigger if exists ${name} on ${table}`;

export async function uninstallPlan(client: Client): Promise<string[]> {
  await refuseOtherTables(client);
  return [...(await relayTriggers(client)).map(dropSql), 'drop schema relay cascade'];
}

/**
 * Takes the capture out, table by table, so that no writer waits. It is paused first: nobody should read the
 * outbox of half the tables.
 */
export async function uninstallCapture(client: Client, logger: Logger): Promise<void> {
  await refuseWhileIngestRuns(client);
  await client.query(
    `select setval('relay.outbox_slot', ${slotValue.paused}) where to_regclass('relay.outbox_slot') is not null`,
  );
  for (const trigger of await relayTriggers(client)) {
    await withLockRetries(client, logger, `the trigger on ${trigger.table}`, () =>
      client.query(dropSql(trigger)),
    );
  }
  await withLockRetries(client, logger, 'the schema relay', () => client.query('drop schema relay cascade'));
}

const ownTables = ['installation', 'load_request', 'captured_table', ...outboxTables];

/** The new tables of a Postgres user who is called relay get into this schema, unless he says otherwise. */
async function refuseOtherTables(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = to_regnamespace('relay') and relkind in ('r', 'p', 'v', 'm', 'f')
       and relname <> all ($1::text[]) order by 1`,
    [ownTables],
  );
  if (rows.length > 0) {
    throw new RelayError(
      'IN_USE',
      `the schema relay holds what is not the capture's (${rows.map(({ name }) => name).join(', ')}): ` +
        'move it with "alter table … set schema public", then uninstall',
    );
  }
}

/** It would put the triggers back, and the schema at its next connection. */
async function refuseWhileIngestRuns(client: Client): Promise<void> {
  const { rowCount } = await client.query(
    `select from pg_stat_activity where datname = current_database() and application_name like 'odoo-relay ingest%'`,
  );
  if (rowCount !== 0) {
    throw new RelayError(
      'IN_USE',
      'ingest is connected to this database and would put the capture back: stop it, then uninstall',
    );
  }
}
