import type { Logger } from '#libs/telemetry';
import { RelayError, type RelayErrorCode } from './relay-error.js';
import { delay } from './time.js';

const retryMs = 1_000;
const away: readonly RelayErrorCode[] = ['KAFKA_UNAVAILABLE', 'REGISTRY_UNAVAILABLE', 'POSTGRES_UNAVAILABLE'];

/**
 * How long a start waits for servers that do not answer, instead of ending: where everything is started at once and
 * what ends is started again later and later, waiting is faster, and tells more.
 */
export class Patience {
  private readonly endMs: number;
  /** Each reason is told once: that Kafka is there and takes no password is another than that it is not there. */
  private readonly told = new Set<string>();

  constructor(
    { START_PATIENCE_MS }: { START_PATIENCE_MS: number },
    private readonly logger: Logger,
    /** Is told what it waits for, each time it has asked in vain. */
    readonly onWaiting: (reason: string) => void,
  ) {
    this.endMs = performance.now() + START_PATIENCE_MS;
  }

  /** @throws RelayError the last one, when the patience is at its end; any other error at once. */
  async for<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!this.isWorthWaiting(error)) throw error;
        this.tell(error);
        await delay(retryMs);
      }
    }
  }

  private isWorthWaiting(error: unknown): error is RelayError {
    return (
      error instanceof RelayError && away.includes(error.code) && performance.now() + retryMs < this.endMs
    );
  }

  private tell({ code, message }: RelayError): void {
    this.onWaiting(message);
    if (!this.told.has(message)) this.logger.warn({ code }, `waiting to start: ${message}`);
    this.told.add(message);
  }
}
