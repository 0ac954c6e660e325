import 'reflect-metadata';
import { loadConfig, maskedConfig } from '#libs/config';
import { runApp } from '#libs/process';
import { createLogger } from '#libs/telemetry';
import { deliverySettings } from './settings.js';
import { startDelivery } from './start-delivery.js';

const logger = createLogger('delivery', 'info');

runApp({
  name: 'delivery',
  logger,
  start: async (fail) => {
    const config = loadConfig(deliverySettings);
    logger.level = config.LOG_LEVEL;
    logger.info({ config: maskedConfig(deliverySettings, config) }, 'starting');
    return startDelivery(config, logger, fail);
  },
});
