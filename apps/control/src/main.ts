import 'reflect-metadata';
import { loadConfig, maskedConfig } from '#libs/config';
import { runApp } from '#libs/process';
import { createLogger } from '#libs/telemetry';
import { controlConfigTable } from './configuration.js';
import { startControl } from './control-app.js';
import { runMigrateCommand } from './migrate-command.js';

const firstLogger = createLogger('control', 'info');

if (process.argv[2] === 'migrate') {
  process.exitCode = await runMigrateCommand(firstLogger);
} else {
  runApp({
    name: 'control',
    logger: firstLogger,
    start: () => {
      const config = loadConfig(controlConfigTable);
      const logger = createLogger('control', config.LOG_LEVEL);
      logger.info({ config: maskedConfig(controlConfigTable, config) }, 'starting');
      return startControl(config, logger);
    },
  });
}
