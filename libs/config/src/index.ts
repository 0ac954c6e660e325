export {
  describeConfig,
  loadConfig,
  maskedConfig,
  type ConfigTable,
  type ConfigValues,
  type Setting,
} from './config-table.js';
export { kafkaSettings, httpSettings } from './kafka-and-http-settings.js';
export { outboundSettings } from './outbound-settings.js';
export { secretsSettings } from './secrets-settings.js';
export { tracingSettings } from './tracing-settings.js';
