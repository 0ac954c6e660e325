export { createLogger, plainLogger, silentLogger, type Logger } from './logger.js';
