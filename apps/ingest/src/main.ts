import 'reflect-metadata';
import { loadConfig, maskedConfig } from '#libs/config';
import { runApp } from '#libs/process';
import { createLogger } from '#libs/telemetry';
import { ingestSettings } from './settings.js';
import { startIngest } from './start-ingest.js';

const logger = createLogger('ingest', 'info');

runApp({
  name: 'ingest',
  logger,
  start: async (fail) => {
    const config = loadConfig(ingestSettings);
    logger.level = config.LOG_LEVEL;
    logger.info({ config: maskedConfig(ingestSettings, config) }, 'starting');
    return startIngest(config, logger.child({ database: config.DATABASE_SLUG }), fail);
  },
});
