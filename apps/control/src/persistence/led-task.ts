import { delay } from '#libs/process';
import { leadAgainAndAgain, type LeaderSession, type Leadership } from './leader-session.js';

export interface LedTaskOptions {
  databaseUrl: string;
  leadership: Leadership;
  /** Between two rounds. */
  intervalMs: number;
  retryMs: number;
  /** One round; it ends early where `ended` says so: at the stop, or when the lock is lost. */
  round(ended: AbortSignal): Promise<void>;
  failed(error: unknown): void;
}

/** What one instance at a time does, round by round. */
export class LedTask {
  private readonly stopping = new AbortController();
  private lost = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: LedTaskOptions) {}

  start(): void {
    this.running = leadAgainAndAgain({
      ...this.options,
      stopping: this.stopping.signal,
      onEvent: () => {
        this.lost.abort();
      },
      lead: (session) => this.lead(session),
    });
  }

  /** Lets the round under way end. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async lead(session: LeaderSession): Promise<void> {
    // Renewed before the look: a lock that is lost after it ends what is under way.
    this.lost = new AbortController();
    const ended = AbortSignal.any([this.stopping.signal, this.lost.signal]);
    while (!ended.aborted) {
      await session.check();
      await this.options.round(ended);
      await delay(this.options.intervalMs, ended);
    }
  }
}
