import CircuitBreaker from 'opossum';
import type { AttemptResult } from './attempt.js';

export interface BreakerLimits {
  /** Attempts within the window before the share of failures counts; as many failures in a row open it at any pace. */
  volume: number;
  /** How long a breaker stays open before one attempt is let through; doubles while that one fails. */
  resetMs: number;
}

/** Why nothing is sent to an endpoint. */
export interface OpenBreaker {
  reason: string;
  /** Milliseconds since 1970. */
  sinceMs: bigint;
}

const windowMs = 10_000;
const maxResetMs = 300_000;
/** These take up a lane for the whole time limit, so fewer of them are enough. */
const maxTimeoutsInARow = 5;
/** For those that come while the one attempt is under way that decides. */
const probeWaitMs = 1000;

type Attempt = () => Promise<AttemptResult>;

interface Breaker {
  circuit: CircuitBreaker<[Attempt], AttemptResult>;
  openUntilMs: number;
  timeoutsInARow: number;
  faultsInARow: number;
  failedAtMs: number;
  lastFault: string;
  open: OpenBreaker | undefined;
}

/** Tells opossum that an attempt failed; the result goes on as it is. */
class Fault extends Error {
  constructor(readonly result: AttemptResult) {
    super('attempt failed');
  }
}

/**
 * A breaker for each endpoint that fails, made at its first failure and dropped when a window has passed
 * without one: a healthy endpoint costs nothing. The clock is monotonic.
 */
export class Breakers {
  private readonly breakers = new Map<string, Breaker>();
  private readonly sweep: NodeJS.Timeout;

  constructor(private readonly limits: BreakerLimits) {
    this.sweep = setInterval(() => {
      this.dropHealthy();
    }, windowMs);
    this.sweep.unref();
  }

  get count(): number {
    return this.breakers.size;
  }

  /** How many of them are open, also where one attempt may be made. */
  get openCount(): number {
    return Array.from(this.breakers.values()).filter(({ open }) => open !== undefined).length;
  }

  /** undefined while its endpoint gets deliveries. */
  openBreaker(endpoint: string): OpenBreaker | undefined {
    return this.breakers.get(endpoint)?.open;
  }

  /** How long nothing may be sent to the endpoint; 0 when an attempt may be made. */
  waitMs(endpoint: string): number {
    const breaker = this.breakers.get(endpoint);
    if (breaker === undefined || breaker.circuit.closed || mayProbe(breaker)) {
      return 0;
    }
    return Math.max(probeWaitMs, breaker.openUntilMs - performance.now());
  }

  async run(endpoint: string, attempt: Attempt): Promise<AttemptResult> {
    const breaker = this.breakers.get(endpoint);
    if (breaker !== undefined) {
      return this.fire(breaker, attempt);
    }
    const result = await attempt();
    if (isFault(result)) {
      const created = this.breakers.get(endpoint) ?? this.create(endpoint);
      // Another attempt may have opened it meanwhile: then this one has nothing to add.
      if (created.circuit.closed) {
        await this.fire(created, () => Promise.resolve(result));
      }
    }
    return result;
  }

  close(): void {
    clearInterval(this.sweep);
    for (const { circuit } of this.breakers.values()) {
      circuit.shutdown();
    }
    this.breakers.clear();
  }

  private create(endpoint: string): Breaker {
    const circuit = new CircuitBreaker<[Attempt], AttemptResult>(orFault, {
      // The attempt has a time limit that really ends it.
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: this.limits.volume,
      rollingCountTimeout: windowMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      resetTimeout: this.limits.resetMs,
    });
    const breaker: Breaker = {
      circuit,
      openUntilMs: 0,
      timeoutsInARow: 0,
      faultsInARow: 0,
      failedAtMs: 0,
      lastFault: '',
      open: undefined,
    };
    this.breakers.set(endpoint, breaker);
    this.watch(breaker);
    return breaker;
  }

  /** Each time the one attempt fails, the next one waits twice as long. */
  private watch(breaker: Breaker): void {
    let resetMs = this.limits.resetMs;
    const { circuit } = breaker;
    const options = (circuit as unknown as { options: { resetTimeout: number } }).options;
    // Before opossum's own listener arms its timer with it.
    circuit.prependListener('open', () => {
      options.resetTimeout = resetMs;
      breaker.openUntilMs = performance.now() + resetMs;
      breaker.open ??= { reason: this.reasonOf(breaker), sinceMs: BigInt(Date.now()) };
      resetMs = Math.min(2 * resetMs, maxResetMs);
    });
    circuit.on('close', () => {
      resetMs = this.limits.resetMs;
      breaker.open = undefined;
    });
  }

  private reasonOf({ timeoutsInARow, faultsInARow, lastFault }: Breaker): string {
    if (timeoutsInARow >= maxTimeoutsInARow) {
      return `${String(timeoutsInARow)} attempts in a row got no answer in time`;
    }
    return faultsInARow >= this.limits.volume
      ? `${String(faultsInARow)} attempts in a row failed, the last with: ${lastFault}`
      : `half of the attempts of the last ${String(windowMs / 1000)} s failed, the last with: ${lastFault}`;
  }

  private async fire(breaker: Breaker, attempt: Attempt): Promise<AttemptResult> {
    try {
      const result = await breaker.circuit.fire(attempt);
      breaker.timeoutsInARow = 0;
      breaker.faultsInARow = 0;
      return result;
    } catch (error) {
      if (!(error instanceof Fault)) {
        throw error;
      }
      this.failed(breaker, error.result);
      return error.result;
    }
  }

  private failed(breaker: Breaker, { outcome, status, error }: AttemptResult): void {
    breaker.failedAtMs = performance.now();
    breaker.lastFault = status === null ? (error ?? outcome) : `HTTP ${String(status)}`;
    breaker.timeoutsInARow = outcome === 'timedOut' ? breaker.timeoutsInARow + 1 : 0;
    breaker.faultsInARow++;
    const isDown = breaker.timeoutsInARow >= maxTimeoutsInARow || breaker.faultsInARow >= this.limits.volume;
    if (isDown && breaker.circuit.closed) {
      breaker.circuit.open();
    }
  }

  private dropHealthy(): void {
    const nowMs = performance.now();
    for (const [endpoint, breaker] of this.breakers) {
      // One that is not closed, and that nobody has tried for so long, has no deliveries any more.
      const keptMs = breaker.circuit.closed ? windowMs : 2 * maxResetMs;
      if (breaker.failedAtMs + keptMs < nowMs) {
        breaker.circuit.shutdown();
        this.breakers.delete(endpoint);
      }
    }
  }
}

function mayProbe({ circuit }: Breaker): boolean {
  return circuit.halfOpen && circuit.pendingClose;
}

async function orFault(attempt: Attempt): Promise<AttemptResult> {
  const result = await attempt();
  if (isFault(result)) {
    throw new Fault(result);
  }
  return result;
}

/** An endpoint that says no to one delivery (4xx) is well; one that is overloaded or does not answer is not. */
function isFault(result: AttemptResult): boolean {
  const { outcome, status } = result;
  return (
    outcome === 'timedOut' || (outcome === 'failed' && (status === null || status >= 500 || status === 429))
  );
}
