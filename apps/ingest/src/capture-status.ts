import type { Client } from 'pg';
import { findTables, refuseIfNotOdoo, type CaptureOptions } from './install-capture.js';
import { differences, readIdentity, readInstallation } from './installation.js';
import { readSlots } from './outbox-slots.js';
import { silentLogger } from '#libs/telemetry';
import { readTriggers } from './triggers.js';

/** Transactions that keep slots of the outbox from being emptied, the oldest first. */
const holdersSql = `
  select activity.pid, coalesce(activity.usename, '?') as user, activity.xact_start as since,
         coalesce(nullif(activity.application_name, ''), '?') as application,
         array_agg(distinct relname::text) as slots
  from pg_locks locks join pg_stat_activity activity using (pid) join pg_class slot on slot.oid = locks.relation
  where locks.database = (select oid from pg_database where datname = current_database())
    and slot.relnamespace = 'relay'::regnamespace and slot.relname ~ '^outbox(_\\d)?$'
    and pid <> pg_backend_pid()
  group by 1, 2, 3, 4 order by since limit 1`;

/** What there is of the capture in a database, as lines to read. */
export async function captureStatus(
  client: Client,
  models: readonly string[],
  options: Omit<CaptureOptions, 'outboxMaxBytes'>,
): Promise<string[]> {
  await refuseIfNotOdoo(client);
  if (!(await isInstalled(client))) {
    return ['The capture is not installed in this database.'];
  }
  return [
    ...(await installationLines(client)),
    ...(await outboxLines(client)),
    ...(await tableLines(client, models, options)),
    ...(await requestLines(client)),
  ];
}

export async function isInstalled(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ installed: boolean }>(
    `select to_regclass('relay.installation') is not null and to_regclass('relay.outbox_slot') is not null as installed`,
  );
  return rows[0]?.installed === true;
}

async function installationLines(client: Client): Promise<string[]> {
  const installed = await readInstallation(client);
  await client.query('begin');
  const differing = differences(installed, await readIdentity(client));
  await client.query('commit');
  return [
    `installed ${installed.installedAt.toISOString()}, epoch ${installed.epoch}`,
    ...(differing.length > 0
      ? [`this database is a copy or a restored backup: ingest refuses it (other ${differing.join(', ')})`]
      : []),
    ...(installed.loadsDue === null
      ? []
      : [
          `loads of all tables are due (${installed.loadsDue}): ingest requests them when open writers have ended`,
        ]),
  ];
}

async function outboxLines(client: Client): Promise<string[]> {
  const { outboxMaxBytes } = await readInstallation(client);
  const { state, slots, current, totalBytes } = await readSlots(client);
  const lines = [`capture is ${state}; the outbox has ${totalBytes} of ${outboxMaxBytes} bytes`];
  for (const { name, number, totalBytes: bytes } of slots) {
    const { rows } = await client.query<{ count: string }>(`select count(*) from only relay.${name}`);
    const isCurrent = number !== null && number === current;
    lines.push(`  ${name}: ${rows[0]?.count ?? '?'} rows, ${bytes} bytes${isCurrent ? ', written to' : ''}`);
  }
  const { rows: holders } = await client.query<{
    pid: number;
    user: string;
    since: Date | null;
    application: string;
    slots: string[];
  }>(holdersSql);
  for (const { pid, user, since, application, slots: held } of holders) {
    lines.push(
      `  oldest open transaction that holds slots: pid ${pid} of ${user} (${application}) since ${since?.toISOString() ?? '?'}: ${held.join(', ')}`,
    );
  }
  return lines;
}

async function tableLines(
  client: Client,
  models: readonly string[],
  options: Omit<CaptureOptions, 'outboxMaxBytes'>,
): Promise<string[]> {
  const tables = await findTables(client, models, silentLogger, options);
  const triggers = await readTriggers(client, tables);
  return [
    'tables and their triggers:',
    ...tables.map((table) => {
      const states = triggers.filter((trigger) => trigger.table === table);
      const shown = states.every(({ state }) => state === 'ok')
        ? 'ok'
        : states.map(({ name, state }) => `${name} ${state}`).join(', ');
      const denied = table.denied.length > 0 ? `; never captured: ${table.denied.join(', ')}` : '';
      return `  ${table.table}: ${shown}${denied}`;
    }),
  ];
}

async function requestLines(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `select format('  %s: %s (%s of %s rows)', relation, reason, rows_done, coalesce(rows_estimated::text, '?')) as line
     from relay.load_request where finished_at is null order by id limit 20`,
  );
  return rows.length === 0
    ? ['no table waits to be loaded']
    : ['tables that wait to be loaded:', ...rows.map(({ line }) => line)];
}
