import 'reflect-metadata';
import { loadConfig, maskedConfig } from '#libs/config';
import { runApp } from '#libs/process';
import { createLogger } from '#libs/telemetry';
import { controlConfigTable } from './configuration.js';
import { startControl } from './control-app.js';
import { runMigrateCommand } from './migrate-command.js';
import { runRepublishCommand } from './republish-command.js';

const firstLogger = createLogger('control', 'info');

if (process.argv[2] === 'migrate') {
  process.exitCode = await runMigrateCommand(firstLogger);
} else if (process.argv[2] === 'republish') {
  process.exitCode = await runRepublishCommand(firstLogger, process.argv.slice(3));
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
