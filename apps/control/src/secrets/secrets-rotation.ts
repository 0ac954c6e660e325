import { delay, messageOf } from '#libs/process';
import type { Leadership } from '../persistence/leader-session.js';
import { LedTask } from '../persistence/led-task.js';
import { Reencryption, type ReencryptionParts } from './reencryption.js';
import { locks } from '../persistence/locks.js';

/** For what instances that still have another first key have written meanwhile, and for rows that were locked. */
const intervalMs = 60_000;
const retryMs = 5_000;
const progressMs = 10_000;
const publishedPollMs = 250;
const leadership: Leadership = {
  applicationName: 'odoo-relay-control-secrets',
  lock: locks.secretsRotation,
  channel: 'relay_control_secrets',
};

export interface SecretsRotationOptions extends ReencryptionParts {
  databaseUrl: string;
}

/**
 * While SECRETS_KEY holds several keys, one instance encrypts everything with its first one, and says when the others
 * are needed no more. It leads as long as it runs, so that of instances that begin with different keys, as there are
 * while they are restarted one by one, only one has its way: no secret goes back and forth.
 */
export class SecretsRotation {
  private readonly task: LedTask;
  private readonly reencryption: Reencryption;
  /** Said once, until there is something to do again. */
  private saidThatDone = false;

  constructor(private readonly options: SecretsRotationOptions) {
    const { databaseUrl, logger } = options;
    this.reencryption = new Reencryption(options);
    this.task = new LedTask({
      ...{ databaseUrl, leadership, intervalMs, retryMs },
      round: (ended) => this.pass(ended),
      failed: (error) => {
        logger.warn(
          { error: messageOf(error) },
          `encrypting with the first key of SECRETS_KEY goes on in ${retryMs / 1_000} s`,
        );
      },
    });
  }

  /** With one key there is nothing to do. */
  start(): void {
    if (this.options.key.ids.length > 1) {
      this.task.start();
    }
  }

  /** Finishes the batch under way. */
  stop(): Promise<void> {
    return this.task.stop();
  }

  private async pass(ended: AbortSignal): Promise<void> {
    if ((await this.reencryption.left()) > 0) {
      this.saidThatDone = false;
      await this.reencrypt(ended);
    }
    if (!this.saidThatDone && (await this.isDone(ended))) {
      const { key, logger } = this.options;
      this.saidThatDone = true;
      logger.info(
        { firstKey: key.id, otherKeys: key.ids.slice(1) },
        'all secrets, in Postgres and in relay.subscriptions, are encrypted with the first key of SECRETS_KEY: an older one may be removed once every instance of control has had this one as the first for an hour',
      );
    }
  }

  private async reencrypt(ended: AbortSignal): Promise<void> {
    const { key, logger } = this.options;
    const tell = async (): Promise<void> => {
      const left = await this.reencryption.left();
      logger.info({ left, firstKey: key.id }, 'rows to encrypt with the first key of SECRETS_KEY');
    };
    await tell();
    let toldMs = performance.now();
    const goesOn = (): boolean => {
      if (performance.now() - toldMs > progressMs) {
        toldMs = performance.now();
        void tell().catch(() => undefined);
      }
      return !ended.aborted;
    };
    await this.reencryption.run(goesOn);
    if (!ended.aborted) {
      await tell();
    }
  }

  /** Nothing is left in Postgres, and what was written there has reached the topic. */
  private async isDone(ended: AbortSignal): Promise<boolean> {
    const { outbox } = this.options;
    if ((await this.reencryption.left()) > 0) {
      return false;
    }
    const last = await outbox.lastSequence();
    while (last !== undefined && !(await outbox.isPublishedUpTo(last))) {
      await delay(publishedPollMs, ended);
      if (ended.aborted) {
        return false;
      }
    }
    return true;
  }
}
