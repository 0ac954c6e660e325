import type { Logger } from '#libs/telemetry';
import { messageOf, RelayError } from './relay-error.js';

/** What an app hands over to be started, watched and stopped in order. */
export interface RunningApp {
  /** Stops taking new work, finishes what is under way and releases what is held. */
  stop(): Promise<void>;
}

export interface AppOptions {
  name: string;
  logger: Logger;
  /** Starts the app; `fail` ends the process with the error's exit code, for faults that no retry mends. */
  start(fail: (error: unknown) => void): Promise<RunningApp>;
  /** After this the process ends with exit code 1 although work is still under way. */
  stopTimeoutMs?: number;
}

/**
 * The life of an app: start, run until SIGTERM or SIGINT, drain, exit 0. A second signal exits at once with
 * 130. A {@link RelayError} ends it with one clear line and its exit code, anything else with 70.
 */
export function runApp(options: AppOptions): void {
  const { logger } = options;
  let running: RunningApp | undefined;
  let stopping = false;

  const fail = (error: unknown): void => {
    const exitCode = error instanceof RelayError ? error.exitCode : 70;
    if (error instanceof RelayError) {
      logger.fatal({ code: error.code, exitCode }, error.message);
    } else {
      logger.fatal({ err: error, exitCode }, `unexpected: ${messageOf(error)}`);
    }
    logger.flush();
    process.exit(exitCode);
  };

  const stop = (signal: string): void => {
    if (stopping) {
      process.exit(130);
    }
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.fatal({ signal }, 'did not stop in time');
      process.exit(1);
    }, options.stopTimeoutMs ?? 25_000).unref();
    void (running?.stop() ?? Promise.resolve()).then(() => {
      logger.info({ signal }, 'stopped');
      logger.flush();
      process.exit(0);
    }, fail);
  };

  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  options.start(fail).then((app) => {
    running = app;
    if (stopping) {
      void app.stop().then(() => process.exit(0), fail);
    }
  }, fail);
}
