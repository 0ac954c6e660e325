import { delay } from '#libs/process';
import { leadAgainAndAgain, type LeaderSession, type Leadership } from './leader-session.js';

export interface LedTaskOptions {
  databaseUrl: string;
  leadership: Leadership;
  /** Between two rounds; a notification begins the next one at once. */
  intervalMs: number;
  retryMs: number;
  /** One round; it ends early where `ended` says so. */
  round(ended: AbortSignal): Promise<void>;
  failed(error: unknown): void;
}

/** What one instance at a time does, round by round. */
export class LedTask {
  private readonly stopping = new AbortController();
  private wake = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: LedTaskOptions) {}

  start(): void {
    this.running = leadAgainAndAgain({
      ...this.options,
      stopping: this.stopping.signal,
      onEvent: () => {
        this.wake.abort();
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
    const ended = this.stopping.signal;
    while (!ended.aborted) {
      // Renewed before the look: what is committed after it, and a lock that is lost, end the wait below.
      this.wake = new AbortController();
      await session.check();
      await this.options.round(ended);
      await delay(this.options.intervalMs, AbortSignal.any([ended, this.wake.signal]));
    }
  }
}
