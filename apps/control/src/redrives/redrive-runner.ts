import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Kafka, Publisher } from '#libs/kafka';
import { delay, messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { LeaderSession, type Leadership } from '../persistence/leader-session.js';
import { isPostgresUnavailable } from '../persistence/postgres-errors.js';
import type { SubscriptionStates } from '../subscriptions/subscriptions.js';
import { RedriveRun } from './redrive-run.js';
import { redriveChannel } from './redrives.js';
import { RunningRedrives } from './running-redrives.js';

/** Each holds a page of letters, of about 1 MB; further ones wait for their turn. */
const maxAtOnce = 8;
/** Dry runs do not wait for those that send. */
const maxDryRunsAtOnce = 4;
/** For the case that a notification is lost. */
const idlePollMs = 1_000;
const retryMs = 1_000;
const leadership: Leadership = {
  applicationName: 'odoo-relay-control-redrives',
  lock: 7_362_174_003,
  channel: redriveChannel,
};

export interface RunnerOptions {
  databaseUrl: string;
  dataSource: DataSource;
  kafka: Pick<Kafka, 'readRange' | 'recordAt'>;
  publisher: Publisher;
  states: SubscriptionStates;
  logger: Logger;
}

interface Active {
  abort: AbortController;
  ended: Promise<void>;
}

/**
 * Works on the redrives that are running. Of all instances one does, by a lock of its session; what stands in the
 * table is all that the next one needs, after a crash, too.
 *
 *   waiting for the lock ──taken──► leading: begin what is new, abort what was stopped, wait for a notification
 *        ▲                              │
 *        └── 1 s ◄── session lost: all aborted
 */
export class RedriveRunner {
  private readonly stopping = new AbortController();
  private readonly running: RunningRedrives;
  private readonly active = new Map<string, Active>();
  private wake = new AbortController();
  private leading: Promise<void> = Promise.resolve();

  constructor(private readonly options: RunnerOptions) {
    this.running = new RunningRedrives(options.dataSource);
  }

  start(): void {
    this.leading = this.leadAgainAndAgain();
  }

  /** Finishes the steps under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake.abort();
    this.abortAllBut([]);
    // Through an outage of Kafka a write waits; a stop must not wait with it.
    await this.options.publisher.close();
    await this.leading;
  }

  private async leadAgainAndAgain(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.leadOrStandBy();
      } catch (error) {
        this.options.logger.warn({ error: messageOf(error) }, 'redrives wait: tries again in 1 s');
      }
      await delay(retryMs, this.stopping.signal);
    }
  }

  private async leadOrStandBy(): Promise<void> {
    const session = await LeaderSession.tryOpen(this.options.databaseUrl, leadership, () => {
      this.wake.abort();
    });
    try {
      if (session !== undefined) {
        await this.lead(session);
      }
    } finally {
      this.abortAllBut([]);
      await Promise.all([...this.active.values()].map(({ ended }) => ended));
      await session?.close();
    }
  }

  private async lead(session: LeaderSession): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // Renewed before the look: what is committed after it ends the wait below.
      this.wake = new AbortController();
      await session.check();
      const sending = await this.running.ids({ dryRun: false }, maxAtOnce);
      const counting = await this.running.ids({ dryRun: true }, maxDryRunsAtOnce);
      const ids = [...sending, ...counting];
      this.abortAllBut(ids);
      ids
        .filter((id) => !this.active.has(id))
        .forEach((id) => {
          this.begin(id);
        });
      await delay(idlePollMs, this.wake.signal);
    }
  }

  private abortAllBut(ids: readonly string[]): void {
    for (const [id, { abort }] of this.active) {
      if (!ids.includes(id)) {
        abort.abort();
      }
    }
  }

  private begin(id: string): void {
    const abort = new AbortController();
    if (this.stopping.signal.aborted) {
      return;
    }
    const ended = this.work(id, abort.signal).finally(() => {
      this.active.delete(id);
      this.wake.abort();
    });
    this.active.set(id, { abort, ended });
  }

  /** Never throws: what an outage interrupts is begun again from where it was saved. */
  private async work(id: string, signal: AbortSignal): Promise<void> {
    const runner = randomUUID();
    try {
      await this.workAs(runner, id, signal);
    } catch (error) {
      const message = messageOf(error);
      this.options.logger.warn({ redrive: id, error: message }, 'a redrive was interrupted');
      if (!passes(error)) {
        await this.running.end(id, runner, { state: 'failed', error: message }).catch(() => undefined);
      }
      await delay(retryMs, signal);
    }
  }

  private async workAs(runner: string, id: string, signal: AbortSignal): Promise<void> {
    const row = await this.running.begin(id, runner);
    if (row === undefined) {
      return;
    }
    const { logger } = this.options;
    const run = new RedriveRun(row, {
      ...this.options,
      save: (progress) => this.running.save(id, runner, progress),
    });
    logger.info({ redrive: id, dryRun: row.dryRun }, 'works on a redrive');
    if ((await run.run(signal)) === 'done') {
      await this.running.end(id, runner, { state: 'done', error: null });
      logger.info({ redrive: id }, 'a redrive is done');
    }
  }
}

/** An outage, or another instance that has taken over; anything else would be the same the next time. */
function passes(error: unknown): boolean {
  return error instanceof RelayError || isPostgresUnavailable(error);
}
