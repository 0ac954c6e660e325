import type { Client } from 'pg';
import { messageOf, RelayError } from '#libs/process';
import { isNoPermission } from '#libs/postgres';
import type { Logger } from '#libs/telemetry';
import { captureScript, installedVersion } from './capture-script.js';
import { modelOrTable, readCapturedTable, readRelationTable, type CapturedTable } from './captured-tables.js';
import { defaultColumnRules, isListed, type ColumnRules } from './column-types.js';
import { establishEpoch } from './installation.js';
import { withLockRetries } from './lock-retries.js';
import { findRelationTables, type FoundRelations, type RelationTables } from './relation-tables.js';
import { ensureTriggers } from './triggers.js';

export interface Capture {
  epoch: string;
  tables: readonly CapturedTable[];
}

export interface CaptureOptions extends ColumnRules {
  /** At which capture stops. */
  outboxMaxBytes: number;
  relationTables: RelationTables;
}

export const defaultCaptureOptions: CaptureOptions = {
  ...defaultColumnRules,
  outboxMaxBytes: 4_294_967_296,
  relationTables: 'all',
};

/**
 * Brings the capture into the database, or back to what it should be: at every start, and when columns change.
 * @throws RelayError NOT_AN_ODOO_DATABASE, NO_PERMISSION or EPOCH_MISMATCH
 */
export async function installCapture(
  client: Client,
  models: readonly string[],
  logger: Logger,
  options: CaptureOptions = defaultCaptureOptions,
): Promise<Capture> {
  try {
    await refuseIfNotOdoo(client);
    const epoch = await installSchema(client, logger, options);
    const tables = await findTables(client, models, logger, options);
    await ensureTriggers(client, tables, logger);
    return { epoch, tables };
  } catch (error) {
    throw isNoPermission(error) ? noPermission(error) : error;
  }
}

/** The script is run only where another one was run last, as it makes all plans of its functions anew. */
async function installSchema(client: Client, logger: Logger, options: CaptureOptions): Promise<string> {
  const { script, version } = captureScript();
  return withLockRetries(client, logger, 'the schema relay', async () => {
    if ((await installedVersion(client)) !== version) {
      await client.query(script);
    }
    const epoch = await establishEpoch(client);
    await client.query(
      `update relay.installation set script_version = $1, outbox_max_bytes = $2
       where (script_version, outbox_max_bytes) <> ($1, $2)`,
      [version, options.outboxMaxBytes],
    );
    return epoch;
  });
}

export async function refuseIfNotOdoo(client: Client): Promise<void> {
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

export async function findTables(
  client: Client,
  models: readonly string[],
  logger: Logger,
  options: Omit<CaptureOptions, 'outboxMaxBytes'>,
): Promise<CapturedTable[]> {
  const tables: CapturedTable[] = [];
  for (const model of models) {
    const table = await readCapturedTable(client, model, options);
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
  const relations = await findRelationTables(client, models, options.relationTables);
  for (const relation of relations.tables) {
    tables.push(await readRelationTable(client, relation, options));
  }
  warnOfMissing(relations, options.relationTables, logger);
  warnOfUnused('DENIED_COLUMNS', options.deniedColumns, tables, ({ denied }) => denied, logger);
  warnOfUnused('BINARY_COLUMNS', options.binaryColumns, tables, ({ binary }) => binary?.wanted ?? [], logger);
  return tables;
}

function warnOfMissing(found: FoundRelations, wanted: RelationTables, logger: Logger): void {
  const { tables, withoutPair } = found;
  if (withoutPair.length > 0) {
    logger.warn(
      { tables: withoutPair },
      'these relation tables have no unique pair of integers: they are not captured',
    );
  }
  const known = new Set([...withoutPair, ...tables.map(({ table }) => table)]);
  const missing = wanted === 'all' ? [] : wanted.filter((name) => !known.has(name));
  if (missing.length > 0) {
    logger.warn(
      { tables: missing },
      'RELATION_TABLES names tables of no many2many field: they are not captured',
    );
  }
}

function warnOfUnused(
  setting: string,
  list: readonly string[],
  tables: readonly CapturedTable[],
  columnsOf: (table: CapturedTable) => readonly string[],
  logger: Logger,
): void {
  const isUsed = (entry: string): boolean =>
    tables.some((table) => columnsOf(table).some((name) => isListed([entry], modelOrTable(table), name)));
  const unused = list.filter((entry) => !isUsed(entry));
  if (unused.length > 0) {
    logger.warn({ unused }, `${setting} names columns that no captured table has`);
  }
}

export function noPermission(error: unknown): RelayError {
  return new RelayError(
    'NO_PERMISSION',
    `the user of ODOO_DATABASE_URL may not install the capture (${messageOf(error)}): connect as the owner of Odoo's tables, ` +
      'or grant it CREATE on the database and SELECT and TRIGGER on the tables, or run "relay capture install --for-role" as that owner',
    { cause: error },
  );
}
