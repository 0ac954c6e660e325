import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import { delay, messageOf, RelayError } from '#libs/process';
import { isLockTimeout, isNoPermission } from '#libs/postgres';
import type { Logger } from '#libs/telemetry';
import { partIndexSql } from './declared-parts.js';
import { readCapturedTable, type CapturedTable } from './captured-tables.js';
import { establishEpoch } from './installation.js';

export interface Capture {
  epoch: string;
  tables: readonly CapturedTable[];
}

/** How long a statement may wait for a lock, and all of Odoo's writers of that table behind it. */
const lockTimeoutMs = 500;
const lockRetryMs = 2_000;
/** Taken for the installation, so that two instances do not make the same thing at once. */
const advisoryLock = 7_046_029_254;

/**
 * Brings the capture into the database, or back to what it should be: at every start, and when columns change.
 * @throws RelayError NOT_AN_ODOO_DATABASE, NO_PERMISSION or EPOCH_MISMATCH
 */
export async function installCapture(
  client: Client,
  models: readonly string[],
  logger: Logger,
): Promise<Capture> {
  try {
    await refuseIfNotOdoo(client);
    const epoch = await withLockRetries(client, logger, 'the schema relay', async () => {
      await client.query(captureSql());
      await client.query(partIndexSql);
      return establishEpoch(client);
    });
    const tables = await findTables(client, models, logger);
    for (const table of tables) {
      await ensureTrigger(client, table, logger);
    }
    return { epoch, tables };
  } catch (error) {
    throw isNoPermission(error) ? noPermission(error) : error;
  }
}

async function refuseIfNotOdoo(client: Client): Promise<void> {
  const { rows } = await client.query<{ odoo: boolean; name: string; version: number }>(
    `select to_regclass('ir_model_fields') is not null as odoo, current_database() as name,
            current_setting('server_version_num')::int as version`,
  );
  const [found] = rows;
  if (found?.odoo !== true) {
    throw new RelayError(
      'NOT_AN_ODOO_DATABASE',
      `the database ${found?.name ?? ''} has no table ir_model_fields, so it is not Odoo's: is ODOO_DATABASE_URL right?`,
    );
  }
  if (found.version < 130_000) {
    throw new RelayError(
      'NOT_AN_ODOO_DATABASE',
      'the capture needs PostgreSQL 13 or later: upgrade the server',
    );
  }
}

async function findTables(
  client: Client,
  models: readonly string[],
  logger: Logger,
): Promise<CapturedTable[]> {
  const tables: CapturedTable[] = [];
  for (const model of models) {
    const table = await readCapturedTable(client, model);
    if (table === undefined) {
      logger.warn({ model }, 'this model has no table with an id in the database: it is not captured');
    } else {
      tables.push(table);
    }
  }
  if (tables.length === 0) {
    throw new RelayError(
      'NOT_AN_ODOO_DATABASE',
      `none of the models ${models.join(', ')} has a table in this database: set MODELS to models that are installed`,
    );
  }
  return tables;
}

/** AFTER ROW INSERT OR UPDATE OR DELETE, as `pg_trigger.tgtype` has it. */
const triggerType = 29;

async function ensureTrigger(client: Client, table: CapturedTable, logger: Logger): Promise<void> {
  const args = [table.model, ...(table.denied.length > 0 ? [`{${table.denied.join(',')}}`] : [])];
  const { rows } = await client.query<{ right: boolean }>(
    `select tgfoid = 'relay.capture()'::regprocedure and tgtype = $2 and tgenabled in ('O', 'A')
            and encode(tgargs, 'hex') = $3 as right
     from pg_trigger where tgrelid = to_regclass(quote_ident($1)) and tgname = 'relay_capture'`,
    [table.table, triggerType, Buffer.from(args.map((arg) => `${arg}\0`).join('')).toString('hex')],
  );
  if (rows[0]?.right === true) {
    return;
  }
  const name = client.escapeIdentifier(table.table);
  await withLockRetries(client, logger, `the trigger on ${table.table}`, async () => {
    await client.query(`drop trigger if exists relay_capture on ${name}`);
    await client.query(
      `create trigger relay_capture after insert or update or delete on ${name}
       for each row execute function relay.capture(${args.map((arg) => client.escapeLiteral(arg)).join(', ')})`,
    );
  });
  logger.info({ model: table.model, denied: table.denied }, 'trigger installed');
}

/**
 * Runs `work` in a transaction that gives up when a lock is not free, and tries again: a trigger needs a lock
 * that waits for every open writer of the table, and all new writers would queue up behind it.
 */
async function withLockRetries<Result>(
  client: Client,
  logger: Logger,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    await client.query('begin');
    try {
      await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
      await client.query('set local client_min_messages = warning');
      await client.query('select pg_advisory_xact_lock($1)', [advisoryLock]);
      const result = await work();
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      if (!isLockTimeout(error)) {
        throw error;
      }
      logger.warn(
        { reason: messageOf(error) },
        `${what} has to wait for a transaction that holds a lock: trying again`,
      );
      await delay(lockRetryMs);
    }
  }
}

function noPermission(error: unknown): RelayError {
  return new RelayError(
    'NO_PERMISSION',
    `the user of ODOO_DATABASE_URL may not install the capture (${messageOf(error)}): connect as the owner of Odoo's tables, ` +
      'or grant it CREATE on the database and SELECT and TRIGGER on the tables',
    { cause: error },
  );
}

/** The script stands in `odoo/capture` of the checkout or image, above this file wherever that was built to. */
function captureSql(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'odoo/capture/capture.sql')) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  return readFileSync(join(folder, 'odoo/capture/capture.sql'), 'utf8');
}
