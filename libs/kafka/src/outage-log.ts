import { messageOf, type Counter } from '#libs/process';
import type { Logger } from '#libs/telemetry';

/** Logs an outage once when it begins and once when it is over, however often it is tried in between. */
export class OutageLog {
  #sinceMs: number | undefined;
  #reason: string | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly what: string,
    /** Of each try. */
    private readonly failures?: Counter.Internal,
  ) {}

  /** Why it does not work, while that is so. */
  get reason(): string | undefined {
    return this.#reason;
  }

  failed(error: unknown): void {
    this.failures?.inc();
    this.#reason = `${this.what}: ${messageOf(error)}`;
    if (this.#sinceMs === undefined) {
      this.#sinceMs = performance.now();
      this.logger.warn({ err: error }, `${this.#reason}; trying again until it works`);
    }
  }

  recovered(): void {
    if (this.#sinceMs !== undefined) {
      const outageMs = Math.round(performance.now() - this.#sinceMs);
      this.#sinceMs = undefined;
      this.#reason = undefined;
      this.logger.info({ outageMs }, `${this.what}: works again`);
    }
  }
}
