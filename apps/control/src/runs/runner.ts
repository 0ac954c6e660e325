import { randomUUID } from 'node:crypto';
import type { Publisher } from '#libs/kafka';
import { delay, messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { leadAgainAndAgain, type LeaderSession, type Leadership } from '../persistence/leader-session.js';
import { isPostgresUnavailable } from '../persistence/postgres-errors.js';
import type { RunRow } from './run-row.js';
import type { RunningRows } from './running-rows.js';

/** Each holds a page of records, of about 1 MB; further ones wait for their turn. */
const maxAtOnce = 8;
/** Dry runs do not wait for those that send. */
const maxDryRunsAtOnce = 4;
/** For the case that a notification is lost. */
const idlePollMs = 1_000;
const retryMs = 1_000;

/** `failed`: by what would be the same the next time. */
export type RunEnd = 'done' | 'interrupted' | { failed: string };

export interface RunnerOptions<Row extends RunRow> {
  databaseUrl: string;
  /** What is run, for the log. */
  kind: 'redrive' | 'replay';
  leadership: Leadership;
  rows: RunningRows<Row>;
  /** A run from where it stands to its end; `save` resolves when its progress is kept for whoever goes on. */
  runOf(
    row: Row,
    save: (progress: Row['progress']) => Promise<void>,
  ): { run(signal: AbortSignal): Promise<RunEnd> };
  /** Of all its runs; closed at the stop. */
  publisher: Publisher;
  logger: Logger;
}

interface Active {
  abort: AbortController;
  ended: Promise<void>;
}

/**
 * Works on the runs of a kind that are running. Of all instances one does, by a lock of its session; what stands in the
 * table is all that the next one needs, after a crash, too.
 *
 *   waiting for the lock ──taken──► leading: begin what is new, abort what was stopped, wait for a notification
 *        ▲                              │
 *        └── 1 s ◄── session lost: all aborted
 */
export class Runner<Row extends RunRow> {
  private readonly stopping = new AbortController();
  private readonly active = new Map<string, Active>();
  private wake = new AbortController();
  private leading: Promise<void> = Promise.resolve();

  constructor(private readonly options: RunnerOptions<Row>) {}

  start(): void {
    this.leading = this.run();
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

  private run(): Promise<void> {
    const { databaseUrl, leadership, kind, logger } = this.options;
    return leadAgainAndAgain({
      ...{ databaseUrl, leadership, retryMs },
      stopping: this.stopping.signal,
      onEvent: () => {
        this.wake.abort();
      },
      lead: (session) => this.leadWith(session),
      failed: (error) => {
        logger.warn({ error: messageOf(error) }, `${kind}s wait: tries again in 1 s`);
      },
    });
  }

  private async leadWith(session: LeaderSession): Promise<void> {
    try {
      await this.lead(session);
    } finally {
      this.abortAllBut([]);
      await Promise.all([...this.active.values()].map(({ ended }) => ended));
    }
  }

  private async lead(session: LeaderSession): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // Renewed before the look: what is committed after it ends the wait below.
      this.wake = new AbortController();
      await session.check();
      const sending = await this.options.rows.ids({ dryRun: false }, maxAtOnce);
      const counting = await this.options.rows.ids({ dryRun: true }, maxDryRunsAtOnce);
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
      const { kind, logger, rows } = this.options;
      const message = messageOf(error);
      logger.warn({ [kind]: id, error: message }, `a ${kind} was interrupted`);
      if (!passes(error)) {
        await rows.end(id, runner, { state: 'failed', error: message }).catch(() => undefined);
      }
      await delay(retryMs, signal);
    }
  }

  private async workAs(runner: string, id: string, signal: AbortSignal): Promise<void> {
    const { kind, logger, rows } = this.options;
    const row = await rows.begin(id, runner);
    if (row === undefined) {
      return;
    }
    const run = this.options.runOf(row, (progress) => rows.save(id, runner, progress));
    logger.info({ [kind]: id, dryRun: row.dryRun }, `works on a ${kind}`);
    const startedMs = performance.now();
    const end = await run.run(signal);
    const durationMs = Math.round(performance.now() - startedMs);
    if (end === 'done') {
      await rows.end(id, runner, { state: 'done', error: null });
      logger.info({ [kind]: id, dryRun: row.dryRun, durationMs }, `a ${kind} is done`);
    } else if (end !== 'interrupted') {
      await rows.end(id, runner, { state: 'failed', error: end.failed });
      logger.warn({ [kind]: id, dryRun: row.dryRun, durationMs, error: end.failed }, `a ${kind} has failed`);
    }
  }
}

/** An outage, or another instance that has taken over; anything else would be the same the next time. */
function passes(error: unknown): boolean {
  return error instanceof RelayError || isPostgresUnavailable(error);
}
