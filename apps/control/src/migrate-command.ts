import { loadConfig } from '#libs/config';
import type { Logger } from '#libs/telemetry';
import { controlConfigTable } from './configuration.js';
import { openDataSource } from './persistence/data-source.js';
import { runCommand } from './run-command.js';

const { DATABASE_URL, LOG_LEVEL } = controlConfigTable;
const migrationSettings = { DATABASE_URL, LOG_LEVEL };

/**
 * `control migrate`: brings the tables up to date and ends, for a deployment that wants to know this before it
 * exchanges an app. Control does the same when it starts.
 */
export async function runMigrateCommand(
  logger: Logger,
  source?: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  return runCommand(logger, async () => {
    const config = loadConfig(migrationSettings, source);
    logger.level = config.LOG_LEVEL;
    const dataSource = await openDataSource(config.DATABASE_URL, logger);
    await dataSource.destroy();
    logger.info('the tables are up to date');
  });
}
