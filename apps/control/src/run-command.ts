import { messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';

/** What is run once and ends: gives the exit code, and says in one line why it is not 0. */
export async function runCommand(logger: Logger, run: () => Promise<void>): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    const exitCode = error instanceof RelayError ? error.exitCode : 70;
    logger.fatal({ exitCode }, messageOf(error));
    return exitCode;
  }
}
