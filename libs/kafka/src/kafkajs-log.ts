import kafkajs from 'kafkajs';
import type { Logger } from '#libs/telemetry';

/**
 * kafkajs' log in ours, for debugging only: it calls a rebalance and every single try of a reconnect an error.
 * What an operator has to know is logged by this library, once per outage.
 */
export function kafkajsLogCreator(logger: Logger): kafkajs.logCreator {
  return () =>
    ({ namespace, level, log }) => {
      const method = level <= kafkajs.logLevel.WARN ? 'debug' : 'trace';
      const { message, groupId, broker, error } = log;
      logger[method]({ kafkajs: namespace, groupId, broker, error }, message);
    };
}

/** What kafkajs has to make at all: nothing, unless someone reads it. */
export function kafkajsLogLevel(logger: Logger): kafkajs.logLevel {
  if (logger.isLevelEnabled('trace')) {
    return kafkajs.logLevel.INFO;
  }
  return logger.isLevelEnabled('debug') ? kafkajs.logLevel.WARN : kafkajs.logLevel.NOTHING;
}
