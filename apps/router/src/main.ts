import 'reflect-metadata';
import { loadConfig, maskedConfig } from '#libs/config';
import { runApp } from '#libs/process';
import { createLogger } from '#libs/telemetry';
import { routerSettings } from './settings.js';
import { startRouter } from './start-router.js';

const logger = createLogger('router', 'info');

runApp({
  name: 'router',
  logger,
  start: async (fail) => {
    const config = loadConfig(routerSettings);
    logger.level = config.LOG_LEVEL;
    logger.info({ config: maskedConfig(routerSettings, config) }, 'starting');
    return startRouter(config, logger, fail);
  },
});
