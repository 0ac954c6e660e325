import { messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { LedTask } from '../persistence/led-task.js';
import { locks } from '../persistence/locks.js';
import type { Erasures } from './erasures.js';

/** So soon one goes on whose request has answered, or whose instance has ended. */
const intervalMs = 2_000;
const retryMs = 5_000;
const leadership = {
  applicationName: 'odoo-relay-control-erasures',
  lock: locks.erasures,
  channel: 'relay_control_erasures',
};

export interface UnfinishedErasuresOptions {
  databaseUrl: string;
  erasures: Erasures;
  logger: Logger;
}

/** Ends the erasures that their requests have not: of all instances one does. */
export function unfinishedErasures({ databaseUrl, erasures, logger }: UnfinishedErasuresOptions): LedTask {
  const failed = (error: unknown, erasure?: string): void => {
    logger.warn({ error: messageOf(error), erasure }, 'erasures go on in some seconds');
  };
  return new LedTask({
    ...{ databaseUrl, leadership, intervalMs, retryMs, failed },
    round: async (ended) => {
      for (const id of await erasures.runningIds()) {
        // One that fails must not keep the others from it.
        await erasures
          .goOn(id, () => !ended.aborted)
          .catch((error: unknown) => {
            failed(error, id);
          });
      }
    },
  });
}
